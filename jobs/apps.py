from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make known what administrators are notified of, and the queue's own kinds of work."""
        from jobs import chores, notices  # noqa: PLC0415 (models are not loaded before)

        notices.register()
        chores.register()
