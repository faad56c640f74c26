with

source as (
    select * from {{ source('verdicts', 'audited') }}
),

renamed as (
    select
        week,
        unit,
        version,
        item_id,
        release_id,
        mode,
        status as audit_status,
        n_refuters
    from source
)

select * from renamed
