"""A folder of files taken in with one call."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from promptuary.api.bodies import read
from promptuary.api.etags import answer
from promptuary.api.operations import PREFIX, Operation
from promptuary.api.schemas.evolving import DatasetIn, DatasetOut, DatasetStats, DatasetSummary
from promptuary.api.serving import Here
from promptuary.app import Promptuary
from promptuary.canon.reading.folders import PromptsOfFile, files_of
from promptuary.domain.errors import Forbidden, PromptuaryError, Rejected
from promptuary.domain.reports import IngestReport

ERRORS: Final = 1_000


async def ingest_dataset(request: Request, here: Here) -> Response:
    """Take in every file of the folder that the settings name, and place what it holds.

    What is there already changes nothing, so the folder may be taken in again and again.
    """
    folder = here.settings.dataset_folder
    if folder is None:
        raise Forbidden("no folder may be taken in; set PROMPTUARY_DATASET_FOLDER to one")
    asked = await read(request, DatasetIn) if await request.body() else DatasetIn()
    before = await here.promptuary.figures()
    taken = _Taken()
    for path in await to_thread.run_sync(files_of, folder.expanduser()):
        await taken.take(here.promptuary, path, folder.expanduser(), asked.collection)
    if taken.processed:
        await here.promptuary.settle(asked.collection)
    after = await here.promptuary.figures()
    stats = taken.stats()
    summary = DatasetSummary(
        **stats.model_dump(exclude={"errors"}),
        clusters_created=after.clusters_created - before.clusters_created,
        templates_extracted=after.templates_extracted - before.templates_extracted,
        error_count=taken.error_count,
    )
    status = "completed_with_errors" if taken.error_count else "completed"
    return answer(request, DatasetOut(status=status, stats=stats, summary=summary))


@dataclass(slots=True)  # changes: it counts file by file
class _Taken:
    """What the files held. A file that breaks off counts as failed; what came before stays."""

    files: int = 0
    failed: int = 0
    processed: int = 0
    accepted: int = 0
    rejected: int = 0
    error_count: int = 0
    errors: list[str] = field(default_factory=list)

    async def take(self, promptuary: Promptuary, path: Path, root: Path, collection: str) -> None:
        prompts, name = PromptsOfFile(path), path.relative_to(root).as_posix()
        try:
            report = await promptuary.ingest(prompts, collection=collection, place=False)
        except (Rejected, OSError) as error:
            self.failed += 1
            told = str(error) if isinstance(error, PromptuaryError) else "cannot be read"
            self._note(f"{name}: {told}")
            return
        self.files += 1
        self._count(prompts, report, name)

    def _count(self, prompts: PromptsOfFile, report: IngestReport, name: str) -> None:
        self.processed += prompts.read + prompts.bad_count
        self.accepted += report.accepted + report.duplicates
        self.rejected += report.rejected_count + prompts.bad_count
        self.error_count += report.rejected_count + prompts.bad_count
        told = [f"{name} line {bad.line}: {bad.reason}" for bad in prompts.bad]
        told += [f"{name} prompt {each.position}: {each.reason}" for each in report.rejected]
        self.errors += told[: ERRORS - len(self.errors)]

    def _note(self, error: str) -> None:
        self.error_count += 1
        if len(self.errors) < ERRORS:
            self.errors.append(error)

    def stats(self) -> DatasetStats:
        return DatasetStats(
            files_processed=self.files,
            files_failed=self.failed,
            prompts_processed=self.processed,
            prompts_accepted=self.accepted,
            prompts_rejected=self.rejected,
            errors=self.errors,
        )


OPERATIONS = (
    Operation(
        method="POST",
        path=f"{PREFIX}/dataset/ingest",
        call=ingest_dataset,
        takes=DatasetIn,
        needs="prompts:write",
        answers=DatasetOut,
        problems=(403, 413, 415, 422),
        tag="prompts",
    ),
)
