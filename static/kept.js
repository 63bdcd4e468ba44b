// Nothing typed is lost. What is typed into a form is kept in this tab until the app has taken it, and offered back after
// a reload; a form that came when nobody was signed in any more is sent again with one press. Without this file: the
// browser asks before it leaves, and the answer to such a form holds what was typed.
(() => {
  "use strict";
  const on = (name, act) => document.addEventListener(name, act);
  const FIELDS = "textarea, select, input:not([type=hidden], [type=password], [type=file], [type=checkbox], [type=radio])";
  const fields = (form) => [...form.querySelectorAll(FIELDS)].filter((field) => field.name);
  // Without its question, which says where to go back to.
  const path = (address) => (address ?? "").split("?")[0];
  const address = (form) => path(form.getAttribute("action"));
  // Only whoever typed it is offered it.
  const who = () => document.querySelector(".menu strong")?.textContent ?? "";
  const key = (action) => `kept ${who()} ${action}`;

  const store = {
    get(action) { try { return JSON.parse(sessionStorage.getItem(key(action))); } catch { return null; } },
    set(action, typed) { try { sessionStorage.setItem(key(action), JSON.stringify(typed)); } catch { /* full or private */ } },
    drop(action) { try { sessionStorage.removeItem(key(action)); } catch { /* private */ } },
    actions() {
      const start = key("");
      try { return Object.keys(sessionStorage).filter((name) => name.startsWith(start)).map((name) => name.slice(start.length)); }
      catch { return []; }
    },
  };

  on("input", ({ target }) => {
    const form = target.form;
    if (!form?.hasAttribute("data-unsaved") || !target.matches(FIELDS)) return;
    store.set(address(form), Object.fromEntries(fields(form).map((field) => [field.name, field.value])));
  });

  function button(says, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "small";
    made.textContent = says;
    made.addEventListener("click", act);
    return made;
  }

  function note(says, ...buttons) {
    const box = document.createElement("div"), text = document.createElement("p"), row = document.createElement("div");
    box.className = "conflict kept";
    box.setAttribute("role", "status");
    text.textContent = says;
    row.className = "buttons";
    row.append(...buttons);
    box.append(text, row);
    return box;
  }

  const short = (typed) => {
    const text = Object.values(typed).filter(Boolean).join(", ");
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  };

  // In the form itself, if what was typed isn't what stands there; never put in unasked.
  function offer(form) {
    const action = address(form), typed = store.get(action);
    if (!typed || form.querySelector(".kept")) return;
    const differing = fields(form).filter((field) => field.name in typed && field.value !== typed[field.name]);
    if (!differing.length) return;
    const made = note(`You typed this here before, and it wasn’t saved: ${short(typed)}`,
      button("Use it", () => {
        made.remove();
        differing.forEach((field) => {
          field.value = typed[field.name];
          field.dispatchEvent(new Event("input", { bubbles: true }));
        });
        differing[0].focus();
      }),
      button("Discard", () => { store.drop(action); made.remove(); }));
    (form.querySelector(".edit-more") || form).prepend(made);
  }

  // A field whose form isn't open: a notice that leads to it.
  function lead() {
    const notices = document.getElementById("notices");
    for (const action of store.actions()) {
      const field = [...document.querySelectorAll("a.field")].find((link) => link.getAttribute("href") === `${action}/edit`);
      if (!field || !notices) continue;
      const made = document.createElement("div"), text = document.createElement("p");
      made.className = "notice is-info";
      text.textContent = `You typed this here before, and it wasn’t saved: ${short(store.get(action) ?? {})}`;
      made.append(text,
        button("Open it", () => { made.remove(); field.click(); }),
        button("Discard", () => { store.drop(action); made.remove(); }));
      notices.append(made);
    }
  }

  const offerAll = () => document.querySelectorAll("form[data-unsaved]").forEach(offer);
  on("DOMContentLoaded", () => { offerAll(); lead(); });
  on("htmx:afterSettle", offerAll);

  // Taken by the app, or let go of.
  let waiting = null;
  on("htmx:afterRequest", ({ detail }) => {
    // Not detail.elt: a form that was swapped away is no longer what the event comes from.
    const status = detail.xhr?.status ?? 0, { elt, verb } = detail.requestConfig ?? {};
    if (status === 401) waiting = elt;
    else if (status >= 200 && status < 400 && verb === "post") store.drop(path(detail.pathInfo?.requestPath));
  });
  on("click", ({ target }) => {
    const cancel = target.closest?.("[data-cancel]");
    if (cancel?.closest("form")) store.drop(address(cancel.closest("form")));
    const again = target.closest?.("[data-send-again]");
    if (!again) return;
    again.closest(".notice").remove();
    document.querySelectorAll(".not-saved").forEach((said) => said.remove());
    if (waiting?.matches("form")) waiting.requestSubmit();
    else if (waiting?.matches("button")) waiting.click();
    else waiting?.dispatchEvent(new Event("input", { bubbles: true }));
    waiting = null;
  });
  on("submit", ({ target }) => {
    if (target.getAttribute("action") === "/sign-out") store.actions().forEach(store.drop);
  });
})();
