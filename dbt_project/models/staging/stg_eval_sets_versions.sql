with

source as (
    select * from {{ source('eval_sets', 'versions') }}
),

renamed as (
    select
        version,
        item_id,
        role,
        stratum_id,
        split,
        status
    from source
)

select * from renamed
