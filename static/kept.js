// Nothing typed is lost. What is typed into a form is kept in this tab until the app has taken it, and offered back after
// a reload; a save that failed says so, and is sent again by itself or with one press. Without this file: the browser
// asks before it leaves, shows its own error page, and the answer to a form from nobody holds what was typed.
(() => {
  "use strict";
  const FIELDS = "textarea, select, input:not([type=hidden], [type=password], [type=file], [type=checkbox], [type=radio])";
  const fields = (form) => all(FIELDS, form).filter((field) => field.name);
  // Only whoever typed it is offered it.
  const who = () => find(".menu strong")?.textContent ?? "";
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
    form?.querySelector(".not-saved")?.remove();
    if (!form?.hasAttribute("data-unsaved") || !target.matches(FIELDS)) return;
    store.set(address(form), Object.fromEntries(fields(form).map((field) => [field.name, field.value])));
  });

  function button(says, act) {
    const made = make("button", "small", says);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }

  const was = (typed) => {
    const text = Object.values(typed ?? {}).filter(Boolean).join(", ");
    return make("p", "", `You typed this here before, and it wasn’t saved: ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`);
  };

  // In the form itself, if what was typed isn't what stands there; never put in unasked.
  function offer(form) {
    const action = address(form), typed = store.get(action);
    if (!typed || form.querySelector(".kept")) return;
    const differing = fields(form).filter((field) => field.name in typed && field.value !== typed[field.name]);
    if (!differing.length) return;
    const row = make("div", "buttons");
    row.append(
      button("Use it", () => {
        row.parentElement.remove();
        differing.forEach((field) => {
          field.value = typed[field.name];
          field.dispatchEvent(new Event("input", { bubbles: true }));
        });
        differing[0].focus();
      }),
      button("Discard", () => { store.drop(action); row.parentElement.remove(); }));
    noteIn(form, "conflict kept", was(typed), row);
  }

  // A field whose form isn't open: a notice that leads to it.
  function lead() {
    const notices = byId("notices");
    for (const action of store.actions()) {
      const field = all("a.field").find((link) => link.getAttribute("href") === `${action}/edit`);
      if (!field || !notices) continue;
      const made = make("div", "notice is-info");
      made.append(was(store.get(action)),
        button("Open it", () => { made.remove(); field.click(); }),
        button("Discard", () => { store.drop(action); made.remove(); }));
      notices.append(made);
    }
  }

  // A form that the browser sends by itself was taken if it led to another page.
  const sent = "sent";
  on("submit", ({ target }) => { if (target.matches("[data-unsaved]:not([hx-post])")) store.set(sent, address(target)); });
  function taken() {
    const [arrival] = performance.getEntriesByType("navigation"), action = store.get(sent);
    if (action && arrival?.redirectCount && arrival.responseStatus === 200) store.drop(action);
    store.drop(sent);
  }

  on("opened", ({ target }) => offer(target));
  on("cancelled", ({ target }) => store.drop(address(target)));
  const offerAll = () => all("form[data-unsaved]").forEach(offer);
  on("DOMContentLoaded", () => { taken(); offerAll(); lead(); tellOffline(); });
  on("htmx:afterSettle", offerAll);

  // A request that failed: what was typed stays in the form, which says so. A field's own form that had no connection is
  // sent by itself when there is one again: it carries the revision it saw and a key by which it counts once.
  const again = new Map();
  const send = (form) => {
    if (!form.isConnected) again.delete(form);
    else if (form.closest(".many tr")) saves.send(form);
    else form.requestSubmit();
  };
  function failed({ type, detail }) {
    const form = pick(detail.elt, "form"), notices = byId("notices");
    const tries = again.get(form) ?? 0;
    const isSent = type === "htmx:sendError" && form?.matches(".edit[data-unsaved]") && (!navigator.onLine || tries) && tries <= 5;
    const then = isSent ? "It is sent as soon as you are online again." : "Try again.";
    // An answer brings its own notice; without one, what was said before is no news.
    if (notices && !(detail.xhr?.status ? notices.textContent.trim() : notices.querySelector(".is-problem"))) {
      notices.append(make("div", "notice is-problem", `Not saved: the app couldn’t be reached. What you typed is still here. ${then}`));
    }
    if (!form?.hasAttribute("data-unsaved")) return;
    noteIn(form, "error not-saved", `Not saved. ${then}`);
    if (!isSent) return;
    again.set(form, tries + 1);
    if (navigator.onLine) setTimeout(send, 1000 * tries, form);
  }
  // What was sent again has its answer: that the app couldn't be reached is no news any more.
  on("htmx:beforeOnLoad", ({ detail }) => {
    if (again.delete(pick(detail.elt, "form"))) find("#notices .is-problem")?.remove();
  });
  on("htmx:sendError", failed);
  on("htmx:timeout", failed);

  const bar = make("div", "offline");
  bar.setAttribute("role", "status");
  function tellOffline() {
    document.body.append(bar);
    bar.textContent = navigator.onLine || !document.body.dataset.me ? "" : "You are offline. What you type is kept here.";
  }
  addEventListener("offline", tellOffline);
  addEventListener("online", () => { tellOffline(); [...again.keys()].forEach(send); });

  // Taken by the app, or let go of.
  const waiting = new Set();
  on("htmx:afterRequest", (event) => {
    // Not detail.elt: a form that was swapped away is no longer what the event comes from.
    const { detail } = event, status = detail.xhr?.status ?? 0, { elt, verb } = detail.requestConfig ?? {};
    if (status) again.delete(detail.elt);
    if (status === 401) waiting.add(elt);
    if (status >= 400 && status !== 409 && status !== 422) failed(event);
    else if (status >= 200 && status < 400 && verb === "post") store.drop((detail.pathInfo?.requestPath ?? "").split("?")[0]);
  });
  on("click", ({ target }) => {
    const cancel = pick(target, "[data-cancel]")?.closest("form");
    if (cancel) store.drop(address(cancel));
    const press = pick(target, "[data-send-again]");
    if (!press) return;
    press.closest(".notice").remove();
    all(".not-saved").forEach((said) => said.remove());
    for (const one of waiting) {
      if (one.matches("form")) send(one);
      else if (one.matches("button")) one.click();
      else one.dispatchEvent(new Event("input", { bubbles: true }));
    }
    waiting.clear();
  });
  on("submit", ({ target }) => {
    if (target.getAttribute("action") === "/sign-out") store.actions().forEach(store.drop);
  });
})();
