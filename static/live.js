// Others' changes. Without this file a page shows how things stood when it was loaded, and a form that met somebody
// else's change says so when it is sent.
addEventListener("DOMContentLoaded", () => {
  "use strict";
  const me = document.body.dataset.me;
  if (!me) return;
  const spoken = document.body.appendChild(make("div", "vh")), news = document.body.appendChild(make("div", "news"));
  for (const said of [spoken, news]) said.setAttribute("role", "status");

  // What a page is made of, outermost first. A part is fetched with its page and takes the place of the one that is
  // shown, if it says something else and nobody is typing in it.
  const PARTS = "#heading, #journey, #score-card, .editor[id], .check[id], .answer[id], .params[id], .progress[id], .mirror[id], .live[id], .fact[id], #said, #waiting, tr[id], dd > .field[id]";
  const isBusy = (part) => part.querySelector("form.edit, .ask, .conflict, .htmx-request") || part.matches("form.edit, .htmx-request")
    || [...part.querySelectorAll("form[data-unsaved]")].some(isDirty)
    // Whoever goes by keys keeps their place: only a row, or what says how something stands, is swapped around the focus.
    || (part.contains(active()) && (!part.matches("tr, td, th, .answer, .mirror, #said, #waiting") || active().matches("input, textarea, select")));
  // What a part says, without what is new with every rendering or was put there by scripts.
  function says(part) {
    const copy = part.cloneNode(true), inside = (selector) => all(selector, copy);
    if (part.matches(".editor")) inside("form.write .code, details, .check").forEach((its) => its.remove());
    inside("[name=idempotency_key], .vh[role], form [role=status]").forEach((key) => key.remove());
    inside("time[title]").forEach((time) => { time.textContent = time.title; time.removeAttribute("title"); });
    // By attribute: the class of a drawing is no text.
    inside("[class]").forEach((its) => its.setAttribute("class", its.getAttribute("class").replace(/ ?\b(htmx-\S+|fresh|selected)/g, "")));
    for (const name of ["open", "data-held", "aria-description"]) inside(`[${name}]`).forEach((its) => its.removeAttribute(name));
    inside(".field[id]").forEach((its) => { if (part.matches("tr")) its.removeAttribute("id"); });
    return copy.innerHTML.replace(/ class=""/g, "").replace(/\s+/g, " ");
  }
  function flash(part) {
    part.classList.add("fresh");
    setTimeout(() => part.classList.remove("fresh"), 2000);
  }
  function swap(old, fresh) {
    const focused = old.contains(active()) && active();
    const at = focused && [...old.querySelectorAll("a, button, summary")].indexOf(focused);
    old.replaceWith(fresh);
    htmx.process(fresh);
    if (!focused) return;
    // Never another button in the place of the one that Enter is about to press.
    const same = focused.id && byId(focused.id), there = [...fresh.querySelectorAll("a[href]")].find((link) => link.href === focused.href) ?? fresh.querySelectorAll("a, button, summary")[at];
    const isIt = fresh.matches("tr, td, th") || there?.textContent === focused.textContent;
    (same || (isIt && there) || fresh).focus({ preventScroll: true });
  }
  // Puts in place what differs; how many values that were.
  function merge(page) {
    let count = 0;
    page.querySelectorAll(PARTS).forEach((fresh) => {
      const old = byId(fresh.id);
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
        else if (fresh.matches("#said")) spoken.textContent = fresh.querySelector("li:last-child p")?.textContent ?? "";
        else if (fresh.matches(".answer")) spoken.textContent = fresh.querySelector(".asking strong, .failed .error, .headline")?.textContent ?? "";
      } else if (old.matches("tr")) {
        // Somebody types in one of its cells: the others follow.
        if (fresh.cells[0].dataset.revision) old.cells[0].dataset.revision = fresh.cells[0].dataset.revision;
        [...old.children].forEach((cell, at) => {
          const other = fresh.children[at];
          const form = cell.querySelector("form.edit");
          if (form && other) readings.set(form, other.querySelector(".field")?.cloneNode(true));
          if (!other || isBusy(cell) || says(cell) === says(other)) return;
          const copy = other.cloneNode(true);
          swap(cell, copy);
          flash(copy);
        });
      }
    });
    // Rows and groups that are new on an initiative's page.
    const held = byId("params"), wanted = page.getElementById("params");
    if (held && wanted && !isBusy(held) && [...wanted.children].some((group) => !byId(group.id))) swap(held, wanted);
    document.dispatchEvent(new CustomEvent("live:merged"));
    return count;
  }
  // To whom it is being edited: who changed the very same field, and to what.
  function warn(page, what) {
    all("form[data-unsaved]").forEach((form) => {
      const action = form.getAttribute("action").split("?")[0];
      const theirs = what.findLast(([address]) => address === action);
      if (!theirs || form.querySelector(".conflict")) return;
      const field = page.querySelector(`a[href^="${CSS.escape(action).replaceAll("\\", "")}/edit"]`);
      const now = field && !form.matches(".write") ? ` to ${field.textContent.trim().replace(/\s+/g, " ")}` : "";
      noteIn(form, "meanwhile", `${theirs[1]} changed this${now} just now. What you type is kept; saving asks which one counts.`);
    });
  }

  // Rows of a list that weren't there when it was loaded. They are put in place when that is asked for, since they move
  // the others.
  const isList = ["/backlog", "/facts", "/math-models", "/params", "/scoring"].includes(location.pathname);
  function tellNew(page) {
    const count = all("#main tbody tr[id]", page).filter((row) => !byId(row.id)).length;
    news.replaceChildren();
    if (!count) return;
    const show = news.appendChild(make("button", "small", `${count} new ${count === 1 ? "row" : "rows"}: show`));
    show.type = "button";
    show.addEventListener("click", () => {
      if (all("form[data-unsaved]").some(isDirty)) return location.reload();
      news.replaceChildren();
      byId("main").focus({ preventScroll: true });
      document.dispatchEvent(new Event("undone"));
    });
  }

  const shows = (key) => location.pathname.startsWith(`/initiatives/${key}`) || location.pathname.startsWith(`/${key}`) || byId(`initiative-${key}`)
    || byId(`scoring-${key}`) || find(`[id^="score-"][id$="-${key}"], .crumb a[href="/initiatives/${key}"], .crumb[data-of="${key}"], .waits a[href="/initiatives/${key}"]`);

  // What is to be fetched: an address each; one fetch at a time, and a second between two of the same page.
  let due = null, isFetching = false, mine = 0, sent = 0;
  document.addEventListener("htmx:beforeRequest", () => { sent += 1; });
  function want(changes) {
    due ??= { keys: new Set(), what: [], by: new Set(), whole: false };
    if (!changes) due.whole = true;
    for (const [key, { by, what, adds }] of Object.entries(changes || {})) {
      // One's own, of which the answer to the form has told already.
      const isOwn = Object.keys(by).join() === me && Date.now() - mine < 3000;
      if (isOwn || !(shows(key) || (adds && isList))) continue;
      due.keys.add(key);
      due.whole ||= adds && isList;
      due.what.push(...what.filter(([, name]) => by[me] !== name));
      Object.entries(by).forEach(([id, name]) => { if (id !== me) due.by.add(name); });
    }
    if (!due.whole && !due.keys.size) due = null;
    fetchDue();
  }
  async function fetchDue() {
    // A page that answers just now is left to settle.
    if (isFetching || !due || find(".htmx-request, .htmx-swapping, .htmx-settling")) return;
    const { keys, what, by, whole } = due;
    due = null;
    isFetching = true;
    const isGrid = location.pathname === "/params";
    const addresses = isGrid && !whole && keys.size < 4
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
        if (sent !== before) { due ??= { keys, what, by, whole }; break; }
        const page = new DOMParser().parseFromString(text, "text/html");
        count += merge(page);
        warn(page, what);
        if (whole && isList) tellNew(page);
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
  let leads = false, stream = null, next = null;
  const present = (detail) => document.dispatchEvent(new CustomEvent("live:present", { detail }));
  // What the top bar's links say, by their ids.
  const tellBar = (bar) => Object.entries(bar).forEach(([id, said]) => {
    const link = byId(id);
    if (!link || link.innerHTML === said) return;
    link.innerHTML = said;
    // Something waits, or waits no more: the queue itself says what.
    if (id === "bar-queue" && location.pathname === "/queue") want(null);
  });
  tabs.onmessage = ({ data }) => {
    if (data.present) present(data.present);
    else if (data.bar) tellBar(data.bar);
    else if (data.join === undefined) want(data.changes);
    else if (leads) recent.filter(([at]) => at > Date.now() - data.join - 500).forEach(([, changes]) => tabs.postMessage({ changes }));
  };
  function listen(wait) {
    clearTimeout(next);
    stream = new EventSource(`/live?age=${Math.round(wait ? 1e9 : performance.now())}`);
    const tell = (changes) => { heard(changes); want(changes); tabs.postMessage({ changes }); };
    stream.addEventListener("changed", ({ data }) => { wait = 1000; tell(JSON.parse(data)); });
    stream.addEventListener("present", ({ data }) => {
      present(JSON.parse(data));
      tabs.postMessage({ present: JSON.parse(data) });
    });
    stream.addEventListener("bar", ({ data }) => {
      const bar = JSON.parse(data);
      tellBar(bar);
      tabs.postMessage({ bar });
    });
    stream.addEventListener("resync", () => { wait = 1000; tell(null); });
    stream.onerror = () => {
      stream.close();
      next = setTimeout(() => listen(Math.min((wait || 500) * 2, 30000)), wait || 500);
    };
  }
  // What was missed without a connection is fetched at once, not when the next attempt is due.
  addEventListener("online", () => { if (leads) { stream?.close(); listen(1000); } });
  const lead = () => { leads = true; listen(0); return new Promise(() => {}); };
  if (navigator.locks) {
    tabs.postMessage({ join: performance.now() });
    navigator.locks.request("live", { ifAvailable: true }, (lock) => {
      if (lock) return lead();
      navigator.locks.request("live", () => { leads = true; listen(1000); return new Promise(() => {}); });
    });
  } else lead();
});
