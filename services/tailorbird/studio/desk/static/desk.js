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

  // What was folded out stays so when a form is drawn again, and the button that was pressed keeps the focus.
  let open = new Set(), pressed = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    const source = event.detail.elt;
    pressed = source.matches?.("button[name=do]") ? source.value : source.id || "";
    if (source.matches?.("button[name=do], .condition *")) unsaved = true;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "document") open = new Map(all("details[id]", event.detail.target).map((one) => [one.id, one.open]));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const within = document.getElementById(event.detail.target.id) ?? document;
    localise(within);
    if (event.detail.target.id !== "document") return;
    for (const one of all("details[id]", within)) if (open.has(one.id)) one.open = open.get(one.id) || one.classList.contains("has-mistake"); else one.open = true;
    sortable(within);
    const again = all("button[name=do]", within).find((one) => one.value === pressed && !one.disabled) ?? (pressed && document.getElementById(pressed));
    if (again) again.focus({ preventScroll: true });
    say();
  });

  // What is not saved
  let unsaved = false;
  const say = () => { const place = document.querySelector("[data-state]"); if (place) place.textContent = unsaved ? "Not saved yet." : ""; };
  document.addEventListener("input", (event) => { if (event.target.closest?.("[data-unsaved]")) { unsaved = true; say(); } });
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset?.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); return; }
    unsaved = false;
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  localise(document);
  sortable(document);
})();
