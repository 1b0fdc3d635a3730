"""One port for pages, API and sockets."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")

django = get_asgi_application()
application = ProtocolTypeRouter({"http": django})
