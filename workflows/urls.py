from django.urls import path

from workflows.api import absences, definitions, figures, runs, tasks

_DEFINITION = "workflows/definitions/<slug:key>"
_RUN = "workflows/instances/<id:pk>"
_TASK = "workflows/tasks/<id:pk>"

urlpatterns = [
    path("workflows/definitions/", definitions.DefinitionsView.as_view()),
    path("workflows/definitions/schema/", definitions.DefinitionSchemaView.as_view()),
    path(f"{_DEFINITION}/", definitions.DefinitionView.as_view()),
    path(f"{_DEFINITION}/versions/<int:number>/", definitions.VersionView.as_view()),
    path(f"{_DEFINITION}/versions/<int:number>/export.<slug:kind>", definitions.ExportView.as_view()),
    path(f"{_DEFINITION}/validate/", definitions.ValidateView.as_view()),
    path(f"{_DEFINITION}/publish/", definitions.PublishView.as_view()),
    path(f"{_DEFINITION}/dry-run/", definitions.DryRunView.as_view()),
    path(f"{_DEFINITION}/migrate/", definitions.MigrateManyView.as_view()),
    path("workflows/dry-runs/<id:pk>/", definitions.TrialView.as_view()),
    path("workflows/dry-runs/<id:pk>/cancel/", definitions.CancelTrialView.as_view()),
    path("workflows/instances/", runs.RunsView.as_view()),
    path(f"{_RUN}/", runs.RunView.as_view()),
    path(f"{_RUN}/graph.svg", runs.GraphView.as_view()),
    path(f"{_RUN}/pause/", runs.PauseView.as_view()),
    path(f"{_RUN}/resume/", runs.ResumeView.as_view()),
    path(f"{_RUN}/cancel/", runs.CancelView.as_view()),
    path(f"{_RUN}/retry/", runs.RetryView.as_view()),
    path(f"{_RUN}/skip/", runs.SkipView.as_view()),
    path(f"{_RUN}/dependencies/", runs.DependenciesView.as_view()),
    path(f"{_RUN}/dependencies/<int:number>/", runs.DependencyView.as_view()),
    path(f"{_RUN}/migrate/", runs.MigrateView.as_view()),
    path("workflows/tasks/", tasks.TasksView.as_view()),
    path("workflows/tasks/complete/", tasks.CompleteManyView.as_view()),
    path(f"{_TASK}/", tasks.TaskView.as_view()),
    path(f"{_TASK}/claim/", tasks.ClaimView.as_view()),
    path(f"{_TASK}/release/", tasks.ReleaseView.as_view()),
    path(f"{_TASK}/delegate/", tasks.DelegateView.as_view()),
    path(f"{_TASK}/reassign/", tasks.ReassignView.as_view()),
    path(f"{_TASK}/comment/", tasks.CommentView.as_view()),
    path(f"{_TASK}/complete/", tasks.CompleteView.as_view()),
    path(f"{_TASK}/acknowledge/", tasks.AcknowledgeView.as_view()),
    path("workflows/analytics/", figures.FiguresView.as_view()),
    path("workflows/events/", runs.HappenedView.as_view()),
    path("workflows/absences/", absences.AbsencesView.as_view()),
    path("workflows/absences/<int:pk>/", absences.AbsenceView.as_view()),
]
