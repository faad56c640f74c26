with

source as (
    select * from {{ source('scorecards', 'gap') }}
),

renamed as (
    select
        week,
        release_id,
        form,
        component,
        bar,
        estimate,
        se as standard_error,
        lo as ci_low,
        hi as ci_high,
        n,
        n_labels,
        is_identified,
        reason,
        status
    from source
)

select * from renamed
