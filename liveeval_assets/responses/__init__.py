"""What each release answered for an item."""
