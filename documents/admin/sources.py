from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts.admin.desk import RecordedAdmin, list_link
from documents.models import Source


@admin.register(Source)
class SourceAdmin(RecordedAdmin):
    """Where papers come from. Sources are made inactive, never deleted: documents name them."""

    subject_kind = "source"
    list_display = ("name", "key", "default_department", "refuse_duplicates", "active", "papers")
    list_filter = ("active",)
    search_fields = ("name", "key")
    list_select_related = ("default_department",)
    autocomplete_fields = ("default_department",)
    fields = ("name", "key", "default_department", "refuse_duplicates", "active")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    @display(description="documents")
    def papers(self, source: Source) -> SafeString:
        return list_link("documents_document", "show", source__id__exact=source.pk)
