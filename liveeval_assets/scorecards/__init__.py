"""Outcome-joined numbers, each with its interval, and the ladder that says why offline and production disagree."""
