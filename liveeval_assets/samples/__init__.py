"""The stage `samples`: the anonymised, embedded, stratified weekly draw."""
