"""Answers judged in both orders, then attacked by a refuter."""
