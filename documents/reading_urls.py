from django.urls import path

from documents.api.pages import PageImageView, PageView, TextView
from documents.api.search import SearchView

urlpatterns = [
    path("documents/<id:pk>/text/", TextView.as_view()),
    path("documents/<id:pk>/pages/<int:number>/", PageView.as_view()),
    path("documents/<id:pk>/pages/<int:number>/image/", PageImageView.as_view()),
    path("search/", SearchView.as_view()),
]
