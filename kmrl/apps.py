from django.apps import AppConfig


class KmrlConfig(AppConfig):
    name = "kmrl"
