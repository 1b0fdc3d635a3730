"""The queue's pages, mounted inside the administration and behind its door; names are `queue:…`."""

from django.contrib.admin import site
from django.urls import path

from kmrl.queue import deeds, views

app_name = "queue"
wrap = site.admin_view

urlpatterns = [
    path("", wrap(views.dashboard), name="dashboard"),
    path("jobs/", wrap(views.jobs), name="jobs"),
    path("jobs/chosen/", wrap(deeds.to_chosen), name="chosen"),
    path("jobs/<id:pk>/", wrap(views.job), name="job"),
    path("jobs/<id:pk>/<slug:deed>/", wrap(deeds.to_job), name="job-deed"),
    path("queues/<slug:name>/<slug:deed>/", wrap(deeds.to_queue), name="switch"),
    path("workers/<path:pk>/drain/", wrap(deeds.drain), name="drain"),
    path("dead/again/", wrap(deeds.retry_dead), name="retry-dead"),
    path("failed/again/", wrap(deeds.read_again), name="read-again"),
    path("clean/", wrap(deeds.clean), name="clean"),
]
