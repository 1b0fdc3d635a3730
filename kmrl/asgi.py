"""One port for pages, API and sockets."""

import os
from typing import Any

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")

django.setup(set_prefix=False)

from documents.api.straight import Straight  # noqa: E402 - these need the apps that the line above loads
from documents.gate import Gate  # noqa: E402
from jobs.alerts import lookout  # noqa: E402
from kmrl import headers  # noqa: E402
from kmrl.one_thread import OneThread  # noqa: E402
from kmrl.other_origins import OtherOrigins  # noqa: E402
from kmrl.supervision import preparing  # noqa: E402
from realtime.routing import websocket_urlpatterns  # noqa: E402

preparing.wait(settings.KMRL_DATA)  # what it reads from now on (the list of static files) must be there
web: Any = Straight(OneThread(), headers.of_data)
application = ProtocolTypeRouter({"http": OtherOrigins(Gate(web)), "websocket": URLRouter(websocket_urlpatterns)})
lookout.begin()  # also here: somebody must see it when no worker is alive
