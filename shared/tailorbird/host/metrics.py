"""What a process counts of itself, in Prometheus' text format at /metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = [
    "ANSWERED_BEFORE",
    "COLLECTOR_REFUSES",
    "CONNECTED",
    "DECISIONS_WAITING",
    "EVENTS_NOT_KEPT",
    "EVENTS_REFUSED",
    "FALLBACKS",
    "LATENCY",
    "REQUESTS",
    "SPOOLED_BATCHES",
    "SPOOLED_BYTES",
]

REQUESTS = Counter("tailorbird_http_requests_total", "HTTP requests answered.", ["method", "status"])
LATENCY = Histogram(
    "tailorbird_http_request_seconds",
    "Seconds from the first byte of a request to the last of its answer.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
)
EVENTS_REFUSED = Counter(
    "tailorbird_events_refused_total", "Accepted events that could not be folded: `tailorbird events dead` lists them."
)
EVENTS_NOT_KEPT = Counter(
    "tailorbird_events_not_kept_total", "Events answered with 503: neither the stream nor the disk took them."
)
COLLECTOR_REFUSES = Gauge(
    "tailorbird_collector_refuses", "ALARM when 1: stream and spool are full or away, and new events are refused."
)
SPOOLED_BATCHES = Gauge("tailorbird_spooled_batches", "Batches of accepted events that wait on disk for the stream.")
SPOOLED_BYTES = Gauge("tailorbird_spooled_bytes", "Bytes of accepted events that wait on disk for the stream.")
FALLBACKS = Counter(
    "tailorbird_fallbacks_total", "Slots on their fallback because a part did not come in time.", ["page", "slot"]
)
ANSWERED_BEFORE = Counter(
    "tailorbird_answered_before_total",
    "Times that a service did not answer and what it had answered for this customer before stood in.",
    ["service"],
)
DECISIONS_WAITING = Gauge("tailorbird_decisions_waiting", "Decisions made and not written to their stream yet.")
CONNECTED = Gauge("tailorbird_nats_connected", "1 while this process is connected to NATS.")
