from django.urls import include, path

from documents.api.batches import BatchCancelView, BatchDetailView, BatchReportView, BatchUploadView
from documents.api.detail import CancelView, DetailView, HistoryView, ReprocessView, RestoreView
from documents.api.downloads import DownloadView
from documents.api.listing import InWorkView, ListView
from documents.api.uploads import UploadView
from documents.api.versions import VersionsView

urlpatterns = [
    path("", include("documents.reading_urls")),
    path("documents/", ListView.as_view()),
    path("documents/upload/", UploadView.as_view()),
    path("documents/batch/", BatchUploadView.as_view()),
    path("documents/processing-status/", InWorkView.as_view()),
    path("documents/<uuid:pk>/", DetailView.as_view()),
    path("documents/<uuid:pk>/restore/", RestoreView.as_view()),
    path("documents/<uuid:pk>/reprocess/", ReprocessView.as_view()),
    path("documents/<uuid:pk>/cancel/", CancelView.as_view()),
    path("documents/<uuid:pk>/history/", HistoryView.as_view()),
    path("documents/<uuid:pk>/versions/", VersionsView.as_view()),
    path("documents/<uuid:pk>/download/", DownloadView.as_view()),
    path("batches/<uuid:pk>/", BatchDetailView.as_view()),
    path("batches/<uuid:pk>/cancel/", BatchCancelView.as_view()),
    path("batches/<uuid:pk>/report.csv", BatchReportView.as_view()),
]
