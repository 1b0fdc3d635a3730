"""The pages of workflows in the administration that need more than a list and a form; names are `desk:…`."""

from django.contrib.admin import site
from django.urls import path

from kmrl.desk import deciding, figures, many, past, runs, starting, versions, writing
from kmrl.pages import reasons
from workflows.admin import desk

app_name = "desk"
wrap = site.admin_view
desk.speak_by(reasons.in_words)

urlpatterns = [
    path("inbox/decide/", wrap(many.many), name="many"),
    path("inbox/<id:pk>/", wrap(deciding.task), name="task"),
    path("runs/<id:pk>/", wrap(runs.run), name="run"),
    path("runs/<id:pk>/<slug:deed>/", wrap(runs.do), name="run-deed"),
    path("figures/", wrap(figures.index), name="figures"),
    path("figures/table/", wrap(figures.table), name="figures-table"),
    path("new-definition/", wrap(writing.new), name="new-definition"),
    path("check-definition/", wrap(writing.check), name="check"),
    path("save-definition/", wrap(writing.save), name="save-new"),
    path("definitions/<slug:key>/", wrap(writing.one), name="definition"),
    path("definitions/<slug:key>/save/", wrap(writing.save), name="save"),
    path("definitions/<slug:key>/publish/", wrap(writing.publish), name="publish"),
    path("definitions/<slug:key>/active/", wrap(writing.activate), name="active"),
    path("definitions/<slug:key>/start/", wrap(starting.index), name="start"),
    path("definitions/<slug:key>/past/", wrap(past.index), name="past"),
    path("definitions/<slug:key>/past/<id:pk>/", wrap(past.tried), name="tried"),
    path("definitions/<slug:key>/past/<id:pk>/cancel/", wrap(past.cancel), name="cancel-try"),
    path("definitions/<slug:key>/move/", wrap(versions.move), name="move"),
    path("definitions/<slug:key>/versions/", wrap(versions.index), name="versions"),
    path("definitions/<slug:key>/versions/<int:number>/", wrap(versions.one), name="version"),
    path("definitions/<slug:key>/versions/<int:number>/<slug:format>/", wrap(versions.export), name="export"),
]
