"""Replaces `django.contrib.admin` in INSTALLED_APPS: the same app with the gateway's own site.

The pages of the administration are loaded with the addresses (`kmrl.urls`), not with the apps: workers, the tick and
most commands never show one, and loading them took each of these a sixth of its start.
"""

from django.contrib.admin.apps import SimpleAdminConfig


class GatewayAdminConfig(SimpleAdminConfig):
    default_site = "kmrl.admin_site.GatewayAdmin"
