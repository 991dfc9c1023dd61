"""LangSmith: the manifest of a prompt (LangChain's serialised template), bare, or in a commit with
`owner`, `repo` and `commit_hash`, or a list of these, oldest first."""

from __future__ import annotations

from typing import Final

from promptuary.domain.library import ChatTurn, PromptContent, Role, Syntax
from promptuary.domain.plain import Json
from promptuary.library.exchange import json_text
from promptuary.library.exchange.forms import Draft, Form, Old
from promptuary.library.exchange.messages import role_of, text_of
from promptuary.library.exchange.names import name_of, slots_in
from promptuary.library.exchange.times import from_iso
from promptuary.library.exchange.values import text

SYNTAX: Final[dict[str, Syntax]] = {
    "f-string": "fstring",
    "mustache": "mustache",
    "jinja2": "jinja",
}
WRITTEN: Final[dict[Syntax, str]] = {
    "fstring": "f-string",
    "mustache": "mustache",
    "jinja": "jinja2",
    "plain": "mustache",
}
CHATS: Final = frozenset({"ChatPromptTemplate", "StructuredPrompt"})
KINDS: Final[dict[str, Role]] = {
    "SystemMessagePromptTemplate": "system",
    "SystemMessage": "system",
    "HumanMessagePromptTemplate": "user",
    "HumanMessage": "user",
    "AIMessagePromptTemplate": "assistant",
    "AIMessage": "assistant",
    "ToolMessage": "tool",
    "FunctionMessage": "tool",
}
TEMPLATES: Final[dict[Role, str]] = {
    "system": "SystemMessagePromptTemplate",
    "user": "HumanMessagePromptTemplate",
    "assistant": "AIMessagePromptTemplate",
}


def _understand(piece: str, _context: str) -> Draft | None:
    value = json_text.record(piece)
    manifest = value.get("manifest", value)
    prompt, notes = _prompt(manifest)
    if prompt is None:
        return None
    owner, repo = text(value.get("owner"), "owner"), text(value.get("repo"), "repo")
    if value.get("examples"):
        notes += (("examples", "examples of a dataset stay with the format alone"),)
    return Draft(
        name=f"{owner}/{repo}" if owner not in ("", "-") and repo else repo,
        content=_content(prompt),
        message=text(value.get("commit_hash"), "commit_hash"),
        created_at=from_iso(value.get("created_at")),
        notes=notes,
    )


def _prompt(manifest: Json) -> tuple[Json, tuple[tuple[str, str], ...]]:
    """The template in a manifest; of a sequence its first step. None when there is none."""
    kind = _kind(manifest)
    if kind == "RunnableSequence":
        prompt, notes = _prompt(_kwargs(manifest).get("first"))
        return prompt, (*notes, ("model", "the model that follows stays with the format alone"))
    if kind == "StructuredPrompt":
        return manifest, (("schema", "the form of its answers stays with the format alone"),)
    return (manifest if kind in CHATS or kind == "PromptTemplate" else None), ()


def _kind(node: Json) -> str:
    path = node.get("id") if isinstance(node, dict) else None
    return str(path[-1]) if isinstance(path, list) and path else ""


def _kwargs(node: Json) -> dict[str, Json]:
    kwargs = node.get("kwargs") if isinstance(node, dict) else None
    if not isinstance(kwargs, dict):
        raise ValueError("a serialised object has no kwargs")
    return kwargs


def _content(prompt: Json) -> PromptContent:
    kwargs = _kwargs(prompt)
    if _kind(prompt) == "PromptTemplate":
        return PromptContent(text=text(kwargs.get("template"), "template"), syntax=_syntax(prompt))
    messages = kwargs.get("messages")
    if not isinstance(messages, list):
        raise ValueError("a chat template has no messages")
    return PromptContent(turns=tuple(map(_turn, messages)), syntax=_syntax(prompt))


def _syntax(prompt: Json) -> Syntax:
    """The format of the first template in there; they are the same throughout in practice."""
    for kwargs in (_kwargs(prompt), *map(_inner, _kwargs(prompt).get("messages") or ())):
        if (named := kwargs.get("template_format")) in SYNTAX:
            return SYNTAX[named]
    return "fstring"


def _inner(message: Json) -> dict[str, Json]:
    """The keywords of the template in a message."""
    prompt = _kwargs(message).get("prompt")
    first = prompt[0] if isinstance(prompt, list) and prompt else prompt
    return _kwargs(first) if isinstance(first, dict) and "kwargs" in first else {}


def _turn(message: Json) -> ChatTurn:
    kind, kwargs = _kind(message), _kwargs(message)
    if kind == "MessagesPlaceholder":
        return ChatTurn("user", "", name_of(text(kwargs.get("variable_name"), "variable_name")))
    if kind == "ChatMessagePromptTemplate":
        role = role_of(kwargs.get("role"))
    elif kind in KINDS:
        role = KINDS[kind]
    else:
        raise ValueError(f"messages of the kind {kind[:60]!r} are not known")
    if "prompt" not in kwargs:
        return ChatTurn(role, text_of(kwargs.get("content")))
    parts = kwargs["prompt"] if isinstance(kwargs["prompt"], list) else [kwargs["prompt"]]
    texts = [_kwargs(part).get("template") for part in parts]
    return ChatTurn(role, "\n".join(each for each in texts if isinstance(each, str)))


def _say(draft: Draft, old: Old | None, changed: frozenset[str]) -> str:
    value = json_text.before(old)
    if old is None:
        owner, _, repo = draft.name.rpartition("/")
        value = {"owner": owner or "-", "repo": repo, "manifest": None}
    elif "name" in changed and "repo" in value:
        value["owner"], _, value["repo"] = draft.name.rpartition("/")
    if "message" in changed:
        value["commit_hash"] = draft.message
    if "created_at" in changed and draft.created_at:
        value["created_at"] = draft.created_at.isoformat()
    if changed & {"text", "turns", "syntax"}:
        bare = "manifest" not in value
        manifest = _said_manifest(draft, value if bare else value["manifest"])
        value = manifest if bare else {**value, "manifest": manifest}
    return json_text.dumps(value, indent=2)


def _said_manifest(draft: Draft, old: Json) -> dict[str, Json]:
    if _kind(old) == "RunnableSequence":
        first = _said_manifest(draft, _kwargs(old).get("first"))
        return {**old, "kwargs": {**_kwargs(old), "first": first}}
    content = draft.content
    fresh = _chat(content, old) if content.kind == "chat" else _template(content, content.text)
    if old and (_kind(old) in CHATS) == (content.kind == "chat"):
        return {**old, "kwargs": {**_kwargs(old), **fresh["kwargs"]}}
    return fresh


def _node(*id: str, name: str | None = None, **kwargs: Json) -> dict[str, Json]:
    node = {"lc": 1, "type": "constructor", "id": ["langchain", *id], "kwargs": kwargs}
    return {**node, "name": name} if name else node


def _template(content: PromptContent, said: str) -> dict[str, Json]:
    alone = PromptContent(text=said, syntax=content.syntax)
    return _node(
        *("prompts", "prompt", "PromptTemplate"),
        name="PromptTemplate",
        input_variables=sorted(slot.name for slot in slots_in(alone)),
        template=said,
        template_format=WRITTEN[content.syntax],
    )


def _chat(content: PromptContent, old: Json) -> dict[str, Json]:
    before = _kwargs(old).get("messages") if _kind(old) in CHATS else ()
    was = {_turn(message): message for message in before or ()}
    holes = [turn.placeholder for turn in content.turns if turn.placeholder is not None]
    return _node(
        *("prompts", "chat", "ChatPromptTemplate"),
        name="ChatPromptTemplate",
        input_variables=sorted({*(slot.name for slot in slots_in(content)), *holes}),
        messages=[was.get(turn) or _message(content, turn) for turn in content.turns],
    )


def _message(content: PromptContent, turn: ChatTurn) -> dict[str, Json]:
    if turn.placeholder is not None:
        return _node("prompts", "chat", "MessagesPlaceholder", variable_name=turn.placeholder)
    template = _template(content, turn.content)
    if turn.role in TEMPLATES:
        return _node("prompts", "chat", TEMPLATES[turn.role], prompt=template)
    return _node("prompts", "chat", "ChatMessagePromptTemplate", prompt=template, role=turn.role)


FORM = Form(
    name="langsmith",
    title="LangSmith manifests",
    suffix=".json",
    says=frozenset({"text", "turns", "syntax", "message", "created_at"}),
    cut=lambda text: json_text.listed(text, "commits"),
    understand=_understand,
    say=_say,
    join=json_text.joined_list,
    versioned=True,
)
