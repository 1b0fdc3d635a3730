from django.urls import URLPattern, path

from realtime import api, rest

urlpatterns: list[URLPattern] = [
    path("auth/ws-ticket/", api.TicketView.as_view(), name="ws-ticket"),
    path("events/", api.EventsView.as_view(), name="events"),
    path("events/schema/", api.CatalogueView.as_view(), name="events-schema"),
    path("events/asyncapi.json", api.AsyncApiView.as_view(), name="events-asyncapi"),
    path("notifications/", rest.NoticesView.as_view(), name="notices"),
    path("notifications/read/", rest.ReadView.as_view(), name="notices-read"),
    path("notifications/preferences/", rest.PreferencesView.as_view(), name="notices-preferences"),
]
