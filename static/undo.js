// Undo and redo by keys, on pages where things are edited: Ctrl-Z (Cmd-Z) takes one's last act on what is shown back,
// with Shift, or by Ctrl-Y, it is done again. Not within a text that is being typed, whose own undo that is. Without this file: the
// button "Undo: …" at the top of the page, and "Redo" beside what was undone.
(() => {
  "use strict";
  let asked = false;
  // Rows that were edited here: they count as shown, also when a filter doesn't find them any more.
  const edited = new Set();
  on("htmx:afterRequest", ({ detail }) => {
    const [, row] = /^\/params\/(\d+)\//.exec(detail.pathInfo?.requestPath ?? "") ?? [];
    if (row && detail.requestConfig?.verb === "post") edited.add(row);
  });
  on("keydown", (event) => {
    const key = event.key.toLowerCase(), redoes = event.shiftKey || key === "y";
    if (!(key === "z" || (key === "y" && event.ctrlKey)) || !(event.ctrlKey || event.metaKey) || event.altKey || event.repeat) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]),textarea,select,[contenteditable]")) return;
    const place = document.getElementById("undo");
    if (!place || asked) return;
    event.preventDefault();
    asked = true;
    const shown = () => [...new Set([...all("tr[id^='param-']").map((row) => row.id.slice(6)), ...edited])].join();
    const of = place.dataset.subject === "params" ? `params=${shown()}` : place.dataset.subject;
    const wanted = redoes ? "&wanted=redo" : "";
    htmx.ajax("GET", `/changes/last?${of}${wanted}`, { source: place, target: place, swap: "outerHTML" });
  });
  // The button has come, and its form is ready: press it. Others' changes may settle meanwhile, and say nothing of it.
  on("htmx:afterSettle", (event) => {
    if (!asked || event.target.id !== "undo") return;
    asked = false;
    document.querySelector("#undo form")?.requestSubmit();
  });
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) on(failure, () => { asked = false; });

  // What was undone is shown, and rows that were asked for; not over a text that somebody is typing, which its revision
  // protects.
  on("undone", async () => {
    if (all("form[data-unsaved]").some(isDirty)) return;
    const answer = await fetch(location.href);
    const main = document.getElementById("main");
    if (answer.ok && main) htmx.swap(main, await answer.text(), { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 }, { select: "#main" });
  });
})();
