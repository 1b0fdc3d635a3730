"""What the shell itself writes into a run's history; the fold of facts passes it over (`workflows.engine.fold`)."""

SUBJECT = "workflow"

STARTED = "started"
AWAITED = "waits for others"
DEPENDS = "dependency added"
UNDEPENDS = "dependency removed"
MET = "dependency met"
PAUSED = "paused"
RESUMED = "resumed"
CANCELLED = "cancel asked"
RETRIED = "retry asked"
SKIPPED = "skip asked"
