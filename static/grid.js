// The params grid as a sheet: arrows move, Shift selects, typing replaces, Enter saves and moves down, Tab to the side, Ctrl-C copies,
// Ctrl-V pastes, Space chooses a row, Ctrl-A all of them, Ctrl-Enter approves. Without this file: Tab moves, a link opens
// a cell, Paste a block is a page, the list is there as CSV, and rows are chosen by their checkboxes.
(() => {
  "use strict";
  // Where label, value, unit, range, source and evidence stand; those between are nobody's to fill in.
  const PLACES = [0, 1, 2, 3, 4, 6], LABEL = 0, VALUE = 1, UNIT = 2, RANGE = 3, SOURCE = 4, EVIDENCE = 5;
  const rows = () => all(".many tr[id^='param-']");
  const cellAt = (row, column) => row?.cells[PLACES[column]];
  const fieldAt = (row, column) => cellAt(row, column)?.querySelector(".field");
  // Columns can be left out.
  const isShown = (row, column) => cellAt(row, column)?.offsetParent;
  const shownFrom = (row, first, last) => PLACES.map((_, column) => column).slice(first, last + 1).filter((column) => isShown(row, column));
  let anchor = null, head = null;

  function placeOf(element) {
    const cell = element instanceof Element && element.closest(".many tr[id^='param-'] > :is(th, td)");
    const column = cell ? PLACES.indexOf(cell.cellIndex) : -1;
    return column < 0 ? null : { row: cell.parentElement, column };
  }

  // The selected cells, row by row; one cell when only that has the focus.
  function block() {
    const list = rows(), at = placeOf(active());
    const [from, to] = anchor?.row.isConnected && head?.row.isConnected ? [anchor, head] : [at, at];
    if (!from || !active().matches(".field")) return null;
    const ends = [list.indexOf(from.row), list.indexOf(to.row)].sort((a, b) => a - b);
    const columns = [from.column, to.column].sort((a, b) => a - b);
    return { rows: list.slice(ends[0], ends[1] + 1), columns: shownFrom(from.row, columns[0], columns[1]), following: list.slice(ends[0]) };
  }

  let said = null;
  function say(text) {
    if (!said?.isConnected) {
      said = Object.assign(document.createElement("p"), { className: "vh" });
      said.setAttribute("role", "status");
      byId("main").append(said);
    }
    said.textContent = text;
  }

  function show() {
    all(".many .selected").forEach((cell) => cell.classList.remove("selected"));
    const chosen = anchor && head && (anchor.row !== head.row || anchor.column !== head.column) && block();
    if (!chosen) return;
    for (const row of chosen.rows) {
      for (const column of chosen.columns) cellAt(row, column).classList.add("selected");
    }
    const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
    say(`${many(chosen.rows.length, "row")} by ${many(chosen.columns.length, "column")} selected`);
  }
  function clear() { anchor = head = null; show(); }

  function go(to) {
    const field = fieldAt(to.row, to.column);
    if (!field) return false;
    // What can't be edited is no stop for Tab, but can be walked to.
    if (!field.matches("a")) field.tabIndex = -1;
    field.focus();
    return true;
  }

  // Typing is one row of keys, however slow the way to the server: while a cell is being opened or saved, keys wait, and
  // are done in their order once the cursor stands where they belong.
  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const BEGINS = { [LABEL]: /[^\s/]/, [VALUE]: /[\d.,+\-−(£$€¥]/, [UNIT]: /[^\s/]/, [SOURCE]: /[a-z]/i, [EVIDENCE]: /[^\s/]/ };
  const HELD = /^(Enter|Tab|Backspace|Delete|Escape|Home|End|F2|Arrow\w+)$/;
  const waiting = [];
  // What is under way: the row and column, and of a save its form and where to go then.
  let busy = null;
  document.addEventListener("keydown", (event) => {
    if (!busy || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key.length > 1 && !HELD.test(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting.push(event.key === "Tab" && event.shiftKey ? "Back" : event.key);
  }, true);
  // What was typed ahead of a refusal is for no other cell.
  function giveUp() {
    busy = null;
    if (waiting.length) say("What you typed after it wasn’t taken.");
    waiting.length = 0;
  }
  function drain() {
    while (!busy && waiting.length) {
      const key = waiting.shift(), at = placeOf(active()), form = active().closest("form.edit");
      if (!at) return giveUp();
      if (form) write(form, key, at);
      else if (key === "Enter" || key === "F2") active().click();
      else if (key === "Tab" || key === "Back") step(at, [0, key === "Tab" ? 1 : -1]);
      else press(key, at);
    }
  }
  // To the next cell in a direction that is shown, if there is one.
  function step(at, [down, right]) {
    const list = rows(), to = { row: list[list.indexOf(at.row) + down], column: at.column + right };
    while (right && PLACES[to.column] && !isShown(at.row, to.column)) to.column += right;
    return go(to) && to;
  }

  // A key on a cell that is only read; whether it did something.
  function press(key, at, isSelecting) {
    if (STEPS[key]) {
      if (!isSelecting) clear();
      const to = step(at, STEPS[key]);
      if (!to || !isSelecting) return true;
      anchor ??= at;
      head = to;
      show();
    } else if (key === " ") {
      const box = at.row.querySelector(".pick");
      box?.click();
      return Boolean(box);
    } else if (key === "Escape") {
      if (anchor) clear();
      return false;
    } else if (key === "F2") active().click();
    else if (key === "Home" || key === "End") {
      clear();
      go({ row: at.row, column: shownFrom(at.row, LABEL, EVIDENCE).at(key === "Home" ? 0 : -1) });
    } else if (key === "Delete" || key === "Backspace") return empty();
    else if (key.length === 1 && BEGINS[at.column]?.test(key) && active().matches("a")) open(at, key);
    else return false;
    return true;
  }
  on("keydown", (event) => {
    const at = event.target.matches(".field") && placeOf(event.target);
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(event.key, at, event.shiftKey)) event.preventDefault();
  });

  // A cell that is typed over opens empty, and then takes these keys.
  function open(at, ...keys) {
    waiting.unshift(...keys);
    busy = { id: at.row.id, column: at.column, isNew: true };
    fieldAt(at.row, at.column).click();
  }
  on("htmx:beforeRequest", ({ detail: { elt } }) => {
    const at = !busy && elt.matches?.("a.field") && placeOf(elt);
    if (at) busy = { id: at.row.id, column: at.column };
  });
  // Delete takes values out: one at once, those of a block by the preview of a paste.
  function empty() {
    const { rows: chosen, columns } = block() ?? {}, form = byId("block");
    if (!chosen) return false;
    const [row] = chosen;
    if (!columns.includes(VALUE)) say("Only values are taken out by this key.");
    else if (chosen.length > 1 && form) land(form, { rows: chosen, columns: [VALUE], following: chosen }, chosen.map(() => "none").join("\n"));
    else if (fieldAt(row, VALUE).matches("a") && text(row, VALUE)) open({ row, column: VALUE }, ..."none", "Stay");
    return true;
  }

  // A key in a cell that is open, which nobody has pressed there.
  const BOXES = "input:not([type=hidden]), select, textarea";
  function write(form, key, at) {
    const box = active(), boxes = all(BOXES, form), right = { Tab: 1, Back: -1 }[key] ?? 0;
    const next = right && boxes[boxes.indexOf(box) + right];
    if (next) { next.focus(); next.select?.(); }
    else if (right || key === "Enter" || key === "Stay") save(form, at, [key === "Enter" ? 1 : 0, right]);
    else if (key === "Escape") form.querySelector("[data-cancel]")?.click();
    else if (box.matches("select")) {
      const meant = [...box.options].find(({ label }) => label.toLowerCase().startsWith(key.toLowerCase()));
      if (meant) box.value = meant.value;
    } else if (box.setRangeText && (key.length === 1 || key === "Backspace")) {
      const from = box.selectionStart - (key === "Backspace" && box.selectionStart === box.selectionEnd ? 1 : 0);
      box.setRangeText(key.length === 1 ? key : "", Math.max(0, from), box.selectionEnd, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  // Enter in a cell saves it and goes to the one below, Tab to the one beside it, once it is saved; what is refused keeps
  // the cursor.
  function save(form, at, direction, to) {
    busy = { form, id: at.row.id, column: at.column, direction, to };
    form.requestSubmit();
    // Not even sent: the browser itself found something missing.
    setTimeout(() => { if (busy?.form === form && form.isConnected && !form.matches(".htmx-request")) giveUp(); });
  }
  on("keydown", (event) => {
    const box = event.target, at = box.matches("form.edit :is(input, select)") && placeOf(box), { form } = box;
    const right = event.key === "Tab" ? (event.shiftKey ? -1 : 1) : 0, isEnter = event.key === "Enter" && !event.shiftKey;
    if (!at || !(right || isEnter) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    // Where nothing was typed, or something is to be chosen, Tab leads to the buttons.
    if (right && (box !== all(BOXES, form).at(event.shiftKey ? 0 : -1) || !isDirty(form) || form.querySelector("[aria-invalid], .conflict"))) return;
    event.preventDefault();
    save(form, at, [isEnter ? 1 : 0, right]);
  });
  // As in a sheet, what was typed is saved by going elsewhere. A cell of the same row, which the answer brings anew, is
  // opened when it has come.
  let isLeaving = false;
  on("pointerdown", (event) => {
    const to = placeOf(event.target);
    isLeaving = false;
    waiting.length = 0;
    if (busy?.form) {
      isLeaving = to?.row.id === busy.id && Boolean(fieldAt(to.row, to.column));
      busy = isLeaving ? { ...busy, direction: null, to: to.column } : null;
    }
    // A finger may only want to scroll.
    for (const form of event.pointerType === "touch" || busy ? [] : all(".many form.edit")) {
      const at = placeOf(form);
      if (!at || form.contains(event.target) || !isDirty(form) || form.matches(".htmx-request") || form.querySelector("[aria-invalid], .conflict, .meanwhile")) continue;
      isLeaving = to?.row === at.row && Boolean(fieldAt(to.row, to.column));
      save(form, at, null, isLeaving ? to.column : undefined);
    }
  });
  document.addEventListener("click", (event) => {
    if (!isLeaving || !placeOf(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  // What was under way has come to something, or not yet.
  function settled() {
    const row = busy && byId(busy.id);
    if (!busy) return;
    if (!row) return giveUp();
    const form = cellAt(row, busy.column)?.querySelector("form.edit");
    if (!busy.form) {
      const box = form?.querySelector(BOXES);
      if (!box) return find(".htmx-request") ? undefined : giveUp();
      if (busy.isNew) {
        if (box.matches("input")) box.value = "";
        box.focus();
      }
      busy = null;
      return drain();
    }
    if (form === busy.form && form.matches(".htmx-request")) return;
    if (form) return giveUp();
    const { column, direction, to } = busy, at = { row, column };
    busy = null;
    if (direction) {
      if (!step(at, direction)) go(at);
      drain();
    } else if (to !== undefined && go({ row, column: to })) {
      isLeaving = false;
      active().click();
    }
  }
  // A refusal is one as soon as it is seen: what is pressed from then on is meant for it.
  on("htmx:afterSwap", () => {
    const form = busy?.form && cellAt(byId(busy.id), busy.column)?.querySelector("form.edit");
    if (form && form !== busy.form) giveUp();
  });
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:sendAbort", "htmx:swapError", "htmx:timeout"]) on(failure, () => { if (busy) giveUp(); });
  // What is approved in a group by owner or state, whose rows the server doesn't count again for each saved one.
  function tally() {
    all("[data-counts]").forEach((bar) => {
      const text = bar.nextElementSibling, approved = bar.closest("section").querySelectorAll("tr .is-approved, tr[data-approved]").length;
      if (bar.value === approved) return;
      bar.value = approved;
      text.textContent = text.textContent.replace(/^\d+/, approved);
    });
  }
  on("htmx:afterSettle", () => { settled(); tally(); });

  // Ctrl-A chooses every row that is shown, Ctrl-Enter approves what is chosen, or else the row.
  on("keydown", (event) => {
    const at = (event.ctrlKey || event.metaKey) && !event.altKey && event.target.matches(".field") && placeOf(event.target);
    if (!at) return;
    if (event.key === "a") {
      const boxes = all(".many .pick"), isAll = boxes.every((box) => box.checked);
      event.preventDefault();
      boxes.forEach((box) => { box.checked = !isAll; });
      count();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const button = find(".many .pick:checked") ? byId("bulk-approvals") : at.row.querySelector("[id$='-approve']");
      if (button) button.click();
      else say("There is nothing to approve in this row.");
    }
  });
  // F6 leads to what works on the chosen rows, and back to the cell.
  let left = null;
  on("keydown", (event) => {
    const bar = byId("bulk");
    if (event.key !== "F6" || !bar?.offsetParent) return;
    event.preventDefault();
    if (bar.contains(active())) return left && go(left);
    left = placeOf(active());
    bar.querySelector("input:not([type=hidden]), button, select")?.focus();
  });
  // The link past everything before the grid leads to its first value.
  on("click", (event) => {
    if (event.target.matches("a[data-to-grid]") && go({ row: rows()[0], column: VALUE })) event.preventDefault();
  });

  // From where a Shift-click selects: pressing the mouse moves the focus before the click comes.
  let dragged = null, began = null;
  on("pointerdown", (event) => {
    if (event.shiftKey) began = placeOf(active());
    const at = event.button === 0 && placeOf(event.target);
    if (!event.shiftKey) { clear(); dragged = at && fieldAt(at.row, at.column) ? at : null; }
  });
  on("pointerover", (event) => {
    const to = dragged && event.buttons === 1 && event.pointerType === "mouse" && placeOf(event.target);
    if (!to || (to.row === dragged.row && to.column === dragged.column && !anchor)) return;
    getSelection().removeAllRanges();
    anchor = dragged;
    head = to;
    go(anchor);
    show();
  });
  on("pointerup", () => { dragged = null; });
  on("dragstart", (event) => { if (placeOf(event.target)) event.preventDefault(); });
  on("click", (event) => {
    const to = event.shiftKey && placeOf(event.target);
    if (!to || !(anchor || began)) return;
    event.preventDefault();
    anchor ??= began;
    head = to;
    go(anchor);
    show();
  });

  // What a cell says, as it would be typed: every digit, a share in per cent, a link in full.
  function text(row, column) {
    const field = fieldAt(row, column);
    if (!field || field.matches(".invite") || field.querySelector(".none")) return "";
    if (column === EVIDENCE) return cellAt(row, column).querySelector(".open")?.getAttribute("href") ?? field.textContent.trim();
    let said = field.textContent.trim();
    const more = field.querySelector(".more");
    if (more) said = [said.slice(0, -more.textContent.length), more.textContent].find((reading) => reading.includes("%")).trim();
    if (column === VALUE || column === RANGE) return said.replace(/ %/g, "%").replace(/−/g, "-");
    // A sheet would compute it.
    return /^'*[=+\-@＝＋－＠\t\r]/.test(said) ? `'${said}` : said;
  }
  const quoted = (cell) => (/["\n\r\t]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell);

  on("copy", (event) => {
    const chosen = getSelection().isCollapsed && block();
    if (!chosen) return;
    const lines = chosen.rows.map((row) => chosen.columns.map((column) => quoted(text(row, column))).join("\t"));
    event.clipboardData.setData("text/plain", lines.join("\n"));
    event.preventDefault();
    say(`${chosen.rows.length * chosen.columns.length} cells copied`);
  });

  on("paste", (event) => {
    const form = byId("block"), chosen = form && block();
    if (!chosen || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    land(form, chosen, event.clipboardData.getData("text/plain"));
  });
  // Shows what a block would do that lands on the chosen cells. Back from there, the cursor is where it landed.
  let landed = null;
  on("htmx:afterSettle", () => {
    const isPreview = byId("paste-apply"), row = landed && byId(landed.id);
    if (landed && isPreview) landed.isShown = true;
    else if (landed?.isShown && row) {
      go({ row, column: landed.column });
      landed = null;
    }
  });
  function land(form, { rows: chosen, columns, following }, cells) {
    landed = { id: following[0].id, column: columns[0] };
    const ids = following.map((row) => row.id.slice("param-".length));
    const fields = form.elements;
    [fields.text.value, fields.rows.value] = [cells, ids.join(",")];
    [fields.at.value, fields.column.value] = [ids[0], columns[0]];
    fields.columns.value = shownFrom(chosen[0], 0, EVIDENCE).join();
    form.requestSubmit();
  }

  // How many rows are chosen. Without it the bar only says that some are.
  function count() {
    const boxes = all(".many .pick"), chosen = boxes.filter((box) => box.checked).length;
    const told = find(".bulk .count"), whole = find("[data-pick-all]");
    if (told) told.textContent = `${chosen} ${chosen === 1 ? "row" : "rows"} chosen`;
    if (whole) { whole.checked = chosen > 0 && chosen === boxes.length; whole.indeterminate = chosen > 0 && chosen < boxes.length; }
  }
  on("change", (event) => {
    if (event.target.matches("[data-pick-all]")) {
      all(".many .pick").forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches(".pick, [data-pick-all]")) count();
  });
  // A row that comes back from an edit is still chosen.
  let chosen = [];
  on("htmx:beforeSwap", () => { chosen = all(".pick:checked").map((box) => box.value.split(":")[0]); });
  on("htmx:afterSettle", (event) => {
    // What was refused leaves them chosen.
    const isRefused = find("#notices .is-problem");
    if (!isRefused && (event.target.id === "main" || event.target.querySelector?.(".many"))) chosen = [];
    all(".many .pick").forEach((box) => { if (chosen.includes(box.value.split(":")[0])) box.checked = true; });
    count();
  });
})();
