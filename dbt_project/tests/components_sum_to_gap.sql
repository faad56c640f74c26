-- The promise of the ladder: its lines sum to the gap, in every release, week and form. A line that is not identified
-- is null and its mass is in `not_identified`.
select
    week,
    release_id,
    form,
    coalesce(sum(estimate) filter (where component not in ('gap') and not starts_with(component, 'bar_')), 0) as total,
    max(estimate) filter (where component = 'gap') as gap
from {{ ref('fct_gap') }}
group by all
having abs(total - gap) > 1e-9 or gap is null
