// What HTML and htmx can't do alone. Without this file every page still works; each part says how.

// For these files, which are served as one.
const on = (name, act, capture) => document.addEventListener(name, act, capture);
const pick = (target, selector) => (target instanceof Element ? target.closest(selector) : null);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const find = (selector) => document.querySelector(selector);
const byId = (id) => document.getElementById(id);
const active = () => document.activeElement;
const make = (tag, className = "", textContent = "") => Object.assign(document.createElement(tag), { className, textContent });
// What a cell says, by the form that stands in its place.
const readings = new WeakMap();
// What was sent and isn't taken stands there with the reason.
const isAnswer = (form) => form.querySelector("[aria-invalid], .conflict:not(.kept), .not-saved");
// Where a form posts, without its question, which says where to go back to.
const address = (form) => (form.getAttribute("action") ?? "").split("?")[0];
// Typed and not saved.
const isDirty = (form) => [...form.elements].some((field) =>
  field.matches("select") ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected))
    : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue);
// What is said in a form, in place of what was said there before under that class; an empty text only takes that away.
function noteIn(form, className, ...says) {
  const note = make(typeof says[0] === "string" ? "p" : "div", className);
  note.setAttribute("role", "status");
  note.append(...says);
  form.querySelector(`.${className.split(" ").pop()}`)?.remove();
  if (says[0]) (form.querySelector(".edit-more") || form).prepend(note);
}

(() => {
  "use strict";
  const root = document.documentElement;

  // Hides the "Set" buttons of forms that submit by themselves. Without it they are shown and work.
  root.classList.add("js");

  // Theme. Without it the system's choice is followed.
  const theme = {
    get() { try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; } },
    set(name) {
      try { localStorage.setItem("theme", name); } catch { /* private mode: for this page only */ }
      theme.show(name);
    },
    show(name) {
      if (name === "light" || name === "dark") root.dataset.theme = name;
      else delete root.dataset.theme;
      all("[data-set-theme]").forEach((button) =>
        button.setAttribute("aria-pressed", String(button.dataset.setTheme === name)));
    },
  };
  theme.show(theme.get());

  // Margins of a formula: under the box lie its lines once more, unseen, so that number and value stand beside each
  // however it wraps, and the box is as high as they are. Without it: as it was rendered.
  function fit(box) {
    const rows = box.parentElement.querySelector(".rows");
    const texts = box.value.split("\n");
    // A value stays with its line's text while lines come and go around it.
    const values = new Map([...rows.children].map((row) => [row.children[1].textContent, row.children[2].textContent]));
    while (rows.children.length > texts.length) rows.lastElementChild.remove();
    texts.forEach((text, at) => {
      const row = rows.children[at] ?? rows.appendChild(rows.firstElementChild.cloneNode(true));
      [at + 1, text, values.get(text) ?? ""].forEach((said, cell) => { row.children[cell].textContent = said; });
      row.classList.remove("wrong");
    });
  }
  // What the check says about each line, beside it.
  function tellLines(box) {
    fit(box);
    const check = (box.closest(".editor") || box.form).querySelector(".check");
    const rows = box.parentElement.querySelector(".rows").children;
    for (const row of rows) row.children[2].textContent = "";
    check.querySelectorAll("[data-line]").forEach((line) => {
      const row = rows[line.dataset.line - 1];
      if (row) row.children[2].textContent = row.children[2].title = line.dataset.value;
    });
    check.querySelectorAll("[data-wrong]").forEach((line) => rows[line.dataset.wrong - 1]?.classList.add("wrong"));
  }
  const fitAll = () => all("textarea[data-lines]").forEach(tellLines);

  // A name in place of a misspelt one, with the cursor where it was. Without it: the button sends the form, and the page
  // comes back with the name put in.
  function take(button) {
    const box = button.form.elements.formula;
    const [written, meant] = button.value.split(" ");
    const put = (text) => text.replace(/#.*|\w+/g, (word) => (word === written ? meant : word));
    const at = put(box.value.slice(0, box.selectionEnd)).length;
    box.value = put(box.value);
    box.focus();
    box.setSelectionRange(at, at);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Moments in the reader's own zone. Without it: in UTC, which the text says.
  const parts = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  const thisYear = new Intl.DateTimeFormat("en-GB", parts);
  const anyYear = new Intl.DateTimeFormat("en-GB", { ...parts, year: "numeric" });
  const tellTimes = (within) => within.querySelectorAll("time[datetime*='T']").forEach((time) => {
    const at = new Date(time.dateTime);
    if (time.title || Number.isNaN(at.valueOf())) return;
    time.title = time.textContent;
    time.textContent = (at.getFullYear() === new Date().getFullYear() ? thisYear : anyYear).format(at);
  });

  // Before what is typed and not saved is left. Without it the browser leaves without asking, as it always does.
  let leaving = false;
  addEventListener("beforeunload", (event) => {
    if (!leaving && all("form[data-unsaved]").some(isDirty)) event.preventDefault();
  });

  on("DOMContentLoaded", () => {
    theme.show(theme.get());
    fitAll();
    tellTimes(document);
  });

  on("input", (event) => {
    if (event.target.matches("textarea[data-lines]")) fit(event.target);
  });

  // A select that submits its form; one that is changed by keys when Enter is pressed or it is left, since the keys pass
  // over the choices between. Without it: the button beside it.
  let byKeys = null, chosen = null;
  const choose = (select) => {
    chosen = byKeys = null;
    if (select.isConnected) select.form.requestSubmit();
  };
  on("keydown", (event) => {
    if (!event.target.matches("form[data-autosubmit] select")) return;
    if (event.key === "Enter" && chosen) { event.preventDefault(); choose(chosen); }
    else if (!event.altKey && event.key !== " " && event.key !== "Enter") byKeys = event.target;
  });
  on("pointerdown", () => { byKeys = null; });
  on("change", (event) => {
    if (!event.target.matches("form[data-autosubmit] select")) return;
    if (byKeys === event.target) chosen = byKeys;
    else choose(event.target);
  });
  on("focusout", (event) => { if (chosen === event.target) choose(chosen); });

  // The buttons in rows share one form; what is answered takes the row's place. Without it: the page comes back.
  on("submit", (event) => {
    const button = event.submitter, row = event.target.id === "decide" && button?.closest("tr");
    if (row) {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(event.target, button));
      htmx.ajax("POST", button.getAttribute("formaction"), { source: button, target: row, swap: "outerHTML", values });
    } else if (!event.target.hasAttribute("hx-post")) leaving = true;
  });

  on("click", (event) => {
    const set = pick(event.target, "[data-set-theme]");
    if (set) theme.set(set.dataset.setTheme);
    pick(event.target, "[data-dismiss]")?.closest(".notice").remove();
    if (pick(event.target, "[data-print]")) print();
    // A field opens its form in place. Without it: the link leads to the form on a page of its own.
    const field = pick(event.target, "a.field");
    if (field && !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      htmx.ajax("GET", field.getAttribute("href"), { source: field, target: field, swap: "outerHTML" });
    }
    const name = pick(event.target, "[data-take]");
    if (name) { event.preventDefault(); take(name); }
    all("details.person[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    // A click on a backlog row opens its initiative. Without it: the title is a link.
    const row = pick(event.target, ":is(.backlog, .scoring) tbody tr");
    if (row && !pick(event.target, "a,button,form,select,input,label") && getSelection().isCollapsed) {
      row.querySelector(".name a")?.click();
    }
  });

  // Keys: "/" or Ctrl-K searches, Esc cancels an edit or closes the menu, Ctrl-Enter saves. Enter on a value opens it,
  // since it is a link. Without it: Tab to the same controls.
  on("keydown", (event) => {
    const typing = event.target.matches("input,textarea,select");
    if ((event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey)
      || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
      const box = byId("search");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "Escape") {
      const cancel = pick(event.target, "form.edit")?.querySelector("[data-cancel]");
      const menu = find("details.person[open]");
      if (cancel) { event.preventDefault(); cancel.click(); }
      else if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
      event.target.form?.requestSubmit();
    }
  });

  // Focus stays where it was when what held it is swapped: on the element with the same id, or the one around it.
  // Without it pages reload and start at the top.
  let kept = [];
  function keep() {
    const held = [];
    for (let at = active(); at && at !== document.body; at = at.parentElement) {
      // A cell of a grid is known by where it leads.
      const known = at.id || at.getAttribute("href");
      if (known) held.push(known);
      // What one does next, where this won't be there any more.
      if (at.dataset.next) held.push(at.dataset.next);
    }
    if (held.length) kept = held;
  }
  // Both: a button that is disabled while its request runs has lost the focus by the time of the swap.
  // One that begins while another runs (the check of a formula that is being saved) must not forget where that one was.
  let running = 0;
  // Whatever waits for an answer says so to whoever doesn't see it.
  on("htmx:beforeRequest", ({ detail: { elt } }) => { if (running === 0) kept = []; running += 1; keep(); elt.ariaBusy = true; });
  on("htmx:afterRequest", ({ detail: { elt } }) => { running = Math.max(0, running - 1); elt.ariaBusy = null; });
  on("htmx:beforeSwap", keep);
  // A row that comes back from a save leaves what is being typed in its other cells where it is.
  let open = [];
  on("htmx:beforeSwap", ({ detail: { target, requestConfig } }) => {
    const forms = target.matches("tr") ? all("form[data-unsaved]", target) : [];
    const isOpen = (form) => form !== requestConfig?.elt && (isDirty(form) || isAnswer(form) || form.contains(active()));
    open = [...new Set(forms.filter(isOpen).map((form) => form.closest("td, th")))].map((cell) => [target.id, cell, cell.cellIndex]);
  });
  // What was opened to be read is open again when it comes back.
  const opened = new Set();
  on("toggle", ({ target }) => { if (target.id && target.isConnected) opened[target.open ? "add" : "delete"](target.id); }, true);
  // A chip leads to another page; whoever goes by keys goes on from there, not from the top.
  const nameOf = (chip) => chip.parentElement.getAttribute("aria-label") + chip.textContent;
  on("click", ({ target, detail }) => {
    const chip = target.closest?.("a.chip");
    if (chip && !detail) sessionStorage.setItem("chip", nameOf(chip));
  });
  on("DOMContentLoaded", () => {
    const came = sessionStorage.getItem("chip");
    sessionStorage.removeItem("chip");
    all("a.chip").find((chip) => nameOf(chip) === came)?.focus();
  });
  on("htmx:afterSwap", () => {
    for (const [id, cell, at] of open) {
      const there = byId(id)?.cells[at];
      if (!there || there.querySelector("form.edit")) continue;
      all("form.edit", cell).forEach((form) => readings.set(form, there.querySelector(".field")));
      there.replaceWith(cell);
      htmx.process(cell);
    }
    open = [];
  });
  const settle = () => {
    fitAll();
    opened.forEach((id) => { const found = byId(id); if (found) found.open = true; });
    tellTimes(document);
  };
  on("live:merged", settle);
  on("htmx:afterSettle", (event) => {
    settle();
    theme.show(theme.get());
    const focused = active();
    // A value that has just been opened is replaced by typing; one that was refused is there to be put right.
    if (focused?.matches("form.edit input:not([type=date], [aria-invalid], .many tr *)") && event.target.contains(focused)) focused.select();
    // What grew above it may have pushed it out of sight.
    const show = (target) => [target, target.form?.querySelector(".edit-more")].forEach((its) => its?.scrollIntoView({ block: "nearest" }));
    if (focused && focused !== document.body) return event.target.contains(focused) ? show(focused) : undefined;
    for (const id of kept) {
      // A form in a grid's row has an id; the cell that it was has only its address.
      const [, row, field] = /^param-(\d+)-(\w+)$/.exec(id) || [];
      const address = row ? `/params/${row}/fields/${field}/edit` : id;
      const found = byId(id) || all("#main a").find((link) => link.getAttribute("href") === address) || (id.startsWith("#") ? find(id) : null);
      // What did something and is gone: never the next button in its place, which might undo it, nor a box to type in.
      if (found?.matches("section, article")) found.tabIndex = -1;
      for (const target of found ? [found, ...found.querySelectorAll("a,button,input,select,textarea")] : []) {
        target.focus({ preventScroll: true });
        if (active() !== target) continue;
        return show(target);
      }
    }
  });
})();
