"""Every call of a client library in Python, sent to the collector: `everything.py MODULE ADDRESS KEY NAME [gzip]`.

`NAME` begins each id, so that a test finds what came of it. Ends with an error when the library says that one failed.
"""

import importlib
import sys
from datetime import UTC, datetime, timedelta

module, address, key, name = sys.argv[1:5]
errors: list[str] = []
client = importlib.import_module(module).Client(
    key, host=address, gzip="gzip" in sys.argv[5:], on_error=lambda error, _: errors.append(str(error))
)
visitor, customer = f"{name}-visitor", f"{name}-customer"
an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
client.page(anonymous_id=visitor, category="shop", name="Home", properties={"path": "/"})
client.screen(anonymous_id=visitor, name="Basket")
client.track(anonymous_id=visitor, event="Product Viewed", properties={"product_id": "i-21"}, timestamp=an_hour_ago)
client.track(anonymous_id=visitor, event="Product Added", properties={"product_id": "i-22", "quantity": 2})
client.group(anonymous_id=visitor, group_id="household-1", traits={"plan": "family"})
client.identify(user_id=customer, anonymous_id=visitor, traits={"firstName": "Ida"})
client.alias(previous_id=visitor, user_id=customer)
for number in range(250):
    client.track(user_id=customer, event="Article Read", properties={"number": number})
for _ in range(2):
    client.track(user_id=customer, event="Product Added", properties={"product_id": "i-23"}, message_id=f"{name}-once")
client.flush()
client.join()
sys.exit("\n".join(errors) or 0)
