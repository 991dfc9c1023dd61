"""The whole journey on generated prompts: `make demo`, or `python examples/demo.py`.

Every step is a command of `promptuary` that you can type yourself; the home folder of the demo is
`.promptuary/demo`, or the one given as the argument. Running it again changes nothing, which is shown too.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import time
from pathlib import Path

from cameras import cameras, site
from generate_prompts import as_json, generate

from promptuary.blocking import Promptuary
from promptuary.cli.running import run

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDER = Path(sys.argv[1]).resolve() if sys.argv[1:] else CHECKOUT / ".promptuary" / "demo"
PROMPTS = FOLDER / "prompts.jsonl"
HOME = FOLDER / "home"
EVENTS, CAMERAS, CALENDAR = (
    FOLDER / "events.jsonl",
    FOLDER / "cameras.json",
    FOLDER / "calendar.json",
)
DOCS = CHECKOUT / "docs"
SEARCHES = (
    ("apologise for a late parcel", "--limit", "2"),
    ("unit tests", "--kind", "template", "--where", "size >= 20", "--limit", "2"),
    ("my program crashes", "--mode", "meaning", "--kind", "family", "--limit", "2"),
)
REFUSED = 1
"""The exit code of a refusal."""
ANSWERED, UNANSWERED = "How do I move to PostgreSQL?", "Who won the world cup of 1998?"

TURNS = (
    "How many people came through the main gate yesterday?",
    "and the day before?",
    "only cars",
    "Which camera was busiest this week?",
    "What is the number plate of the last one?",
)
EVENING = "2026-03-13T18:00:00+01:00"
"""The demo's events end two days later; its questions are asked on that Friday."""

NEXT = """
What to try next, with prompts of your own (JSON lines, CSV, plain text, OpenAI chat or batch logs):

  promptuary ingest your-prompts.jsonl     (or: your-command | promptuary ingest -)
  promptuary families
  promptuary templates
  promptuary search "what you look for" --explain
  promptuary sync your-documents/
  promptuary ask "what you want to know"
  promptuary events import your-events.jsonl
  promptuary converse
  promptuary serve                         then open http://127.0.0.1:8000/docs

The demo's own prompts: add --home {home}
"""


def main() -> int:
    """Generate, ingest, look, compare, search, ask, converse; the exit code is that of the first
    failure."""
    began = time.perf_counter()
    title("A company's prompts of eight weeks")
    count = write_prompts()
    say(
        f"{count:,} prompts in {shown(PROMPTS)}: support, code, extraction, five languages, one-offs"
    )
    title("Take them in")
    code = step("ingest", str(PROMPTS))
    title("Families: templates that ask the same thing")
    code = code or step("families", "--limit", "12")
    title("Templates with typed slots and their values")
    code = code or step("templates", "--limit", "4")
    title("In week five somebody changed a wording")
    code = code or step("diff", changed_template())
    title("Three searches, with reasons")
    for search in SEARCHES:
        code = code or step("search", *search, "--explain")

    title("Documents: a cited answer, and an honest no")
    code = code or step("sync", str(DOCS), "--collection", "docs")
    code = code or step("ask", ANSWERED, "--collection", "docs")
    refused = step("ask", UNANSWERED, "--collection", "docs")
    code = code or int(refused != REFUSED)

    title("A fortnight of twelve cameras: several turns, exact answers")
    write_events()
    code = code or step("events", "import", str(EVENTS), "--cameras", str(CAMERAS))
    code = code or converse()
    title("What nobody asked for")
    os.environ["PROMPTUARY_CALENDAR"] = str(CALENDAR)
    code = code or step("insights", "--range", "7d", "--now", EVENING)

    say(NEXT.format(home=shown(HOME)))
    say(f"All of this took {time.perf_counter() - began:.1f} s on this machine.")
    return code


def write_prompts() -> int:
    """The generated prompts as a file; other prompts than last time begin with an empty home."""
    lines = [as_json(row, number, labelled=False) for number, row in enumerate(generate(), 1)]
    text = "\n".join(lines) + "\n"
    if not PROMPTS.is_file() or PROMPTS.read_text("utf-8") != text:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        PROMPTS.write_text(text, "utf-8")
    return len(lines)


def write_events() -> None:
    """The events of a made-up site, with some oddities; the same every time."""
    drawn = site(3, oddities=(("burst", 2), ("silence", 1), ("loitering", 1), ("new_label", 1)))
    EVENTS.write_text("".join(json.dumps(each) + "\n" for each in drawn.events), "utf-8")
    CAMERAS.write_text(json.dumps(list(cameras())), "utf-8")
    off = [{"date": str(day), "kind": "public_holiday"} for day in drawn.days_off]
    CALENDAR.write_text(json.dumps({"timezone": drawn.timezone, "entries": off}), "utf-8")


def converse() -> int:
    """One question after another in one conversation; the last cannot be answered, and says so."""
    code, goes_on = 0, []
    for turn in TURNS:
        code = step("converse", turn, "--timezone", "Europe/Amsterdam", "--now", EVENING, *goes_on)
        with Promptuary.open(str(HOME)) as promptuary:
            latest = promptuary.conversation.conversations(limit=1).items[0]
        goes_on = ["--conversation", latest.id]
    return int(code != REFUSED)


def changed_template() -> str:
    """The largest template whose latest change gave it a slot; else one with any change."""
    with Promptuary.open(str(HOME)) as promptuary:
        page = promptuary.templates(limit=100)
        changed = [item for item in page.items if item.template.version != "1.0.0"]
        changed.sort(key=lambda item: "added" not in item.template.reason)
    return (changed or page.items)[0].id


def step(*command: str) -> int:
    """Show a command and run it as the command line would."""
    say(f"\n$ promptuary {shlex.join(shown(part) for part in command)}\n")
    return run([*command, "--home", str(HOME)])


def title(text: str) -> None:
    """A heading."""
    bold = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    say(f"\n{bold[0]}== {text} =={bold[1]}")


def say(text: str) -> None:
    """A line for the reader, in order with what the commands print."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def shown(path: str | Path) -> str:
    """A path as somebody in the checkout would write it."""
    return str(path).replace(f"{CHECKOUT}/", "")


if __name__ == "__main__":
    sys.exit(main())
