"""What a process counts of itself, in Prometheus' text format at /metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = ["CONNECTED", "EVENTS_REFUSED", "LATENCY", "REQUESTS"]

REQUESTS = Counter("tailorbird_http_requests_total", "HTTP requests answered.", ["method", "status"])
LATENCY = Histogram(
    "tailorbird_http_request_seconds",
    "Seconds from the first byte of a request to the last of its answer.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
)
EVENTS_REFUSED = Counter(
    "tailorbird_events_refused_total", "Accepted events that could not be folded: `tailorbird events dead` lists them."
)
CONNECTED = Gauge("tailorbird_nats_connected", "1 while this process is connected to NATS.")
