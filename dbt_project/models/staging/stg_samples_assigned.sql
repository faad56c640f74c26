with

source as (
    select * from {{ source('samples', 'assigned') }}
),

renamed as (
    select
        week,
        conversation_id,
        stratum_id,
        release_id,
        is_far
    from source
)

select * from renamed
