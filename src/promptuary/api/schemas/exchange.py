"""What an import of prompts did."""

from __future__ import annotations

from promptuary.api.schemas.basics import Text, Wire
from promptuary.domain.exchange import ImportReport, OutcomeStatus


class OutcomeOut(Wire):
    """What became of one prompt; where it was not taken, `code` and `reason` say why."""

    slug: Text
    status: OutcomeStatus
    versions: int
    code: str
    reason: Text


class UnmappedOut(Wire):
    """Something of the file that has no field here, and what became of it."""

    where: Text
    field: Text
    why: Text


class ImportOut(Wire):
    """What an import did, or with `dry_run` would do."""

    format: str
    dry_run: bool
    refused: int
    outcomes: list[OutcomeOut]
    unmapped: list[UnmappedOut]

    @classmethod
    def of(cls, report: ImportReport) -> ImportOut:
        """From the library's report."""
        return cls(
            format=report.format,
            dry_run=report.dry_run,
            refused=report.refused,
            outcomes=[
                OutcomeOut(
                    slug=each.slug,
                    status=each.status,
                    versions=each.versions,
                    code=each.code,
                    reason=each.reason,
                )
                for each in report.outcomes
            ],
            unmapped=[
                UnmappedOut(where=each.where, field=each.field, why=each.why)
                for each in report.unmapped
            ],
        )
