"""A product world with known truth, and a local OpenAI-compatible server that plays its models."""
