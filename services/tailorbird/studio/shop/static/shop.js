// Makes the shop quicker, not possible: every link and form here also works without this file.
(() => {
  const panel = document.getElementById("panel");

  async function explain(address) {
    const answer = await fetch(address, { headers: { "X-Panel": "1" } });
    if (!answer.ok || !panel.showModal) { location.href = address; return; }
    panel.querySelector(".panel-body").innerHTML = await answer.text();
    panel.showModal();
    panel.scrollTop = 0;
  }

  // The page as it is after a button was pressed takes the place of the one before; the scroll position stays.
  async function press(form) {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok) { form.submit(); return; }
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const moved = new URL(answer.url).pathname !== location.pathname;
    document.querySelectorAll("style[nonce]").forEach((style) => {
      const other = next.querySelector("style[nonce]");
      if (other) style.textContent = other.textContent;
    });
    document.body.className = next.body.className;
    for (const part of [".shop", ".stage"]) {
      const now = document.querySelector(part), then = next.querySelector(part);
      if (now && then) now.replaceWith(then);
    }
    document.querySelectorAll(".toast").forEach((toast) => toast.remove());
    const toast = next.querySelector(".toast");
    if (toast) document.body.append(toast);
    document.title = next.title;
    if (moved) { history.pushState(null, "", answer.url); scrollTo(0, 0); }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".why-link");
    if (link && !event.metaKey && !event.ctrlKey) { event.preventDefault(); explain(link.href); return; }
    if (event.target === panel) panel.close();
    const picker = document.querySelector(".picker[open]");
    if (picker && !picker.contains(event.target)) picker.open = false;
  });

  document.addEventListener("keydown", (event) => {
    const picker = document.querySelector(".picker[open]");
    if (event.key === "Escape" && picker) { picker.open = false; picker.querySelector("summary").focus(); }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-live]")) { event.preventDefault(); press(form); }
    if (form.matches(".chat-form")) {
      event.preventDefault();
      const input = form.querySelector("input");
      if (!input.value.trim()) return;
      const line = document.createElement("p");
      line.className = "me";
      line.textContent = input.value;
      form.parentElement.querySelector(".chat-lines").append(line);
      input.value = "";
    }
  });

  // What only a browser notices: how long an item is looked at, and that somebody is about to leave.
  const notice = (told) => navigator.sendBeacon("/shop/noticed", new URLSearchParams(told));
  const looked = location.pathname.match(/^\/shop\/product\/([^/]+)$/);
  if (looked) {
    setInterval(() => {
      if (document.visibilityState === "visible") notice({ item_id: decodeURIComponent(looked[1]), seconds: "15" });
    }, 15000);
  }
  let left = false;
  document.documentElement.addEventListener("mouseleave", (event) => {
    if (!left && event.clientY <= 0) { left = true; notice({ exit: "1" }); }
  });

  addEventListener("popstate", () => location.reload());
})();
