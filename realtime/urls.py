from django.urls import URLPattern, path

from realtime import api

urlpatterns: list[URLPattern] = [
    path("auth/ws-ticket/", api.TicketView.as_view(), name="ws-ticket"),
    path("events/", api.EventsView.as_view(), name="events"),
    path("events/schema/", api.CatalogueView.as_view(), name="events-schema"),
    path("events/asyncapi.json", api.AsyncApiView.as_view(), name="events-asyncapi"),
]
