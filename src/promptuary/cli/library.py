"""`promptuary library`: kept prompts."""

from __future__ import annotations

from promptuary.cli import exchanging
from promptuary.cli.lazy import bare

app = bare("Keep prompts, and exchange them with other stores.")
app.command("import")(exchanging.import_prompts)
app.command("export")(exchanging.export_prompts)
