with

source as (
    select * from {{ source('samples', 'drawn') }}
),

renamed as (
    select
        week,
        item_id,
        stratum_id,
        release_id,
        weight
    from source
)

select * from renamed
