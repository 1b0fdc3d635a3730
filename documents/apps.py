from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the kinds of work known to the queue, and what people are notified of."""
        from documents import indexing, ledger, notices, processing, remembering  # noqa: PLC0415 (models are not loaded before)
        from jobs import kinds, sweepers  # noqa: PLC0415

        kinds.register(processing.KIND)
        kinds.register(indexing.KIND)
        kinds.register(ledger.KIND)
        notices.register()
        sweepers.register("what the database remembers", remembering.note, every=remembering.NOTED_EVERY)
