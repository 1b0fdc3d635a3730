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
    path("documents/<id:pk>/", DetailView.as_view()),
    path("documents/<id:pk>/restore/", RestoreView.as_view()),
    path("documents/<id:pk>/reprocess/", ReprocessView.as_view()),
    path("documents/<id:pk>/cancel/", CancelView.as_view()),
    path("documents/<id:pk>/history/", HistoryView.as_view()),
    path("documents/<id:pk>/versions/", VersionsView.as_view()),
    path("documents/<id:pk>/download/", DownloadView.as_view()),
    path("batches/<id:pk>/", BatchDetailView.as_view()),
    path("batches/<id:pk>/cancel/", BatchCancelView.as_view()),
    path("batches/<id:pk>/report.csv", BatchReportView.as_view()),
]
