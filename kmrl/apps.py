import gc

from django.apps import AppConfig

from kmrl.celery import app  # `shared_task` finds the application once Django is set up

__all__ = ["KmrlConfig", "app"]


class KmrlConfig(AppConfig):
    name = "kmrl"

    def ready(self) -> None:
        from kmrl import wiring  # noqa: PLC0415 (models exist only now)

        wiring.connect()
        gc.freeze()  # what is loaded stays: it is not looked over again
        gc.enable()
