"""`promptuary library`: kept prompts."""

from __future__ import annotations

from promptuary.cli import exchanging, kept_details, kept_prompts, kept_versions, trying
from promptuary.cli.lazy import bare

app = bare("Keep prompts, find them, and exchange them with other stores.")
for command in (
    kept_prompts.save,
    kept_prompts.show,
    kept_prompts.archive,
    kept_prompts.restore,
    kept_prompts.adopt,
    kept_prompts.shadows,
    kept_prompts.rate,
    kept_prompts.audit,
    kept_versions.versions,
    kept_versions.diff,
    kept_versions.label,
    kept_versions.unlabel,
    kept_versions.merge,
    kept_versions.render,
    kept_versions.search,
    kept_versions.similar,
    kept_versions.misses,
    kept_details.describe,
    kept_details.branches,
    kept_details.slots,
    kept_details.ratings,
    kept_details.recommend,
):
    app.command()(command)
app.command("list")(kept_prompts.list_)
app.command("import")(exchanging.import_prompts)
app.command("export")(exchanging.export_prompts)
app.command("analytics")(trying.analytics)
app.command("experiment")(trying.experiment)
