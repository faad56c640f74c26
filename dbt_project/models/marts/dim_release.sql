with

releases as (
    select * from {{ ref('stg_releases_registry') }}
)

select
    release_id,
    cast(row_number() over (order by deployed_at, release_id) as integer) as release_number,
    family,
    model,
    prompt_hash,
    deployed_week,
    deployed_at,
    training_cutoff,
    traffic,
    answers_by,
    is_reference
from releases
