{{ config(materialized="incremental") }}

with

judged as (
    -- a control's truth is known; it tests the judge and never counts as an answer
    select * from {{ ref('stg_verdicts_judged') }}
    where
        unit = 'item'
        -- of a release that nobody has listed, no dimension tells
        and release_id in (select release_id from {{ ref('stg_releases_registry') }})
),

audited as (
    select * from {{ ref('stg_verdicts_audited') }} where unit = 'item'
),

items as (
    select * from {{ ref('stg_eval_sets_versions') }}
),

joined as (
    select
        judged.*,
        items.stratum_id,
        items.split,
        items.role as population,
        -- the audit attacks passes that the panel gave when it graded an answer alone
        case when judged.judge_role = 'panel' and judged.task = 'grade' then audited.audit_status end as audit_status
    from judged
    left join items
        on judged.version = items.version
        and judged.item_id = items.item_id
    left join audited
        on judged.week = audited.week
        and judged.version = audited.version
        and judged.item_id = audited.item_id
        and judged.release_id = audited.release_id
        and judged.mode = audited.mode
)

select
    {{ row_key(['week', 'version', 'item_id', 'release_id', 'baseline_release_id', 'mode', 'judge', 'task']) }} as verdict_key,
    week,
    version,
    population,
    item_id,
    stratum_id,
    split,
    release_id,
    nullif(baseline_release_id, '') as baseline_release_id,
    mode,
    judge,
    judge_role,
    judge_family,
    task,
    status,
    verdict,
    first_order,
    second_order,
    first_order = second_order as is_consistent,
    audit_status,
    evaluator_version
from joined
