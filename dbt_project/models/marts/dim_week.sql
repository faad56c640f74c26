{{ config(materialized="incremental") }}

with

scores as (
    select * from {{ ref('stg_scorecards_scores') }}
),

conversations as (
    select * from {{ ref('stg_samples_assigned') }}
),

outcomes as (
    select * from {{ ref('stg_outcomes_matured') }}
),

items as (
    select * from {{ ref('stg_samples_drawn') }}
),

refused as (
    select * from {{ ref('stg_traces_quarantine') }}
),

weeks as (
    select
        week,
        -- the least settled row decides
        case
            when bool_or(status = 'STALE') then 'STALE'
            when bool_or(status = 'PROVISIONAL') then 'PROVISIONAL'
            else 'FINAL'
        end as status
    from scores
    group by week
),

conversation_counts as (
    select week, count(*) as n_conversations from conversations group by week
),

outcome_counts as (
    select
        week,
        count(*) filter (where status = 'observed') as n_outcomes_observed,
        count(*) filter (where status = 'unmatured') as n_outcomes_unmatured
    from outcomes
    group by week
),

item_counts as (
    select week, count(*) as n_items_drawn from items group by week
),

refused_counts as (
    select week, count(*) as n_records_refused from refused group by week
)

select
    weeks.week,
    cast(weeks.week + interval 6 days as date) as week_end,
    strftime(weeks.week, '%G-W%V') as iso_week,
    {{ status_now('weeks.status', 'weeks.week') }} as status,
    coalesce(conversation_counts.n_conversations, 0) as n_conversations,
    coalesce(item_counts.n_items_drawn, 0) as n_items_drawn,
    coalesce(outcome_counts.n_outcomes_observed, 0) as n_outcomes_observed,
    coalesce(outcome_counts.n_outcomes_unmatured, 0) as n_outcomes_unmatured,
    coalesce(refused_counts.n_records_refused, 0) as n_records_refused
from weeks
left join conversation_counts on weeks.week = conversation_counts.week
left join item_counts on weeks.week = item_counts.week
left join outcome_counts on weeks.week = outcome_counts.week
left join refused_counts on weeks.week = refused_counts.week
