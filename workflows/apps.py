from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make kinds of work, notifications and handlers of timers known: all of them, here."""
        from jobs import kinds  # noqa: PLC0415 (models are not loaded before)
        from workflows import alarms, coming, notices, service_steps  # noqa: PLC0415
        from workflows.escalation import notices as late_notices  # noqa: PLC0415
        from workflows.escalation import ringing  # noqa: PLC0415
        from workflows.tasks import following, letters  # noqa: PLC0415

        kinds.register(coming.KIND)
        kinds.register(service_steps.KIND)
        kinds.register(letters.KIND)
        notices.register()
        following.register()
        alarms.register()
        late_notices.register()
        ringing.register()
