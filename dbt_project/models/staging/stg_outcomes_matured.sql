with

source as (
    select * from {{ source('outcomes', 'matured') }}
),

renamed as (
    select
        week,
        conversation_id,
        release_id,
        status,
        is_mature,
        y as north_star
    from source
)

select * from renamed
