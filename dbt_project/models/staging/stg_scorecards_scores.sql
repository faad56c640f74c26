with

source as (
    select * from {{ source('scorecards', 'scores') }}
),

renamed as (
    select
        week,
        release_id,
        stratum_id,
        population,
        measure,
        estimate,
        se as standard_error,
        lo as ci_low,
        hi as ci_high,
        n,
        n_labels,
        n_eff,
        method,
        array_to_string(failed_assumptions, '; ') as failed_assumptions,
        is_headline,
        headline_reason,
        status,
        array_to_string(inputs, '; ') as inputs
    from source
)

select * from renamed
