// Others' changes, and what happens without a connection. Without this file a page shows how things stood when it was
// loaded, a form that met somebody else's change says so when it is sent, and the browser says when it is offline.
addEventListener("DOMContentLoaded", () => {
  "use strict";
  const me = document.body.dataset.me;
  if (!me) return;
  const add = (className, role) => {
    const made = document.createElement("div");
    made.className = className;
    made.setAttribute("role", role);
    return document.body.appendChild(made);
  };
  const spoken = add("vh", "status"), bar = add("offline", "status");

  // What a page is made of, outermost first. A part is fetched with its page and takes the place of the one that is
  // shown, if it says something else and nobody is typing in it.
  const PARTS = "#heading, #journey, #score-card, .editor[id], .check[id], .params[id], .progress[id], tr[id], dd > .field[id]";
  const dirty = (form) => [...form.elements].some((field) =>
    field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue);
  const isBusy = (part) => part.querySelector("form.edit, .ask, .conflict, .htmx-request") || part.matches("form.edit, .htmx-request")
    || [...part.querySelectorAll("form[data-unsaved]")].some(dirty)
    // Whoever goes by keys keeps their place: only a row is swapped around the focus.
    || (part.contains(document.activeElement) && (!part.matches("tr, td, th") || document.activeElement.matches("input, textarea, select")));
  // What a part says, without what is new with every rendering or was put there by scripts.
  function says(part) {
    const copy = part.cloneNode(true);
    if (part.matches(".editor")) copy.querySelectorAll("form.write .code, details, .check").forEach((its) => its.remove());
    copy.querySelectorAll("[name=idempotency_key], .vh[role]").forEach((key) => key.remove());
    copy.querySelectorAll("time[title]").forEach((time) => { time.textContent = time.title; time.removeAttribute("title"); });
    // By attribute: the class of a drawing is no text.
    copy.querySelectorAll("[class]").forEach((its) => its.setAttribute("class", its.getAttribute("class").replace(/ ?\b(htmx-\S+|fresh)/g, "")));
    copy.querySelectorAll("[open]").forEach((its) => its.removeAttribute("open"));
    copy.querySelectorAll(".field[id]").forEach((its) => { if (part.matches("tr")) its.removeAttribute("id"); });
    return copy.innerHTML.replace(/ class=""/g, "").replace(/\s+/g, " ");
  }
  function flash(part) {
    part.classList.add("fresh");
    setTimeout(() => part.classList.remove("fresh"), 2000);
  }
  function swap(old, fresh) {
    const focused = old.contains(document.activeElement) && document.activeElement;
    const at = focused && [...old.querySelectorAll("a, button, summary")].indexOf(focused);
    old.replaceWith(fresh);
    htmx.process(fresh);
    if (focused) (fresh.querySelectorAll("a, button, summary")[at] || fresh).focus({ preventScroll: true });
  }
  // Puts in place what differs; how many values that were.
  function merge(page) {
    let count = 0;
    page.querySelectorAll(PARTS).forEach((fresh) => {
      const old = document.getElementById(fresh.id);
      if (!old || old === fresh || says(old) === says(fresh)) return;
      // What is said about a text belongs to the text that somebody is writing.
      if (!isBusy(old.matches(".check") && old.closest(".editor") || old)) {
        // A group of params with the same rows is put right row by row.
        const rows = (part) => [...part.querySelectorAll("tr[id]")].map((row) => row.id).join();
        if (fresh.matches(".params") && (rows(old) === rows(fresh) || !location.pathname.startsWith("/initiatives/"))) return;
        const before = [...old.children].map((cell) => cell.textContent.trim());
        swap(old, fresh);
        if (fresh.matches("tr")) {
          const moved = [...fresh.children].filter((cell, at) => says(cell) && cell.textContent.trim() !== before[at] && !cell.querySelector("time"));
          moved.forEach(flash);
          count += moved.filter((cell) => cell.matches(".num")).length || (moved.length ? 1 : 0);
        } else if (fresh.matches(".field")) { flash(fresh); count += 1; }
      } else if (old.matches("tr")) {
        // Somebody types in one of its cells: the others follow.
        [...old.children].forEach((cell, at) => {
          const other = fresh.children[at];
          if (!other || isBusy(cell) || says(cell) === says(other)) return;
          const copy = other.cloneNode(true);
          swap(cell, copy);
          flash(copy);
        });
      }
    });
    // Rows and groups that are new on an initiative's page.
    const held = document.getElementById("params"), wanted = page.getElementById("params");
    if (held && wanted && !isBusy(held) && [...wanted.children].some((group) => !document.getElementById(group.id))) swap(held, wanted);
    document.dispatchEvent(new CustomEvent("live:merged"));
    return count;
  }
  // To whom it is being edited: who changed the very same field, and to what.
  function warn(page, what) {
    document.querySelectorAll("form[data-unsaved]").forEach((form) => {
      const action = form.getAttribute("action").split("?")[0];
      const theirs = what.findLast(([address]) => address === action);
      if (!theirs || form.querySelector(".conflict")) return;
      const field = page.querySelector(`a[href^="${CSS.escape(action).replaceAll("\\", "")}/edit"]`);
      const now = field && !form.matches(".write") ? ` to ${field.textContent.trim().replace(/\s+/g, " ")}` : "";
      let note = form.querySelector(".meanwhile");
      if (!note) {
        note = document.createElement("p");
        note.className = "meanwhile";
        note.setAttribute("role", "status");
        (form.querySelector(".edit-more") || form).prepend(note);
      }
      note.textContent = `${theirs[1]} changed this${now} just now. What you type is kept; saving asks which one counts.`;
    });
  }

  const shows = (key) => location.pathname.startsWith(`/initiatives/${key}`) || document.getElementById(`initiative-${key}`)
    || document.getElementById(`scoring-${key}`) || document.querySelector(`[id^="score-"][id$="-${key}"], .crumb a[href="/initiatives/${key}"]`);

  // What is to be fetched: an address each; one fetch at a time, and a second between two of the same page.
  let due = null, isFetching = false, mine = 0, sent = 0;
  document.addEventListener("htmx:beforeRequest", () => { sent += 1; });
  function want(changes) {
    due ??= { keys: new Set(), what: [], by: new Set(), all: false };
    if (!changes) due.all = true;
    for (const [key, { by, what }] of Object.entries(changes || {})) {
      // One's own, of which the answer to the form has told already.
      const isOwn = Object.keys(by).join() === me && Date.now() - mine < 3000;
      if (!shows(key) || isOwn) continue;
      due.keys.add(key);
      due.what.push(...what.filter(([, name]) => by[me] !== name));
      Object.entries(by).forEach(([id, name]) => { if (id !== me) due.by.add(name); });
    }
    if (!due.all && !due.keys.size) due = null;
    fetchDue();
  }
  async function fetchDue() {
    // A page that answers just now is left to settle.
    if (isFetching || !due || document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")) return;
    const { keys, what, by, all } = due;
    due = null;
    isFetching = true;
    const isGrid = location.pathname === "/params";
    const addresses = isGrid && !all && keys.size < 4
      ? [...keys].map((key) => `/params?initiative=${encodeURIComponent(key)}`) : [location.pathname + location.search];
    try {
      let count = 0;
      const before = sent;
      for (const address of addresses) {
        // Without an answer there is no stream either; when it is back, everything is fetched anew.
        const answer = await fetch(address, { headers: { accept: "text/html" }, redirect: "error" }).catch(() => null);
        if (!answer?.ok) continue;
        const text = await answer.text();
        // Older than what one's own request has brought or is bringing: fetched again when that has settled.
        if (sent !== before) { due ??= { keys, what, by, all }; break; }
        const page = new DOMParser().parseFromString(text, "text/html");
        count += merge(page);
        warn(page, what);
      }
      if (count && by.size) spoken.textContent = `${count} ${count === 1 ? "value" : "values"} changed by ${[...by].join(" and ")}`;
    } finally {
      setTimeout(() => { isFetching = false; fetchDue(); }, 1000);
    }
  }
  document.addEventListener("htmx:afterSettle", () => setTimeout(fetchDue));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.verb === "post" && event.detail.successful) mine = Date.now();
    setTimeout(fetchDue);
  });

  // One tab holds the stream for all, since a browser has six connections to a host; another takes over when it closes.
  const tabs = new BroadcastChannel("live"), recent = [];
  const heard = (changes) => { recent.push([Date.now(), changes]); if (recent.length > 50) recent.shift(); };
  let leads = false;
  tabs.onmessage = ({ data }) => {
    if (data.join === undefined) want(data.changes);
    else if (leads) recent.filter(([at]) => at > Date.now() - data.join - 500).forEach(([, changes]) => tabs.postMessage({ changes }));
  };
  function listen(wait) {
    const stream = new EventSource(`/live?age=${Math.round(wait ? 1e9 : performance.now())}`);
    const tell = (changes) => { heard(changes); want(changes); tabs.postMessage({ changes }); };
    stream.addEventListener("changed", ({ data }) => { wait = 1000; tell(JSON.parse(data)); });
    stream.addEventListener("resync", () => { wait = 1000; tell(null); });
    stream.onerror = () => {
      stream.close();
      setTimeout(() => listen(Math.min((wait || 500) * 2, 30000)), wait || 500);
    };
  }
  const lead = () => { leads = true; listen(0); return new Promise(() => {}); };
  if (navigator.locks) {
    tabs.postMessage({ join: performance.now() });
    navigator.locks.request("live", { ifAvailable: true }, (lock) => {
      if (lock) return lead();
      navigator.locks.request("live", () => { leads = true; listen(1000); return new Promise(() => {}); });
    });
  } else lead();

  // Offline: what is typed stays; a save that failed is sent again by itself if it is a field's own form, which carries
  // the revision it saw and a key by which it counts once.
  const again = new Map();
  function tellOffline() {
    bar.textContent = navigator.onLine ? "" : "You are offline. What you type is kept here.";
  }
  addEventListener("offline", tellOffline);
  addEventListener("online", () => {
    tellOffline();
    for (const form of again.keys()) if (form.isConnected) form.requestSubmit(); else again.delete(form);
  });
  document.addEventListener("htmx:sendError", (event) => {
    const form = event.detail.elt.closest?.("form.edit");
    const tries = again.get(form) || 0;
    if (!form || (navigator.onLine && !tries) || tries > 5) return;
    again.set(form, tries + 1);
    const note = form.querySelector(".not-saved");
    if (note) note.textContent = "Not saved. It is sent as soon as you are online again.";
    if (navigator.onLine) setTimeout(() => { if (form.isConnected) form.requestSubmit(); }, 1000 * tries);
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr?.status) again.delete(event.detail.elt); });
  tellOffline();
});
