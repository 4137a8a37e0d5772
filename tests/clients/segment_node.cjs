// Every call of @segment/analytics-node, sent to the collector: `segment_node.cjs ADDRESS WRITE_KEY NAME`.
const { Analytics } = require("@segment/analytics-node");

const [address, writeKey, name] = process.argv.slice(2);
const errors = [];
const analytics = new Analytics({ writeKey, host: address, path: "/v1/batch", maxEventsInBatch: 20, maxRetries: 2 });
analytics.on("error", (error) => errors.push(JSON.stringify(error)));

const visitor = `${name}-visitor`;
const customer = `${name}-customer`;
const anHourAgo = new Date(Date.now() - 3_600_000);
analytics.page({ anonymousId: visitor, category: "shop", name: "Home", properties: { path: "/" } });
analytics.screen({ anonymousId: visitor, name: "Basket" });
analytics.track({
  anonymousId: visitor, event: "Product Viewed", properties: { product_id: "i-21" }, timestamp: anHourAgo,
});
analytics.track({ anonymousId: visitor, event: "Product Added", properties: { product_id: "i-22", quantity: 2 } });
analytics.group({ anonymousId: visitor, groupId: "household-1", traits: { plan: "family" } });
analytics.identify({ userId: customer, anonymousId: visitor, traits: { firstName: "Ida" } });
analytics.alias({ previousId: visitor, userId: customer });
for (let number = 0; number < 250; number += 1) {
  analytics.track({ userId: customer, event: "Article Read", properties: { number } });
}
const again = { userId: customer, event: "Product Viewed", properties: { product_id: "i-23" }, messageId: `${name}-once` };
analytics.track(again);
analytics.track(again);
analytics.closeAndFlush({ timeout: 30_000 }).then(() => {
  if (errors.length) {
    console.error(errors.join("\n"));
    process.exitCode = 1;
  }
});
