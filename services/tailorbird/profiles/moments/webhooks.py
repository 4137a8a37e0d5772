"""What is told of webhooks: each with its secrets, the moments that call it, and how telling it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from tailorbird.contracts.moments import Deliveries, Webhooks, WebhookTold
from tailorbird.profiles.moments.document import MomentIndex
from tailorbird.profiles.moments.outgoing import Outgoing
from tailorbird.profiles.moments.payload import Delivery

__all__ = ["told_of"]


async def told_of(index: MomentIndex, outgoing: Outgoing, waiting: Iterable[bytes], now: float) -> Webhooks:
    """Every webhook that is called, by id. `waiting`: the deliveries that are still to be made."""
    due = Counter(msgspec.json.decode(body, type=Delivery).webhook for body in waiting)
    found = []
    for name, webhook in sorted(index.webhooks.items()):
        secrets = outgoing.secrets_of(name, webhook, now)
        until = webhook.secret_before_until
        counted = await outgoing.book.of(name) if outgoing.book is not None else Deliveries()
        found.append(
            WebhookTold(
                id=name,
                name=webhook.name,
                url=webhook.url,
                secret=secrets[0],
                moments=tuple(one for one, kept in index.moments.items() if name in kept.moment.webhooks),
                secret_before=secrets[1] if len(secrets) > 1 else "",
                secret_before_until=until.timestamp() if until and len(secrets) > 1 else 0.0,
                deliveries=replace(counted, waiting=due[name]),
            )
        )
    return Webhooks(webhooks=tuple(found))
