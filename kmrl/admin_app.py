"""Replaces `django.contrib.admin` in INSTALLED_APPS: the same app with the gateway's own site."""

from django.contrib.admin.apps import AdminConfig


class GatewayAdminConfig(AdminConfig):
    default_site = "kmrl.admin_site.GatewayAdmin"
