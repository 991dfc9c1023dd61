"""Which verbs there are, and the help that lists them. Imports nothing: help is quick."""

from __future__ import annotations

from typing import NamedTuple

WATCHING = "Events in, answers out"
LOOKING = "See what is there"
TRAFFIC = "Prompts in, results out"
KNOWING = "Documents in, answers out"
KEEPING = "Prompts kept, served and exchanged"
RUNNING = "Run and look after it"


class Verb(NamedTuple):
    """A command (`group` is false) or a group of commands, and the module that defines it: the
    function of its name, or `function`."""

    module: str
    summary: str
    section: str
    group: bool = False
    function: str = ""


VERBS: dict[str, Verb] = {
    "ingest": Verb("ingesting", "Take prompts in from a file or standard input.", TRAFFIC),
    "merge": Verb("merging", "Take over what another home holds.", TRAFFIC),
    "export": Verb("exporting", "Write placements, templates or a collection.", TRAFFIC, True),
    "eval": Verb("evaluating", "Measure quality on labelled data of your own.", TRAFFIC, True),
    "sync": Verb("syncing", "Bring the documents of a folder in.", KNOWING),
    "crawl": Verb("syncing", "Bring the pages of a site in.", KNOWING),
    "import": Verb("carrying", "Bring an exported collection in.", KNOWING, function="import_"),
    "pull": Verb("carrying", "Bring the documents of a server in.", KNOWING),
    "documents": Verb("documents", "See and delete documents.", KNOWING, True),
    "knowledge": Verb("calibrating", "Make confidence true for your documents.", KNOWING, True),
    "events": Verb("events", "Take events of cameras in, and look at them.", WATCHING, True),
    "converse": Verb("conversing", "Ask your cameras, in several turns.", WATCHING),
    "conversations": Verb("conversations", "Take conversations over.", WATCHING, True),
    "library": Verb("library", "Keep prompts, find them, exchange them.", KEEPING, True),
    "insights": Verb("noticing", "Say what was unusual among the events.", WATCHING, True),
    "families": Verb("listing", "List families: templates that ask the same thing.", LOOKING),
    "templates": Verb("listing", "List templates with their slots and values.", LOOKING),
    "show": Verb("showing", "Show one prompt, template, cluster or family.", LOOKING),
    "evolution": Verb("evolving", "List what changed in the traffic of templates.", LOOKING),
    "correct": Verb("correcting", "Correct families, names and texts.", LOOKING, True),
    "name": Verb("naming", "Have a chat model name templates and families.", LOOKING),
    "doubts": Verb("naming", "Ask a chat model which families are one.", LOOKING),
    "namings": Verb("naming", "List what a model named, and what was refused.", LOOKING),
    "costs": Verb("costing", "Say what the prompts cost to send, by template.", LOOKING),
    "moderation": Verb("moderating", "Review what was refused.", LOOKING, True),
    "diff": Verb("showing", "Show how two versions of a template differ.", LOOKING),
    "demo": Verb("demonstrating", "Show all of it on a small traffic, on any index.", LOOKING),
    "search": Verb("searching", "Find prompts, templates, families and passages.", LOOKING),
    "status": Verb("syncing", "Say what there is, and how the index is.", LOOKING),
    "metrics": Verb("counting", "Say in numbers what there is and what was done.", LOOKING),
    "ask": Verb("asking", "Ask your documents: a cited answer, or an honest no.", KNOWING),
    "refine": Verb("refining", "Make a prompt of a quick note.", KNOWING),
    "serve": Verb("serving", "Serve the HTTP API.", RUNNING),
    "mcp": Verb("mcp", "Serve kept prompts to an assistant.", KEEPING),
    "worker": Verb("serving", "Run deferred work until stopped.", RUNNING),
    "jobs": Verb("jobs", "See deferred work; try again what failed.", RUNNING, True),
    "index": Verb("indexing", "Sync a folder; check or rebuild the index.", RUNNING, True),
    "migrate": Verb("migrating", "Move the index to another store, and back.", RUNNING, True),
    "backup": Verb("carrying", "Copy the record into one file.", RUNNING),
    "restore": Verb("carrying", "Put a backup into a folder.", RUNNING),
    "db": Verb("database", "Migrate or check the record database.", RUNNING, True),
    "models": Verb("models", "Embedding models: what is here, and why one is used.", RUNNING, True),
    "ping": Verb("pinging", "Ask every provider of chat models whether it is there.", RUNNING),
    "configure": Verb("keeping", "Keep the key of a provider, or name a server to go to.", RUNNING),
    "keys": Verb("keys", "Create, list and revoke API keys.", RUNNING, True),
    "config": Verb("configuring", "Show, check or start the configuration.", RUNNING, True),
    "doctor": Verb("doctor", "Check this machine and say what to do.", RUNNING),
    "version": Verb("versions", "Print the version.", RUNNING),
}


HELP = """Usage: promptuary COMMAND [OPTIONS]

Find the prompt templates in your LLM traffic: families, typed slots, versions, search.
Everything stays in one folder on this machine (--home, else ~/.promptuary).

  promptuary ingest FILE      take prompts in
  promptuary families         see what they are made of
  promptuary COMMAND --help   everything about one command

{sections}
Options:
  -h, --help            Show this.
  --version             Print the version.
  --install-completion  Make the shell complete commands and options.
  --show-completion     Print what would be installed.
"""


def help_text() -> str:
    """What `promptuary --help` prints."""
    lines, wide = [], max(map(len, VERBS))
    for section in (TRAFFIC, KNOWING, WATCHING, KEEPING, LOOKING, RUNNING):
        lines.append(f"{section}:")
        lines += [f"  {n:<{wide}} {v.summary}" for n, v in VERBS.items() if v.section == section]
        lines.append("")
    return HELP.format(sections="\n".join(lines))
