"""A file of each format, as its own tools write it; none of it is anybody's."""

from __future__ import annotations

import json

LANGFUSE = json.dumps(
    [
        {
            "id": "cm1",
            "createdAt": "2025-11-02T09:30:00.000Z",
            "updatedAt": "2025-11-02T09:30:00.000Z",
            "projectId": "p1",
            "createdBy": "ada",
            "prompt": "Summarise {{text}} in {{count}} sentences.",
            "name": "summaries/short",
            "version": 1,
            "type": "text",
            "isActive": None,
            "config": {},
            "tags": ["summary"],
            "labels": [],
            "commitMessage": "first",
            "resolutionGraph": None,
        },
        {
            "name": "summaries/short",
            "version": 3,
            "type": "text",
            "prompt": "Summarise {{text}} in at most {{count}} sentences.",
            "config": {"model": "small", "temperature": 0.2},
            "tags": ["summary"],
            "labels": ["production", "latest"],
            "commitMessage": None,
        },
        {
            "name": "support",
            "version": 1,
            "type": "chat",
            "prompt": [
                {"type": "chatmessage", "role": "system", "content": "You help {{who}}."},
                {"type": "placeholder", "name": "history"},
                {"role": "user", "content": "{{question}}"},
            ],
            "config": {},
            "tags": [],
            "labels": ["latest"],
        },
    ],
    indent=4,
).encode()

MLFLOW = json.dumps(
    {
        "model_versions": [
            {
                "name": "triage",
                "version": "1",
                "creation_timestamp": 1762076000123,
                "last_updated_timestamp": 1762076000123,
                "description": "the first",
                "user_id": "grace",
                "tags": [
                    {"key": "mlflow.prompt.is_prompt", "value": "true"},
                    {"key": "mlflow.prompt.text", "value": "Sort {{ ticket }} by urgency."},
                    {"key": "_mlflow_prompt_type", "value": "text"},
                    {"key": "task", "value": "triage"},
                ],
                "aliases": ["production"],
                "status": "READY",
            },
            {
                "name": "triage",
                "version": "2",
                "creation_timestamp": 1762076999000,
                "tags": [
                    {"key": "_mlflow_prompt_type", "value": "chat"},
                    {
                        "key": "mlflow.prompt.text",
                        "value": '[{"role": "system", "content": "Be brief."}]',
                    },
                    {"key": "_mlflow_prompt_model_config", "value": '{"model_name": "small"}'},
                ],
            },
            {"name": "a model that is no prompt", "version": "1", "source": "runs:/1/model"},
        ],
        "next_page_token": "",
    }
).encode()

MLFLOW_OBJECTS = json.dumps(
    [
        {
            "name": "greeting",
            "version": 1,
            "template": [{"role": "user", "content": "Hello {{name}}"}],
            "commit_message": "start",
            "tags": {"author": "ada"},
            "aliases": ["champion"],
            "model_config": {"temperature": 0},
            "response_format": None,
        }
    ],
    indent=1,
).encode()

OPENAI = json.dumps(
    {
        "object": "list",
        "data": [
            {
                "id": "pmpt_68a1",
                "object": "prompt",
                "name": "Weather for a city",
                "version": "2",
                "is_default": True,
                "created_at": 1762000000,
                "model": "gpt-5-mini",
                "temperature": 0.3,
                "tools": [{"type": "web_search"}],
                "variables": {"city": "San Francisco"},
                "messages": [
                    {
                        "type": "message",
                        "role": "developer",
                        "content": [{"type": "input_text", "text": "Tell the weather."}],
                    },
                    {"role": "user", "content": "How is it in {{city}}?"},
                ],
            },
            {"id": "pmpt_77b2", "version": "1", "instructions": "Answer in verse."},
        ],
    },
    indent=2,
).encode()

OPENAI_RESPONSES = json.dumps(
    [
        {
            "id": "resp_1",
            "object": "response",
            "created_at": 1762000300,
            "status": "completed",
            "model": "gpt-5-mini",
            "temperature": 0.3,
            "instructions": [
                {
                    "type": "message",
                    "role": "developer",
                    "content": [{"type": "input_text", "text": "Tell Ada how warm Oslo is."}],
                },
                {"type": "message", "role": "user", "content": "In Oslo, {{unit}}."},
            ],
            "prompt": {
                "id": "pmpt_90",
                "version": "3",
                "variables": {
                    "city": {"type": "input_text", "text": "Oslo"},
                    "unit": "{{unit}}",
                    "mood": "gloomy",
                },
            },
            "output": [{"type": "message", "role": "assistant", "content": []}],
            "usage": {"input_tokens": 9},
        },
        {"id": "resp_2", "object": "response", "model": "gpt-5-mini", "prompt": None},
    ]
).encode()

PROMPTS_CHAT = (
    b'"act","prompt","for_devs","type","contributor"\r\n'
    b'"Chess Coach","Play with me.\nSay ""check"" when it is one.",FALSE,TEXT,ada\r\n'
    b'"Translator","Translate what I write, {like this}.",TRUE,TEXT,grace\r\n'
    b'"Chess Coach","Explain this opening.",FALSE,TEXT,linus\r\n'
)

PROMPTY = b"""---
name: Order help
description: Answers about orders   # what it is for
authors:
  - ada
tags: [shop, help]
model:
  api: chat
  configuration:
    type: azure_openai
    azure_deployment: small
  parameters:
    max_tokens: 128
inputs:
  first_name:
    type: string
    description: who asks
  question: Where is my order?
sample:
  first_name: Jane
---
system:
You help {{first_name}} with orders.
{% if vip %}Be very kind.{% endif %}

user:
{{question}}
"""

DOTPROMPT = b"""---
model: googleai/gemini-flash
config:
  temperature: 0.7
input:
  schema:
    name: string, whom to greet
    language?: string
  default:
    name: Guest
output:
  format: json
x-own: {kept: true}
---
{{role "system"}}
Greet {{name}}{{#if language}} in {{language}}{{/if}}.
{{history}}
{{role "user"}}
Hello!
"""

PROMPTFOO = b"""# what we compare
description: Two ways to translate
prompts:
  - 'Translate to {{language}}: {{text}}'

  - |-
    You are a translator.
    Translate {{text}}.
  # with a name
  - id: chatty
    label: Chatty
    raw: '[{"role": "system", "content": "Translate."}, {"role": "user", "content": "{{text}}"}]'
    config: {temperature: 0}
  - file://prompts/other.txt
providers: [openai:gpt-5-mini]
tests:
  - &base
    vars: {language: French, text: Hello}
  - *base
"""

CHAT_JSONL = (
    b'{"messages": [{"role": "system", "content": "Brief."}, {"role": "user", "content": "Hi"}]}\n'
    b"\n"
    b'{"name":"sums","prompt":"Add 2 and 2","completion":"4"}\r\n'
    b'[{"role":"user","content":[{"type":"text","text":"What is this?"},'
    b'{"type":"image_url","image_url":{"url":"x"}}]}]'
)

BATCH = (
    b'{"custom_id": "r-1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m",'
    b'"messages": [{"role": "user", "content": "One"}], "max_tokens": 9}}\n'
    b'{"custom_id": "r-2", "method": "POST", "url": "/v1/responses", "body": {"model": "m", '
    b'"instructions": "Be brief.", "input": "Two"}}\n'
    b'{"custom_id": "r-3", "method": "POST", "url": "/v1/embeddings", "body": {"input": ["a"]}}\n'
    b'{"custom_id": "r-1", "method": "POST", "url": "/v1/completions", "body": {"prompt": "3"}}\n'
)


def span(name: str, *attributes: tuple[str, object], **more: object) -> dict[str, object]:
    """A span of OTLP."""
    pairs = [{"key": key, "value": value} for key, value in attributes]
    return {"traceId": "0" * 32, "spanId": "1" * 16, "name": name, "attributes": pairs, **more}


MESSAGES = '[{"role": "user", "parts": [{"type": "text", "content": "Where is Pluto?"}]}]'
OTEL = json.dumps(
    {
        "resourceSpans": [
            {
                "resource": {"attributes": []},
                "scopeSpans": [
                    {
                        "scope": {"name": "an instrumentation"},
                        "spans": [
                            span("GET /", ("http.method", {"stringValue": "GET"})),
                            span(
                                "chat small",
                                ("gen_ai.request.model", {"stringValue": "small"}),
                                ("gen_ai.request.max_tokens", {"intValue": "64"}),
                                ("gen_ai.input.messages", {"stringValue": MESSAGES}),
                                (
                                    "gen_ai.system_instructions",
                                    {"stringValue": '[{"type": "text", "content": "Be exact."}]'},
                                ),
                            ),
                            span(
                                "chat small",
                                ("gen_ai.prompt.0.role", {"stringValue": "system"}),
                                ("gen_ai.prompt.0.content", {"stringValue": "Be kind."}),
                                ("gen_ai.prompt.1.role", {"stringValue": "user"}),
                                ("gen_ai.prompt.1.content", {"stringValue": "Hello"}),
                                ("gen_ai.prompt.name", {"stringValue": "greeter"}),
                            ),
                            span(
                                "chat small",
                                ("gen_ai.prompt.name", {"stringValue": "greeter"}),
                                ("gen_ai.prompt.0.content", {"stringValue": "Be kind."}),
                                ("gen_ai.prompt.0.role", {"stringValue": "system"}),
                                ("gen_ai.prompt.1.role", {"stringValue": "user"}),
                                ("gen_ai.prompt.1.content", {"stringValue": "Hello"}),
                            ),
                            span(
                                "chat old",
                                events=[
                                    {
                                        "name": "gen_ai.user.message",
                                        "attributes": [
                                            {"key": "content", "value": {"stringValue": "Old way"}}
                                        ],
                                    }
                                ],
                            ),
                        ],
                    }
                ],
            }
        ]
    }
).encode()

SAMPLES: dict[str, tuple[bytes, ...]] = {
    "langfuse": (LANGFUSE,),
    "mlflow": (MLFLOW, MLFLOW_OBJECTS),
    "openai": (OPENAI, OPENAI_RESPONSES),
    "prompts-chat": (PROMPTS_CHAT,),
    "prompty": (PROMPTY, PROMPTY.replace(b"\n", b"\r\n"), b"No front matter, {{ only }} text."),
    "dotprompt": (DOTPROMPT,),
    "promptfoo": (PROMPTFOO, b"prompts: ['One {{a}}', Two]\nproviders: x\n", b'["a", "b"]'),
    "chat-jsonl": (CHAT_JSONL,),
    "openai-batch": (BATCH,),
    "otel": (OTEL, OTEL + b"\n" + OTEL + b"\n"),
}
