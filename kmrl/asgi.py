"""One port for pages, API and sockets."""

from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

from kmrl import environment as env
from kmrl import loading

with env.told():
    loading.everything()

from documents.api.straight import Straight  # this and what follows needs the apps that were loaded just now
from documents.gate import Gate
from jobs.alerts import lookout
from kmrl import headers
from kmrl.one_thread import OneThread
from kmrl.other_origins import OtherOrigins
from kmrl.supervision import preparing
from realtime.routing import websocket_urlpatterns

preparing.wait(settings.KMRL_DATA)  # what it reads from now on (the list of static files) must be there
web: Any = Straight(OneThread(), headers.of_data)
application = ProtocolTypeRouter({"http": OtherOrigins(Gate(web)), "websocket": URLRouter(websocket_urlpatterns)})
lookout.begin()  # also here: somebody must see it when no worker is alive
