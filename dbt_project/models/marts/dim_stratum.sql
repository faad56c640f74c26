with

strata as (
    select * from {{ ref('stg_samples_strata') }}
),

every_stratum as (
    -- scores of a release as a whole carry this member
    select 'ALL' as stratum_id, 'All strata' as stratum_name
)

select
    stratum_id,
    stratum_name,
    stratification,
    born_week,
    parent_id,
    n_training
from strata

union all

select
    stratum_id,
    stratum_name,
    null,
    null,
    null,
    null
from every_stratum
