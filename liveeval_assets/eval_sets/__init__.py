"""The stage `eval_sets`: immutable weekly versions and what is known of their health."""
