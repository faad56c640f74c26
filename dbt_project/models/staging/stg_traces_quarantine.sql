with

source as (
    select * from {{ source('traces', 'quarantine') }}
),

renamed as (
    select
        week,
        file,
        line,
        reason
    from source
)

select * from renamed
