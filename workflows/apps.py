from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make kinds of work, notifications and handlers of timers known: all of them, here."""
        from jobs import kinds  # noqa: PLC0415 (models are not loaded before)
        from workflows import alarms, coming, notices  # noqa: PLC0415

        kinds.register(coming.KIND)
        notices.register()
        alarms.register()
