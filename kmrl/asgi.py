"""One port for pages, API and sockets."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")

django = get_asgi_application()

from documents.gate import Gate  # noqa: E402
from realtime.routing import websocket_urlpatterns  # noqa: E402 - needs the apps that the line above loads

application = ProtocolTypeRouter({"http": Gate(django), "websocket": URLRouter(websocket_urlpatterns)})
