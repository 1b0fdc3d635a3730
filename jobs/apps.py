from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make known what administrators are notified of, the queue's own kinds of work, and who watches the vacuum."""
        from jobs import chores, horizon, notices, sweepers  # noqa: PLC0415 (models are not loaded before)

        notices.register()
        chores.register()
        sweepers.register("horizon of the vacuum", horizon.look, every=horizon.EVERY)
