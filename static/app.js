// What HTML and htmx can't do alone. Without this file every page still works; each part says how.
(() => {
  "use strict";
  const root = document.documentElement;
  const on = (name, act, capture) => document.addEventListener(name, act, capture);
  const pick = (target, selector) => (target instanceof Element ? target.closest(selector) : null);

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
      document.querySelectorAll("[data-set-theme]").forEach((button) =>
        button.setAttribute("aria-pressed", String(button.dataset.setTheme === name)));
    },
  };
  theme.show(theme.get());

  // Line numbers beside a formula, and a box as high as its text. Without it: the numbers and height it was rendered with.
  function fit(box) {
    const count = box.value.split("\n").length;
    box.rows = Math.min(Math.max(3, count), 50);
    const gutter = box.parentElement.querySelector(".gutter");
    if (gutter) gutter.textContent = Array.from({ length: count }, (_, at) => at + 1).join("\n");
  }
  const fitAll = (within) => within.querySelectorAll("textarea[data-lines]").forEach(fit);

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

  // Typed and not saved. Without it the browser leaves without asking, as it always does.
  const isDirty = (form) => Array.from(form.elements).some((field) =>
    field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue);
  let leaving = false;
  addEventListener("beforeunload", (event) => {
    if (!leaving && Array.from(document.querySelectorAll("form[data-unsaved]")).some(isDirty)) event.preventDefault();
  });

  on("DOMContentLoaded", () => {
    theme.show(theme.get());
    fitAll(document);
    tellTimes(document);
  });

  on("input", (event) => {
    if (event.target.matches("textarea[data-lines]")) fit(event.target);
    const note = pick(event.target, "form")?.querySelector(".not-saved");
    if (note) note.remove();
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

  on("submit", (event) => { if (!event.target.hasAttribute("hx-post")) leaving = true; });

  on("click", (event) => {
    const set = pick(event.target, "[data-set-theme]");
    if (set) theme.set(set.dataset.setTheme);
    pick(event.target, "[data-dismiss]")?.closest(".notice").remove();
    if (pick(event.target, "[data-print]")) print();
    document.querySelectorAll("details.person[open]").forEach((menu) => {
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
      const box = document.getElementById("search");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "Escape") {
      const cancel = pick(event.target, "form.edit")?.querySelector("[data-cancel]");
      const menu = document.querySelector("details.person[open]");
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
    for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) if (at.id) held.push(at.id);
    if (held.length) kept = held;
  }
  // Both: a button that is disabled while its request runs has lost the focus by the time of the swap.
  on("htmx:beforeRequest", () => { kept = []; keep(); });
  on("htmx:beforeSwap", keep);
  on("htmx:afterSettle", (event) => {
    fitAll(event.target instanceof Element ? event.target : document);
    tellTimes(document);
    theme.show(theme.get());
    const opened = document.activeElement;
    // A value that has just been opened is replaced by typing; one that was refused is there to be put right.
    if (opened?.matches("form.edit input:not([type=date], [aria-invalid])") && event.target.contains(opened)) opened.select();
    if (opened && opened !== document.body) return;
    for (const id of kept) {
      const found = document.getElementById(id);
      for (const target of found ? [found, ...found.querySelectorAll("a,button,input,select,textarea")] : []) {
        target.focus({ preventScroll: true });
        if (document.activeElement !== target) continue;
        // What grew above it may have pushed it out of sight.
        target.scrollIntoView({ block: "nearest" });
        return;
      }
    }
  });

  // A request that failed: what was typed stays in the form, and says so. Without it: the browser's own error page, and Back.
  function failed(event) {
    const form = pick(event.detail.elt, "form");
    const notices = document.getElementById("notices");
    if (notices && !notices.textContent.trim()) {
      const note = document.createElement("div");
      note.className = "notice is-problem";
      note.textContent = "Not saved: the app couldn’t be reached. What you typed is still here. Try again.";
      notices.append(note);
    }
    if (form?.hasAttribute("data-unsaved") && !form.querySelector(".not-saved")) {
      const note = document.createElement("p");
      note.className = "error not-saved";
      note.textContent = "Not saved. Try again.";
      (form.querySelector(".edit-more") || form).prepend(note);
    }
  }
  on("htmx:sendError", failed);
  on("htmx:timeout", failed);
  on("htmx:afterRequest", (event) => {
    const status = event.detail.xhr?.status ?? 0;
    if (status >= 400 && status !== 409 && status !== 422) failed(event);
  });
})();
