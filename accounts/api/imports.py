"""Imports by API: send a file, read what the check found, commit, undo."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.imports.batches import check_again, commit_import, start_import, undo_import
from accounts.domain.import_fields import ImportKind
from accounts.models import ImportBatch
from accounts.models.imports import may_import
from accounts.queries.imports import findings
from sam.core.api.fields import JsonTextField, Strict
from sam.core.api.filters import Filter, one_of
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from sam.core.files import store_upload

MOST_FINDINGS = 1_000
COUNTS = ("new", "changed", "unchanged", "rejected", "warnings", "duplicates")


class ImportIn(Strict):
    """A file and what is in it."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in ImportKind])
    file = serializers.FileField(help_text="CSV or XLSX, column names in the first row.")
    mapping = JsonTextField(required=False, help_text="Column to field; columns not named are ignored.")
    source = serializers.CharField(max_length=40, required=False, default="import")  # type: ignore[assignment]
    options = JsonTextField(
        required=False,
        help_text='`{"decimal": ".", "date_order": "dmy", "fiscal": false}`; else told from the file.',
    )
    as_of = serializers.DateField(required=False, allow_null=True, default=None)
    control_total = serializers.DecimalField(
        max_digits=18, decimal_places=4, required=False, allow_null=True, default=None
    )


class FindingOut(serializers.Serializer[Any]):
    row = serializers.IntegerField(allow_null=True, help_text="As a spreadsheet counts; null for the whole file.")
    column = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class CountsOut(serializers.Serializer[Any]):
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    warnings = serializers.IntegerField()
    duplicates = serializers.IntegerField()


class ImportOut(serializers.ModelSerializer[ImportBatch]):
    """An import without its findings, as lists show it."""

    counts = serializers.SerializerMethodField()

    class Meta:
        model = ImportBatch
        fields = [
            "id",
            "kind",
            "source",
            "filename",
            "status",
            "counts",
            "kept",
            "mapping",
            "options",
            "columns",
            "encoding",
            "separator",
            "problem",
            "problem_code",
            "as_of",
            "control_total",
            "found_total",
            "created_by",
            "created_at",
            "checked_at",
            "done_at",
            "undone_at",
            "removed_at",
        ]
        read_only_fields = fields

    @extend_schema_field(CountsOut)
    def get_counts(self, batch: ImportBatch) -> dict[str, int]:
        return {name: int(batch.counts.get(name, 0)) for name in COUNTS}


class ImportDetailOut(ImportOut):
    """With what the check found: at most 1,000 of each sort, in the file's order."""

    errors = serializers.SerializerMethodField()  # type: ignore[assignment]
    warnings = serializers.SerializerMethodField()
    duplicates = serializers.SerializerMethodField()

    class Meta(ImportOut.Meta):
        fields = [*ImportOut.Meta.fields, "errors", "warnings", "duplicates"]
        read_only_fields = fields

    @extend_schema_field(FindingOut(many=True))
    def get_errors(self, batch: ImportBatch) -> list[Any]:
        return list(FindingOut(findings(batch, "error", MOST_FINDINGS), many=True).data)

    @extend_schema_field(FindingOut(many=True))
    def get_warnings(self, batch: ImportBatch) -> list[Any]:
        return list(FindingOut(findings(batch, "warning", MOST_FINDINGS), many=True).data)

    @extend_schema_field(FindingOut(many=True))
    def get_duplicates(self, batch: ImportBatch) -> list[Any]:
        return list(FindingOut(findings(batch, "duplicate", MOST_FINDINGS), many=True).data)


ACCEPTED = inline_serializer(
    "ImportAccepted", {"id": serializers.IntegerField(), "status": serializers.ChoiceField(ImportBatch.Status.choices)}
)


class ImportViews(Guarded):
    """Own imports, and those of kinds that one's role imports everywhere."""

    permissions: ClassVar = {
        "list": P.SIGNED_IN,
        "retrieve": P.SIGNED_IN,
        "create": P.SIGNED_IN,
        "check": P.SIGNED_IN,
        "commit": P.SIGNED_IN,
        "undo": P.SIGNED_IN,
    }
    filters: ClassVar = {
        "kind": Filter("kind", one_of(ImportKind)),
        "status": Filter("status", one_of(ImportBatch.Status.values)),
    }
    serializer_class = ImportDetailOut
    queryset = ImportBatch.objects.none()

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return ImportBatch.objects.visible_to(self.person)

    def get_serializer_class(self) -> type[serializers.ModelSerializer[ImportBatch]]:
        return ImportOut if self.action == "list" else ImportDetailOut

    @extend_schema(request={"multipart/form-data": ImportIn}, responses={202: ACCEPTED})
    def create(self, request: Request) -> Response:
        """Take a file in; its check starts at once."""
        data = self.valid(ImportIn)
        if not may_import(self.person, data["kind"]):
            raise PermissionDenied("Your role does not import this kind of data.")
        upload = data.pop("file")
        stored = store_upload(upload, folder="imports")
        batch = start_import(by=self.person, stored=stored, filename=upload.name or "", check_at_once=True, **data)
        return self._accepted(batch)

    @extend_schema(request=None, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """Check again, after something changed."""
        return self._accepted(check_again(batch=self.get_object(), by=self.person))

    @extend_schema(request=None, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, pk: str) -> Response:
        """Write the accepted rows, all or none. 409 unless the import is checked."""
        return self._accepted(commit_import(batch=self.get_object(), by=self.person))

    @extend_schema(request=None, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take the import back. 409 unless it is done, and while other rows depend on what it made."""
        return self._accepted(undo_import(batch=self.get_object(), by=self.person))

    def _accepted(self, batch: ImportBatch) -> Response:
        return Response({"id": batch.pk, "status": batch.status}, status=202)
