{{ config(materialized="incremental") }}

with

scores as (
    select * from {{ ref('stg_scorecards_scores') }}
)

select
    {{ row_key(['week', 'release_id', 'stratum_id', 'population', 'measure']) }} as scorecard_key,
    week,
    release_id,
    stratum_id,
    population,
    measure,
    estimate,
    standard_error,
    ci_low,
    ci_high,
    n,
    n_labels,
    n_eff,
    method,
    failed_assumptions,
    is_headline,
    headline_reason,
    {{ status_now('status') }} as status,
    inputs
from scores
