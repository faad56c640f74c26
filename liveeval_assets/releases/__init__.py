"""What was shipped: prompt and model, family, dates, traffic, and how it answers."""
