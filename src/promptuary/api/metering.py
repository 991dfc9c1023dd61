"""Prometheus metrics: stable names, and labels that cannot grow without bound."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

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
        self._clusters = Gauge("active_clusters", "Living clusters.", registry=registry)
        self._templates = Gauge("active_templates", "Current templates.", registry=registry)
        self._waiting = Gauge("promptuary_queue_depth", "Jobs that wait.", registry=registry)

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

    def standing(self, clusters: int, waiting: int) -> None:
        """How many clusters live (each has one current template), and how many jobs wait."""
        self._clusters.set(clusters)
        self._templates.set(clusters)
        self._waiting.set(waiting)

    def unknown_standing(self) -> None:
        """The record did not say: no number is better than an old one."""
        for gauge in (self._clusters, self._templates, self._waiting):
            gauge.set(float("nan"))

    def exposition(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self._registry)
