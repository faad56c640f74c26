with

source as (
    select * from {{ source('verdicts', 'judged') }}
),

renamed as (
    select
        week,
        unit,
        version,
        item_id,
        release_id,
        baseline_release_id,
        mode,
        judge,
        judge_role,
        judge_family,
        task,
        status,
        verdict,
        first as first_order,
        second as second_order,
        evaluator_version
    from source
)

select * from renamed
