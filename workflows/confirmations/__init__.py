"""Confirmations to have read: who is asked (`asking`), before which shift (`shifts`), who has and who has not
(`standing`). What people and the clock do with them is `workflows.acknowledging`."""
