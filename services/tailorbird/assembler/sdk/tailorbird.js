// Tailorbird in a site's pages: fills slots, tells what visitors do, listens for moments. README.md: "In a site's pages".
// <script src=".../sdk/tailorbird.js" data-write-key="KEY" data-page="home" async></script>
(() => {
  const script = document.currentScript;
  const told = window.tailorbird;
  if (!script || told?.track) return;
  const settings = { ...script.dataset };
  const host = settings.host || new URL(script.src).origin;
  const key = "?write_key=" + encodeURIComponent(settings.writeKey || "");
  const patience = Number(settings.patience) || 1500;
  const gpc = navigator.globalPrivacyControl === true;
  const every = (selector, within = document) => [...within.querySelectorAll(selector)];
  const random = () => "xxxxxxxxxxxxxxxxxxxxxxxx".replace(/x/g, () => ((Math.random() * 36) | 0).toString(36));

  // What stays in this browser. Where nothing may be kept, it lasts as long as the page.
  let kept = {};
  try { kept = JSON.parse(localStorage.tailorbird || "{}"); } catch {}
  const keep = () => { try { localStorage.tailorbird = JSON.stringify(kept); } catch {} };

  // Consent: the browser's own word (Global Privacy Control) before the visitor's, before the site's default.
  const may = (purpose) =>
    !(gpc && /personalization|advertising/.test(purpose)) && (kept.consent?.[purpose] ?? settings.consent !== "ask");
  const cookie = (value, age) => {
    document.cookie = `tailorbird_id=${value};path=/;max-age=${age};samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
  };
  let id = /(?:^|; )tailorbird_id=([\w-]{8,80})/.exec(document.cookie)?.[1] || "";
  const identity = () => {
    if (!may("personalization")) { cookie("", 0); return (id = ""); }
    id ||= "v-" + random();
    cookie(id, 34e6);
    return id;
  };

  // Events, in Segment's form. They wait here, and over an outage, until the collector has taken them.
  let queue = [], timer = 0, pause = 0, sending = false;
  const context = () => ({
    page: { path: location.pathname, url: location.origin + location.pathname, title: document.title, referrer: document.referrer },
    locale: document.documentElement.lang || navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    device: { type: matchMedia("(max-width: 700px)").matches ? "mobile" : "desktop" },
    ...(campaign && { campaign: { name: campaign } }),
    ...(may("personalization") || { gpc: true }),
  });
  const campaign = new URLSearchParams(location.search).get("utm_campaign")?.slice(0, 200) || "";
  function add(type, body, more) {
    if (!may("analytics") && !may("personalization")) return;
    queue.push({
      type, messageId: random(), timestamp: new Date().toISOString(), anonymousId: identity() || "nobody",
      ...body, context: { ...context(), ...more },
    });
    saved();
    later(300);
  }
  function saved() {
    queue = queue.slice(-200);
    kept.queue = queue;
    keep();
  }
  const later = (wait) => { timer ||= setTimeout(send, Math.max(wait, pause)); };
  const taken = (batch) => { queue = queue.filter((one) => !batch.includes(one)); pause = 0; saved(); };
  async function send() {
    clearTimeout(timer);
    timer = 0;
    const batch = queue.slice(0, 20);
    if (!batch.length || sending) return;
    sending = true;
    try {
      const answer = await fetch(host + "/v1/batch", {
        method: "POST", keepalive: true, // Outlives the page; and text/plain needs no question beforehand (CORS).
        body: JSON.stringify({ writeKey: settings.writeKey, batch, sentAt: new Date().toISOString() }),
      });
      if (answer.status === 429 || answer.status > 499) throw answer;
      taken(batch);
    } catch { pause = Math.min(pause * 2 || 5e3, 3e5); }
    sending = false;
    if (queue.length) later(300);
  }

  // Slots. Each is filled out of one call; without an answer in time the page keeps what it has.
  let decision = "";
  const width = () => (innerWidth / 200) | 0;
  const safe = /^(https?:|mailto:|tel:|[/#?](?!\/))/i;
  function clean(part) {
    every("script,iframe,object,embed,form,base,meta,link", part).forEach((one) => one.remove());
    for (const one of every("*", part)) {
      for (const { name, value } of [...one.attributes]) {
        if (/^on|^srcdoc$/i.test(name) || (/^(href|src|action|formaction|xlink:href)$/i.test(name) && !safe.test(value)))
          one.removeAttribute(name);
      }
    }
    return part;
  }
  function style(css) {
    const sheet = new CSSStyleSheet(); // Allowed under any Content-Security-Policy.
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return sheet;
  }
  let look;
  async function fill(page = settings.page, more = {}) {
    const slots = every("[data-tailorbird-slot]");
    if (!page || !slots.length) return;
    const events = queue.slice(0, 50);
    const customer = identity() ? { anonymous_id: id, ...(settings.customerToken && { customer_id: settings.customerId }) } : {};
    const asked = {
      customer, events,
      context: {
        channel: "web", referrer: document.referrer.slice(0, 2000), device: context().device.type,
        item_id: settings.itemId || "", locale: document.documentElement.lang, campaign, gpc: !id,
        ...(settings.region && { region: settings.region }), ...more,
      },
    };
    try {
      const answer = await fetch(`${host}/v1/pages/${encodeURIComponent(page)}/fragments${key}`, {
        method: "POST", body: JSON.stringify(asked), signal: AbortSignal.timeout(patience),
        headers: id && settings.customerToken ? { "Tailorbird-Customer-Token": settings.customerToken } : {},
      });
      if (!answer.ok) throw new Error(await answer.text());
      if (!answer.headers.get("Tailorbird-Events-Not-Kept")) taken(events);
      show(await answer.json(), slots, page);
    } catch (error) {
      document.dispatchEvent(new CustomEvent("tailorbird:unfilled", { detail: String(error) }));
    }
  }
  function show(filled, slots, page) {
    decision = filled.decision_id;
    look ? look.replaceSync(filled.style) : (look = style(filled.style));
    kept.heights ||= {};
    for (const slot of slots) {
      const name = slot.dataset.tailorbirdSlot, html = Object.hasOwn(filled.slots, name) && filled.slots[name];
      if (!html) continue;
      // What is parsed here runs nothing and loads nothing; only what is clean reaches the page.
      const content = clean(new DOMParser().parseFromString(html, "text/html").body).firstElementChild;
      place(slot, document.adoptNode(content), `${page}/${name}/${width()}`);
      looks.observe(slot);
      slot.dispatchEvent(new CustomEvent("tailorbird:filled", { bubbles: true, detail: { slot: name, decision_id: decision } }));
    }
    keep();
  }
  // Nothing that can be seen moves: a slot in view keeps the room it has, and is given what it needs from the next page on.
  function place(slot, content, name) {
    const { height, top } = slot.getBoundingClientRect();
    const visible = top < innerHeight && top + height > 0;
    slot.style.overflowY = slot.style.height = "";
    slot.replaceChildren(content);
    const needed = Math.ceil(content.getBoundingClientRect().height);
    if (visible && document.documentElement.scrollHeight > top + height + scrollY && slot.offsetHeight !== Math.round(height)) {
      slot.style.boxSizing = "border-box";
      slot.style.height = height + "px";
      if (needed > height) slot.style.overflowY = "auto";
    }
    kept.heights[name] = needed;
  }
  const known = Object.entries(kept.heights || {}).filter(([name]) => name.startsWith(settings.page + "/") && name.endsWith("/" + width()));
  if (known.length && !performance.getEntriesByType("paint").length)
    style(known.map(([name, height]) => `[data-tailorbird-slot="${CSS.escape(name.split("/")[1])}"]{min-height:${+height}px}`).join(""));

  // What visitors do: what they see, press, rest on and turn away from.
  const carriers = "[data-item],[data-offer],[data-tailorbird-item]";
  const about = (one) => {
    const { item, offer, tailorbirdItem } = one.dataset;
    const what = offer ? { promotion_id: offer } : { product_id: item || tailorbirdItem };
    return one.closest("[data-tailorbird-filled]") ? { ...what, decision_id: decision } : what;
  };
  const looks = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      looks.unobserve(target);
      const products = every("[data-item]", target).map(({ dataset }, place) => ({ product_id: dataset.item, position: place + 1 }));
      if (products.length) track("Product List Viewed", { list_id: target.dataset.tailorbirdSlot, products, decision_id: decision });
      every("[data-offer]", target).forEach((one) => track("Promotion Viewed", about(one)));
    }
  }, { threshold: 0.2 });

  addEventListener("click", ({ target }) => {
    const no = target.closest?.("[data-not-for-me]");
    const one = (no || target).closest?.(carriers);
    if (!one) return;
    const what = about(one);
    if (!no) return track(what.product_id ? "Product Clicked" : "Promotion Clicked", what);
    track(what.product_id ? "Item Dismissed" : "Offer Refused", what);
    const same = (other) => Object.values(about(other))[0] === Object.values(what)[0];
    every("[data-tailorbird-slot] :is([data-item],[data-offer])").filter(same).forEach((other) => other.remove());
  }, true);

  let resting = 0;
  const rested = new Set();
  addEventListener("pointerover", ({ target, pointerType }) => {
    clearTimeout(resting);
    const one = pointerType === "mouse" && target.closest?.(carriers);
    const what = one && about(one);
    if (what?.product_id && !rested.has(what.product_id))
      resting = setTimeout(() => { rested.add(what.product_id); track("Item Hovered", what); }, 1000);
  });

  let seconds = 0, reported = 0, leaving = false;
  const dwelled = () => {
    if (settings.itemId && seconds > reported) track("Item Dwelled", { product_id: settings.itemId, seconds: seconds - reported });
    reported = seconds;
  };
  setInterval(() => {
    if (!document.hidden && [10, 30, 60, 120, 300].includes(++seconds)) dwelled();
  }, 1000);
  document.addEventListener("mouseout", ({ relatedTarget, clientY }) => {
    if (leaving || relatedTarget || clientY > 0) return;
    leaving = true;
    track("Exit Intent", { path: location.pathname });
  });

  // Moments come over one connection, held while the page is looked at.
  let moments;
  function listen() {
    moments?.close();
    moments = null;
    if (document.hidden || settings.moments === "off" || !identity()) return;
    moments = new EventSource(`${host}/v1/moments${key}&anonymous_id=${id}`);
    moments.addEventListener("moment", ({ data, lastEventId }) => {
      if (kept.moment === lastEventId) return; // Heard before, on another page of this visit.
      kept.moment = lastEventId;
      keep();
      const note = JSON.parse(data);
      if (document.dispatchEvent(new CustomEvent("tailorbird:moment", { detail: note, cancelable: true }))) say(note);
    });
    moments.onerror = ({ target }) => { if (target.readyState === 2) setTimeout(() => target === moments && listen(), 3e4); };
  }
  function say({ headline, text, url, call_to_action: action }) {
    const element = (name, content, more) => Object.assign(document.createElement(name), { textContent: content, ...more });
    for (const box of every("[data-tailorbird-moment]")) {
      const close = element("button", "×", { type: "button", ariaLabel: "Close", onclick: () => { box.hidden = true; } });
      const link = action && safe.test(url) ? [element("a", action, { href: url })] : [];
      box.replaceChildren(element("strong", headline), element("p", text), ...link, close);
      box.setAttribute("role", "status");
      box.hidden = false;
    }
  }
  document.addEventListener("visibilitychange", () => {
    listen();
    if (!document.hidden) return;
    dwelled();
    send();
  });

  // What a site calls. Before the script is there: (window.tailorbird ||= []).push(["track", "Name", {...}]).
  function track(event, properties = {}) { add("track", { event, properties }); }
  function page(name = settings.page, properties = {}) {
    if ("item_id" in properties) settings.itemId = properties.item_id;
    seconds = reported = 0;
    leaving = false;
    settings.page = name;
    add("page", { name: name || "", properties: { ...properties, path: location.pathname } });
    if (settings.itemId) track("Product Viewed", { product_id: settings.itemId });
    return fill(name);
  }
  function identify(user, traits = {}) {
    add("identify", { userId: String(user), traits });
  }
  function consent(words) {
    const before = identity();
    kept.consent = { ...kept.consent, ...words };
    const anonymousId = identity() || before;
    if (anonymousId) {
      const event = { type: "track", event: "Segment Consent Preference Updated", anonymousId, messageId: random() };
      queue = may("analytics") || may("personalization") ? queue : [];
      queue.push({ ...event, timestamp: new Date().toISOString(), context: { consent: { categoryPreferences: kept.consent } } });
    }
    saved();
    send();
    listen();
    return fill();
  }
  function reset() {
    cookie("", 0);
    id = "";
    queue = [];
    kept = { consent: kept.consent };
    keep();
    listen();
  }
  const calls = { track, page, identify, consent, reset, fill, id: identity };
  window.tailorbird = { ...calls, push: (...all) => all.forEach(([name, ...rest]) => calls[name](...rest)) };

  function start() {
    queue = [...(kept.queue || []), ...queue];
    if (settings.auto !== "off") page();
    window.tailorbird.push(...(Array.isArray(told) ? told : []));
    listen();
  }
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
