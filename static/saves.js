// Saves of cells, one after the other in the order in which they were asked for, however slow the way to the server; what
// rests on them (undo, approving, pasting) waits its turn. Without this file each form is sent by itself.
const saves = (() => {
  "use strict";
  // Forms, and functions that rest on them and may give a button whose request is waited for as well.
  const waiting = [];
  let current = null;
  function next() {
    while (!current && waiting.length) {
      const turn = waiting.shift();
      if (typeof turn === "function") wait(turn());
      else if (turn.isConnected) {
        wait(turn);
        turn.requestSubmit();
      }
    }
  }
  // For what an element has asked; not if that was never sent, since the browser itself found something missing.
  function wait(element) {
    current = element ?? null;
    if (current) setTimeout(() => { if (current === element && !element.matches(".htmx-request")) done(element); });
  }
  function done(form) {
    form.classList.remove("saving");
    all("input", form).forEach((box) => { box.readOnly = false; });
    current = null;
    next();
  }
  const row = (form) => byId(`param-${address(form).split("/")[2]}`);
  // What else is open in the row saw it as it was before: if nobody else changed it meanwhile, it has seen this, too.
  function tellOthers(form) {
    const [seen, now] = [form.elements.seen_revision.value, row(form)?.cells[0].dataset.revision];
    if (Number(now) !== Number(seen) + 1) return;
    all("form.edit", row(form)).forEach((other) => {
      if (other !== form && other.elements.seen_revision.value === seen) other.elements.seen_revision.value = now;
    });
  }
  // The elements of a form that was swapped away are still its own.
  on("htmx:afterRequest", ({ detail }) => {
    const form = detail.requestConfig?.elt;
    if (!form || form !== current) return;
    if (form.matches(".edit") && detail.successful) {
      tellOthers(form);
      form.remove();
    } else if (form.place) document.dispatchEvent(new CustomEvent("refused", { detail: form }));
    done(form);
  });
  return {
    send(form) {
      if (form !== current && !waiting.includes(form)) waiting.push(form);
      next();
    },
    // At once, if nothing is under way.
    then(act) { waiting.push(act); next(); },
    isIdle: () => !current && !waiting.length,
  };
})();
