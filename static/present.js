// Who else has the page in sight, and which field they have open. Without this file nobody is shown; two edits of one
// field meet as they always do.
addEventListener("DOMContentLoaded", () => {
  "use strict";
  // An initiative, whatever page about it this is; the list of all params; or both, when that shows one initiative's.
  const isGrid = location.pathname === "/params";
  const key = /^\/initiatives\/([A-Z][^/]*)/.exec(location.pathname)?.[1]
    ?? find("[data-of]")?.dataset.of
    ?? find(":is(.crumb, .receipt h1) a[href^='/initiatives/']")?.pathname.split("/")[2]
    ?? (isGrid && new URLSearchParams(location.search).get("initiative"));
  const at = [key, isGrid && "params"].filter(Boolean).join();
  const me = Number(document.body.dataset.me), person = find("details.person");
  if (!me || !at || !person) return;
  const tab = String(Math.random()).slice(2), box = make("details", "person present"), list = make("ul", "menu plain");
  box.append(make("summary"), list);
  box.hidden = true;
  person.before(box);
  let people = {}, told = null, next = null;

  // The form that somebody has open or types in: a field's is there only while it is open.
  function edits() {
    const forms = all("form[data-unsaved]");
    const open = forms.find((form) => form.contains(active())) ?? forms.find((form) => form.matches(".edit") || isDirty(form));
    return open ? address(open) : "";
  }

  // A sign of life while the page is in sight; the answer says who else is there.
  async function tell() {
    clearTimeout(next);
    told = document.hidden ? null : edits();
    const said = new URLSearchParams({ tab, at: document.hidden ? "" : at, edits: told ?? "" });
    if (document.hidden) { navigator.sendBeacon("/presence", said); return; }
    const answer = await fetch("/presence", { method: "POST", body: said }).catch(() => null);
    people = answer?.ok ? await answer.json() : {};
    show();
    clearTimeout(next);
    if (answer?.status !== 401) next = setTimeout(tell, 10000);
  }

  const others = () => Object.values(people).flat().filter((who) => who.id !== me);
  function show() {
    const here = at.split(",").flatMap((place) => people[place] ?? []).filter((who) => who.id !== me);
    const there = [...new Map(here.map((who) => [who.id, who])).values()];
    box.hidden = !there.length;
    const few = there.length > 3 ? there.slice(0, 2) : there, more = there.length - few.length;
    const names = few.map((who) => who.name), marks = few.map((who) => make("span", "mark", who.mark));
    if (more) { names.push(more > 40 ? "many others" : `${more} others`); marks.push(make("span", "mark", `+${more}`)); }
    const says = `Also here: ${new Intl.ListFormat("en-GB").format(names)}`, spoken = make("span", "vh", says);
    marks.forEach((mark) => mark.setAttribute("aria-hidden", true));
    box.firstChild.title = says;
    box.firstChild.replaceChildren(...marks, spoken);
    list.replaceChildren(...there.map((who) => make("li", "", who.edits ? `${who.name}, editing` : who.name)));
    mark();
  }

  // The field that another has open, where it is shown; in one's own form for it, in words.
  function mark() {
    all("[data-held]").forEach((field) => { delete field.dataset.held; field.ariaDescription = null; });
    const held = new Map(others().filter((who) => who.edits).map((who) => [who.edits, who]));
    all("a.field").forEach((field) => {
      const who = held.get(field.pathname.replace(/\/edit$/, ""));
      if (who) { field.dataset.held = who.mark; field.ariaDescription = `${who.name} is editing this`; }
    });
    all("form[data-unsaved]").forEach((form) => {
      const who = held.get(address(form)), says = who ? `${who.name} is editing this too.` : "";
      if ((form.querySelector(".held")?.textContent ?? "") !== says) noteIn(form, "held", says);
    });
  }

  on("live:present", ({ detail }) => { Object.assign(people, detail); show(); });
  on("live:merged", mark);
  on("htmx:afterSettle", mark);
  const look = () => setTimeout(() => { if (told !== null && edits() !== told) tell(); });
  ["focusin", "focusout", "input", "htmx:afterSettle"].forEach((name) => on(name, look));
  on("visibilitychange", tell);
  addEventListener("pagehide", () => navigator.sendBeacon("/presence", new URLSearchParams({ tab, at: "" })));
  addEventListener("online", tell);
  addEventListener("pageshow", (event) => { if (event.persisted) tell(); });
  tell();
});
