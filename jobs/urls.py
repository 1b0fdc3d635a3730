from django.urls import URLPattern, path

from jobs import api

urlpatterns: list[URLPattern] = [
    path("jobs/<id:pk>/", api.JobView.as_view()),
    path("admin/queue/status/", api.StatusView.as_view()),
    path("admin/queue/jobs/", api.JobsView.as_view()),
    path("admin/queue/jobs/<id:pk>/retry/", api.RetryView.as_view()),
    path("admin/queue/jobs/<id:pk>/cancel/", api.CancelView.as_view()),
    path("admin/queue/jobs/<id:pk>/priority/", api.PriorityView.as_view()),
    path("admin/queue/retry-dead/", api.RetryDeadView.as_view()),
    path("admin/queue/finished/", api.FinishedView.as_view()),
    path("admin/queue/queues/<str:name>/pause/", api.PauseView.as_view()),
    path("admin/queue/queues/<str:name>/resume/", api.ResumeView.as_view()),
    path("admin/queue/workers/<str:pk>/drain/", api.DrainView.as_view()),
]
