{# One column that identifies a row: the hash of its grain. #}
{% macro row_key(columns) -%}
    md5(concat_ws(chr(31), {% for column in columns %}coalesce(cast({{ column }} as varchar), ''){{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}
