{{ config(materialized="incremental") }}

with

gap as (
    select * from {{ ref('stg_scorecards_gap') }}
)

select
    {{ row_key(['week', 'release_id', 'form', 'component']) }} as gap_key,
    week,
    release_id,
    form,
    component,
    bar,
    estimate,
    standard_error,
    ci_low,
    ci_high,
    n,
    n_labels,
    is_identified,
    -- a bar that covers zero is not distinguishable from it
    coalesce(ci_low > 0 or ci_high < 0, false) as excludes_zero,
    reason,
    {{ status_now('status') }} as status
from gap
