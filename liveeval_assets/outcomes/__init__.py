"""What happened to the user in the end: one north star, guardrails beside it, arriving late."""
