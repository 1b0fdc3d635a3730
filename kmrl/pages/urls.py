"""The staff pages. Names are what templates and redirects call."""

from django.urls import path
from django.views.i18n import set_language

from kmrl.pages import documents, home, notifications, offline, reasons, saved, searching, signing_in

urlpatterns = [
    path("", home.index, name="home"),
    path("documents/", documents.index, name="documents"),
    path("documents/rows/", documents.some, name="rows"),
    path("documents/<uuid:pk>/", documents.one, name="document"),
    path("documents/<uuid:pk>/follow/", notifications.follow, name="follow"),
    path("documents/<uuid:pk>/hits/", searching.hits, name="hits"),
    path("documents/views/", saved.keep, name="keep-view"),
    path("documents/views/<int:pk>/remove/", saved.remove, name="remove-view"),
    path("bin/", documents.bin, name="bin"),
    path("notifications/", notifications.index, name="notifications"),
    path("notifications/latest/", notifications.latest, name="notifications-latest"),
    path("notifications/read/", notifications.read, name="notifications-read"),
    path("notifications/preferences/", notifications.choose, name="notification-preferences"),
    path("reasons/", reasons.show, name="reasons"),
    path("search/", searching.index, name="search"),
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("language/", set_language, name="language"),
    path("offline/", offline.page, name="offline"),
    path("offline-worker.js", offline.worker, name="offline-worker"),
]
