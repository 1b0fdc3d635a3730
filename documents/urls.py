from django.urls import path

from documents.api.detail import DetailView
from documents.api.listing import InWorkView, ListView
from documents.api.uploads import UploadView

urlpatterns = [
    path("documents/", ListView.as_view()),
    path("documents/upload/", UploadView.as_view()),
    path("documents/processing-status/", InWorkView.as_view()),
    path("documents/<uuid:pk>/", DetailView.as_view()),
]
