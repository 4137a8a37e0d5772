"""How a service lives: its settings, its documents, its HTTP door, and the nats-server beside it.

Start with `service.py` (what a service is), then `app.py` (how services become one Litestar application).
"""
