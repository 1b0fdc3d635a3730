"""Notifications: their kinds (`kinds`), writing them (`telling`), reading them, preferences, digests by mail."""
