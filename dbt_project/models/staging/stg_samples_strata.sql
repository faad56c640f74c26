with

source as (
    select * from {{ source('samples', 'strata') }}
),

renamed as (
    select
        week as born_week,
        stratum_id,
        stratification,
        name as stratum_name,
        parent_id,
        n_training
    from source
)

select * from renamed
