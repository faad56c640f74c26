"""All contact with the world: the lake, Dagster, models, the clock."""
