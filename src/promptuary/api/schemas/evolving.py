"""Drift as clients of the older pipeline read them; a folder taken in."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from promptuary.api.schemas.basics import Name, Text, Wire
from promptuary.domain.drifting import Change, DriftReport, Recommendation


class DriftOut(Wire):
    """Whether the newest prompts of a cluster still fit its template."""

    cluster_id: str
    template_id: str
    has_drift: bool
    drift_score: float = Field(description="0..1: by how much more than chance explains.")
    reasoning: Text
    detected_changes: list[Text]
    recommendation: Recommendation

    @classmethod
    def of(cls, report: DriftReport) -> DriftOut:
        """From the facade's answer."""
        compared = f"{report.recent} newest prompts against {report.earlier} before them"
        found = "; ".join(map(_said, report.changes)) or "no more differs than chance explains"
        return cls(
            cluster_id=report.lineage_id,
            template_id=report.template_id,
            has_drift=report.has_drift,
            drift_score=report.score,
            reasoning=f"{compared}: {found}",
            detected_changes=[_said(change) for change in report.changes],
            recommendation=report.recommendation,
        )


def _said(change: Change) -> str:
    what = "words that the template does not have" if change.what == "wording" else "new values"
    of = "" if change.what == "wording" else f" of {change.what}"
    return f"{what}{of}: {change.lately:.0%} of them, {change.before:.0%} before"


class DatasetIn(Wire):
    """Where the prompts of the folder go."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"collection": "default"}]})

    collection: Name = Field(default="default", min_length=1)


class DatasetStats(Wire):
    """What a folder brought. `errors` are the first 1,000, each with its file and line."""

    files_processed: int
    files_failed: int
    prompts_processed: int
    prompts_accepted: int
    prompts_rejected: int
    errors: list[Text]


class DatasetSummary(Wire):
    """The same in numbers alone, and what was made of it."""

    files_processed: int
    files_failed: int
    prompts_processed: int
    prompts_accepted: int
    prompts_rejected: int
    clusters_created: int
    templates_extracted: int
    error_count: int


class DatasetOut(Wire):
    """A folder taken in."""

    status: str = Field(description="`completed`, or `completed_with_errors`.")
    stats: DatasetStats
    summary: DatasetSummary
