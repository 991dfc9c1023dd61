"""Prometheus metrics: stable names, and labels that cannot grow without bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from promptuary.api.metering_moves import moved
from promptuary.domain.chats import ChatTotals
from promptuary.domain.reports import Figures

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HTTP: Final = ("service", "method", "endpoint", "status_code", "http_status")
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Meters:
    """Counts of one application, in a registry of its own."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "http_requests_total", "Requests answered.", _HTTP, registry=registry
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Time to answer.",
            _HTTP,
            buckets=_BUCKETS,
            registry=registry,
        )
        self._prompts = Counter(
            "prompts_processed_total", "Prompts by outcome.", ("status",), registry=registry
        )
        self._rejected = Counter(
            "prompts_rejected_total", "Refused prompts by code.", ("reason",), registry=registry
        )
        self._searches = Histogram(
            "promptuary_search_seconds",
            "Time of a search.",
            ("mode",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self._empty = Counter(
            "promptuary_search_empty_total", "Searches without a hit.", registry=registry
        )
        self._answers = Counter(
            "promptuary_answers_total", "Questions by outcome.", ("outcome",), registry=registry
        )
        self._elsewhere = _Elsewhere()
        registry.register(self._elsewhere)

    def request(self, method: str, endpoint: str | None, status: int, seconds: float) -> None:
        """One answered request; `endpoint` is the route's template, None where none matched."""
        labels = (
            self._service,
            method if method in METHODS else "OTHER",
            endpoint or "unmatched",
            str(status),
            str(status),
        )
        self._requests.labels(*labels).inc()
        self._durations.labels(*labels).observe(seconds)

    def prompts(self, status: str, number: int = 1) -> None:
        """Prompts that ended as `status`: accepted, duplicate, rejected, received or error."""
        if number:
            self._prompts.labels(status).inc(number)

    def refusal(self, code: str, number: int = 1) -> None:
        """Prompts refused under a stable error code."""
        self._rejected.labels(code).inc(number)

    def search(self, mode: str, seconds: float, *, empty: bool) -> None:
        """One search."""
        self._searches.labels(mode).observe(seconds)
        if empty:
            self._empty.inc()

    def answer(self, *, refused: bool) -> None:
        """One question that was answered, or not."""
        self._answers.labels("refused" if refused else "answered").inc()

    def figures(self, figures: Figures | None) -> None:
        """What is counted elsewhere; None when nobody could say: no number is better than an old
        one."""
        self._elsewhere.figures = figures

    def exposition(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)


class _Elsewhere(Collector):
    """What the record, the index and the embedding cache count themselves."""

    def __init__(self) -> None:
        self.figures: Figures | None = None

    def collect(self) -> Iterator[Metric]:
        """Nothing while nobody can say."""
        if (now := self.figures) is None:
            return
        yield GaugeMetricFamily("active_clusters", "Living clusters.", now.clusters)
        yield GaugeMetricFamily("active_templates", "Current templates.", now.clusters)
        yield GaugeMetricFamily("promptuary_queue_depth", "Jobs that wait.", now.waiting_jobs)
        yield GaugeMetricFamily(
            "promptuary_index_lag_seconds",
            "How long the index has been behind the record.",
            now.index_lag_seconds,
        )
        yield CounterMetricFamily(
            "clusters_created_total", "Clusters ever found.", now.clusters_created
        )
        made = CounterMetricFamily(
            "templates_extracted_total", "Template versions ever made.", labels=("model",)
        )
        made.add_metric(("rules",), now.templates_extracted)
        yield made
        for name, count in (("cache_hits", now.cache_hits), ("cache_misses", now.cache_misses)):
            cached = CounterMetricFamily(
                f"{name}_total", "Asked of a cache.", labels=("cache_type",)
            )
            cached.add_metric(("embedding",), count)
            yield cached
        yield from moved(now.moves)
        yield from _chats(now.chats)
        if now.budgets:
            used = GaugeMetricFamily(
                "promptuary_budget_used_ratio", "Of the fullest tenant.", labels=("span", "kind")
            )
            accounts = dict.fromkeys((each.span, each.kind) for each in now.budgets)
            for span, kind in accounts:
                mine = [e.share for e in now.budgets if (e.span, e.kind) == (span, kind)]
                used.add_metric((span, kind), max(mine))
            yield used


def _chats(totals: Sequence[ChatTotals]) -> Iterator[Metric]:
    """Calls of chat models; nothing where none was asked."""
    if not totals:
        return
    names = ("provider", "model")
    cost = CounterMetricFamily("promptuary_cost_usd_total", "Dollars for replies.", labels=names)
    asked = CounterMetricFamily("promptuary_chat_calls_total", "Asked of models.", labels=names)
    failed = CounterMetricFamily(
        "promptuary_chat_failures_total", "Calls that failed.", labels=names
    )
    tokens = CounterMetricFamily("tokens_used_total", "Tokens.", labels=("model", "operation"))
    up = GaugeMetricFamily("promptuary_provider_up", "Who replied last.", labels=("provider",))
    for each in totals:
        labels = (each.provider, each.model)
        cost.add_metric(labels, each.cost)
        asked.add_metric(labels, each.calls)
        failed.add_metric(labels, each.failures)
        tokens.add_metric((each.model, "prompt"), each.prompt_tokens)
        tokens.add_metric((each.model, "completion"), each.completion_tokens)
    for provider in dict.fromkeys(each.provider for each in totals):
        up.add_metric((provider,), float(any(t.up for t in totals if t.provider == provider)))
    yield from (cost, asked, failed, tokens, up)
