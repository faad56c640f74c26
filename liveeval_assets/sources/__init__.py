"""Where a team's data lives: one reader per format, declarative field maps; the same readers serve traces, outcomes and eval sets."""
