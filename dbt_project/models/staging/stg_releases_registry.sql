with

source as (
    select * from {{ source('releases', 'registry') }}
),

renamed as (
    select
        week as deployed_week,
        release_id,
        family,
        model,
        prompt_hash,
        deployed_at,
        training_cutoff,
        traffic,
        answers_by,
        is_reference
    from source
)

select * from renamed
