// Undo and redo by keys, on pages where things are edited: Ctrl-Z (Cmd-Z) takes one's last act on what is shown back,
// with Shift, or by Ctrl-Y, it is done again. Not within a text that is being typed, whose own undo that is. Without this file: the
// button "Undo: …" at the top of the page, and "Redo" beside what was undone.
(() => {
  "use strict";
  // Presses that wait, each `true` where it does again; the place that the first of them has asked, and whether it is
  // being done. One after the other, since each asks what is the last by then.
  const pressed = [];
  let place = null, isSent = false;
  const giveUp = () => { pressed.length = 0; place = null; isSent = false; };
  // Rows that were edited here, one by one or many at once: they count as shown, also when a filter doesn't find them any
  // more. Added anew each time, so that the last are the latest.
  const edited = new Set();
  on("htmx:afterRequest", ({ detail: { pathInfo, requestConfig } }) => {
    if (requestConfig?.verb !== "post") return;
    const many = ["row", "seen_revisions"].flatMap((name) => requestConfig.formData.getAll(name)).join();
    for (const [, row] of `${pathInfo.requestPath.replace(/^\/params\/(\d+)\/.*/, "$1:")},${many}`.matchAll(/(?<![\w-])(\d+):/g)) {
      edited.delete(row);
      edited.add(row);
    }
  });
  function ask() {
    // A place that was replaced meanwhile gets no answer any more: it is asked again.
    if (isSent || place?.isConnected || !pressed.length) return;
    place = byId("undo");
    if (!place) return giveUp();
    // As many as an address has room for.
    const shown = () => [...new Set([...all("tr[id^='param-']").map((row) => row.id.slice(6)), ...edited])].slice(-1000).join();
    const of = place.dataset.subject === "params" ? `params=${shown()}` : place.dataset.subject;
    htmx.ajax("GET", `/changes/last?${of}${pressed[0] ? "&wanted=redo" : ""}`, { source: place, target: place, swap: "outerHTML" });
  }
  on("keydown", (event) => {
    const key = event.key.toLowerCase(), redoes = event.shiftKey || key === "y";
    if (!(key === "z" || (key === "y" && event.ctrlKey)) || !(event.ctrlKey || event.metaKey) || event.altKey || event.repeat) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]),textarea,select,[contenteditable]")) return;
    if (!byId("undo")) return;
    event.preventDefault();
    saves.then(() => { pressed.push(redoes); ask(); });
  });
  // The button has come, and its form is ready: press it. Others' changes may settle meanwhile, and say nothing of it.
  on("htmx:afterSettle", ({ target }) => {
    if (!place || isSent) return;
    if (target.id !== "undo") return ask();
    const form = find("#undo form");
    if (!form) return giveUp();
    pressed.shift();
    isSent = true;
    form.requestSubmit();
  });
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) on(failure, giveUp);

  // What was undone is shown, and rows that were asked for; not over a text that somebody is typing, which its revision
  // protects.
  on("undone", async () => {
    try {
      if (all("form[data-unsaved]").some((form) => isDirty(form) || isAnswer(form))) return;
      const answer = await fetch(location.href);
      const main = byId("main");
      if (answer.ok && main) htmx.swap(main, await answer.text(), { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 }, { select: "#main" });
    } finally {
      isSent = false;
      place = null;
      setTimeout(ask);
    }
  });
})();
