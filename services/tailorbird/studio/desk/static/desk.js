// What pages do beyond forms and htmx: folded parts stay as they were, entries are dragged, times are the reader's own,
// what is not saved is asked about. Without it everything still works, by buttons and whole pages.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // The menu is folded up where it would cover the page.
  const menu = document.querySelector(".menu");
  if (menu && window.matchMedia("(max-width: 56rem)").matches) menu.open = false;

  // Light or dark: the system's, unless somebody chose.
  const toggle = document.querySelector("[data-look-toggle]");
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
      const look = dark ? "light" : "dark";
      document.documentElement.dataset.look = look;
      document.cookie = `studio_look=${look}; path=/studio; max-age=31536000; samesite=lax`;
      document.dispatchEvent(new Event("studio:look"));
    });
  }

  const localise = (within) => {
    for (const time of all("time[datetime]", within)) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime())) time.textContent = at.toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
    }
  };

  // Entries of a list by drag: they move in the page, and their order there is the order in the document.
  let dragged = null;
  const sortable = (within) => {
    for (const grip of all("[data-grip]", within)) {
      const entry = grip.closest(".entry");
      grip.addEventListener("pointerdown", () => { entry.draggable = true; });
      grip.addEventListener("pointerup", () => { entry.draggable = false; });
    }
  };
  document.addEventListener("dragstart", (event) => {
    const entry = event.target.closest?.(".entry");
    if (!entry) return;
    dragged = entry;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    entry.classList.add("dragged");
  });
  const goal = (event) => {
    const entry = event.target.closest?.(".entry");
    return dragged && entry && entry !== dragged && entry.parentElement === dragged.parentElement ? entry : null;
  };
  document.addEventListener("dragover", (event) => {
    const entry = goal(event);
    all(".entry.over").forEach((one) => one !== entry && one.classList.remove("over"));
    if (entry) { event.preventDefault(); entry.classList.add("over"); }
  });
  document.addEventListener("drop", (event) => {
    const entry = goal(event);
    if (!entry) return;
    event.preventDefault();
    const later = dragged.compareDocumentPosition(entry) & Node.DOCUMENT_POSITION_FOLLOWING;
    entry.parentElement.insertBefore(dragged, later ? entry.nextSibling : entry);
    dragged.closest("form")?.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("dragend", () => {
    all(".entry.over").forEach((one) => one.classList.remove("over"));
    if (dragged) { dragged.classList.remove("dragged"); dragged.draggable = false; }
    dragged = null;
  });

  // A form or a condition is drawn again: what is typed while the answer is on its way is never lost (it is asked again
  // with what stands there by then), what was folded out stays so, and the focus stays where it is.
  const drawn = (target) => target.id === "document" || target.matches(".condition");
  const standing = (target) => all("[name]", target).map((one) => `${one.name}=${one.type === "checkbox" ? one.checked : one.value}`).join("\n");
  const sent = new WeakMap();
  let open = new Map(), pressed = "", place = null;
  // Where the button is after it was pressed: that of an entry moved goes with the entry.
  const after = (value) => value.replace(/^(up|down) (.*)\[(\d+)\]$/, (_, way, list, at) => `${way} ${list}[${+at + (way === "up" ? -1 : 1)}]`);
  const follow = (within) => {
    const wanted = all("button[name=do]", within).find((one) => one.value === after(pressed)) ?? all("button[name=do]", within).find((one) => one.value === pressed);
    return wanted?.disabled ? all("button", wanted.parentElement).find((one) => !one.disabled) : wanted;
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt: source, target, xhr } = event.detail;
    if (!drawn(target)) return;
    sent.set(xhr, standing(target));
    pressed = source.value;
    unsaved = true;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr, requestConfig, shouldSwap } = event.detail;
    if (!shouldSwap || !drawn(target)) return;
    if (sent.get(xhr) !== standing(target)) {
      event.detail.shouldSwap = false;
      window.htmx.trigger(requestConfig.elt, requestConfig.triggeringEvent.type);
      return;
    }
    open = new Map(all("details[id]", target).map((one) => [one.id, one.open]));
    const active = document.activeElement;
    place = target.contains(active) ? { id: active.id, from: active.selectionStart, to: active.selectionEnd } : null;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const within = document.getElementById(event.detail.target.id) ?? document;
    localise(within);
    if (!drawn(event.detail.target)) return;
    for (const one of all("details[id]", within)) if (open.has(one.id)) one.open = open.get(one.id) || one.classList.contains("has-mistake"); else one.open = true;
    sortable(within);
    if (place) {
      const again = place.id ? document.getElementById(place.id) : follow(within);
      again?.focus({ preventScroll: true });
      if (place.from != null && again?.setSelectionRange && again.selectionStart != null) again.setSelectionRange(place.from, place.to);
    }
    say();
  });

  // From why something stands there to where it stands: in every frame of its side that is to be seen.
  for (const button of all("[data-show]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const frames = all("iframe", button.closest("section")).filter((frame) => frame.offsetParent);
      for (const frame of frames) {
        const within = frame.contentDocument;
        const wanted = all("[data-slot], [id]", within).find((one) => (one.dataset.slot ?? one.id) === button.dataset.show);
        all("[data-shown]", within).forEach((one) => { one.style.outline = ""; delete one.dataset.shown; });
        if (!wanted) continue;
        wanted.dataset.shown = "";
        wanted.style.outline = "4px solid #d97706";
        wanted.style.outlineOffset = "6px";
        wanted.scrollIntoView({ block: "center" });
      }
      frames[0]?.scrollIntoView({ block: "nearest" });
    });
  }

  // What is not saved
  let unsaved = false;
  const say = () => { const place = document.querySelector("[data-state]"); if (place) place.textContent = unsaved ? "Not saved yet." : ""; };
  document.addEventListener("input", (event) => { if (event.target.closest?.("[data-unsaved]")) { unsaved = true; say(); } });
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset?.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); return; }
    unsaved = false;
    // Pressed twice it is sent once; that it is on its way is shown at the top.
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    if (event.defaultPrevented) return;
    event.target.dataset.sent = "1";
    document.documentElement.dataset.busy = "";
  });
  let under = 0;
  document.addEventListener("htmx:beforeRequest", () => { under += 1; document.documentElement.dataset.busy = ""; });
  document.addEventListener("htmx:afterRequest", () => { under -= 1; if (under <= 0) delete document.documentElement.dataset.busy; });
  window.addEventListener("pageshow", () => {
    delete document.documentElement.dataset.busy;
    for (const form of all("form[data-sent]")) delete form.dataset.sent;
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  // Signed out, or out of reach, in the middle of writing: said where it is seen, and nothing typed is lost.
  const warn = (text) => {
    let place = document.querySelector("[data-warning]");
    if (!place) {
      place = Object.assign(document.createElement("p"), { className: "wrong warning" });
      place.dataset.warning = "";
      place.setAttribute("role", "alert");
      document.querySelector("main")?.prepend(place);
    }
    place.textContent = text;
  };
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 401) return;
    if (unsaved) warn("You are signed out by now. Save: you will be asked to sign in, and what you wrote is kept.");
    else window.location.assign(`/studio/enter?next=${encodeURIComponent(window.location.pathname)}`);
  });
  document.addEventListener("htmx:sendError", () => warn("The studio can't be reached just now. What you wrote is still on this page."));
  document.addEventListener("htmx:afterOnLoad", () => { const place = document.querySelector("[data-warning]"); if (place && !unsaved) place.remove(); });

  localise(document);
  sortable(document);
})();
