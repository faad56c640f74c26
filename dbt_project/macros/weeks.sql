{# `weeks` is a comma-separated list of Mondays, or "all"; only these weeks are loaded, and they are replaced whole. #}

{# Before an incremental model inserts: a week that has lost its rows would otherwise keep the old ones. #}
{% macro forget_weeks() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ week_in(var('weeks', 'all')) }}
    {%- endif -%}
{%- endmacro %}

{# Whether the column `column` is one of a comma-separated list. #}
{% macro week_in(weeks, column='week') -%}
    {%- if weeks == 'all' -%}
        true
    {%- elif not weeks -%}
        false
    {%- else -%}
        {{ column }} in ({% for week in weeks.split(',') %}date '{{ week }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- endif -%}
{%- endmacro %}

{# A scorecard whose successor is overdue says so, whatever its own numbers say. #}
{% macro status_now(status, week='week') -%}
    case when {{ week_in(var('stale_weeks', ''), week) }} then 'STALE' else {{ status }} end
{%- endmacro %}
