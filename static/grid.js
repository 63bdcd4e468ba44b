// The params grid as a sheet: arrows move, Shift selects, typing replaces, Enter saves and moves down, Tab to the side, Ctrl-C copies,
// Ctrl-V pastes, Space chooses a row, Ctrl-A all of them, Ctrl-Enter approves. Without this file: Tab moves, a link opens
// a cell, Paste a block is a page, the list is there as CSV, and rows are chosen by their checkboxes.
(() => {
  "use strict";
  const { STEPS, VALUE, EVIDENCE, rows, cellAt, fieldAt, isShown, placeOf, say, go, step, text, open } = cells;
  const LABEL = 0, RANGE = 3;
  const shownFrom = (row, first, last) => cells.PLACES.map((_, column) => column).slice(first, last + 1).filter((column) => isShown(row, column));
  // `isLost`: what was typed on a cell that can't be changed is for no other, and its Enter leads on.
  let anchor = null, head = null, isLost = false;

  // The selected cells, row by row; one cell when only that has the focus.
  function block() {
    const list = rows(), at = placeOf(active());
    const [from, to] = anchor?.row.isConnected && head?.row.isConnected ? [anchor, head] : [at, at];
    if (!from || !active().matches(".field, .saving *")) return null;
    const ends = [list.indexOf(from.row), list.indexOf(to.row)].sort((a, b) => a - b);
    const columns = [from.column, to.column].sort((a, b) => a - b);
    return { rows: list.slice(ends[0], ends[1] + 1), columns: shownFrom(from.row, columns[0], columns[1]), following: list.slice(ends[0]) };
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

  // A key on a cell that is only read; whether it did something.
  function press({ key, shiftKey: isSelecting, ctrlKey, metaKey }, at) {
    const isFar = ctrlKey || metaKey, list = rows();
    const columns = shownFrom(at.row, LABEL, EVIDENCE);
    if (STEPS[key] || /^Page(Up|Down)$/.test(key)) {
      const from = isSelecting && head?.row.isConnected ? head : at, [down, right] = STEPS[key] ?? [0, 0];
      if (!isSelecting) clear();
      const by = STEPS[key] ? down : key === "PageUp" ? -10 : 10, place = list.indexOf(from.row) + by;
      const row = list[Math.min(Math.max(isFar && down ? list.length * down : place, 0), list.length - 1)];
      const to = right && !isFar ? step(from, [0, right]) || from : { row, column: isFar && right ? columns.at(right > 0 ? -1 : 0) : from.column };
      if (!isSelecting) return go(to);
      anchor ??= at;
      head = to;
      // What is typed over a block is for the cell that it began in.
      go(anchor);
      cellAt(to.row, to.column).scrollIntoView({ block: "nearest" });
      show();
    } else if (key === "Home" || key === "End") {
      clear();
      const end = key === "Home" ? 0 : -1;
      go({ row: isFar ? list.at(end) : at.row, column: columns.at(end) });
    } else if (isFar) return false;
    else if (key === " ") {
      const box = at.row.querySelector(".pick");
      box?.click();
      return Boolean(box);
    } else if (key === "Escape") {
      if (anchor) clear();
      return false;
    } else if (key === "F2") {
      const box = open(at)?.querySelector("input:not([type=hidden])");
      box?.setSelectionRange(box.value.length, box.value.length);
    } else if (key === "Delete" || key === "Backspace") return empty();
    else {
      if (key === "Enter" && isLost) return step(at, STEPS.ArrowDown) || true;
      if (key.length > 1 || key === "/") return false;
      // The key itself is for the box that is there from now on.
      clear();
      isLost = !open(at, true);
      if (isLost) say(`Not taken: ${fieldAt(at.row, at.column).title || cellAt(at.row, at.column).textContent.trim() || "this can’t be changed here"}.`);
      return isLost;
    }
    return true;
  }
  on("keydown", (event) => {
    const at = event.target.matches(".field") && placeOf(event.target);
    if (!at || event.altKey || event.isComposing) return;
    const wasLost = isLost;
    if (press(event, at)) event.preventDefault();
    if (wasLost && event.key.length > 1) isLost = false;
  });
  // Delete takes values out: one at once, those of a block by the preview of a paste.
  function empty() {
    const { rows: chosen, columns } = block() ?? {}, form = byId("block");
    if (!chosen) return false;
    const [row] = chosen;
    if (!columns.includes(VALUE)) say("Only values are taken out by this key.");
    else if (chosen.length > 1 && form) land(form, { rows: chosen, columns: [VALUE], following: chosen }, chosen.map(() => "none").join("\n"));
    else if (text(row, VALUE)) {
      const draft = open({ row, column: VALUE }, true);
      if (!draft) return true;
      draft.elements.value.value = "none";
      cells.commit(draft);
    }
    return true;
  }

  // What is approved in a group by owner or state, whose rows the server doesn't count again for each saved one.
  function tally() {
    all("[data-counts]").forEach((bar) => {
      const text = bar.nextElementSibling, approved = bar.closest("section").querySelectorAll("tr .is-approved, tr[data-approved]").length;
      if (bar.value === approved) return;
      bar.value = approved;
      text.textContent = text.textContent.replace(/^\d+/, approved);
    });
  }
  on("htmx:afterSettle", tally);

  // Ctrl-A chooses every row that is shown, Ctrl-Enter approves what is chosen, or else the row; not while a number that
  // was refused stands open in one of them, in whose place the old one would be approved.
  const approve = (id) => saves.then(() => {
    const chosen = all(".many .pick:checked"), row = byId(id);
    const open = (chosen.length ? chosen.map((box) => box.closest("tr")) : [row]).map((one) => one?.querySelector("form.edit")).find(Boolean);
    const button = chosen.length ? byId("bulk-approvals") : row?.querySelector("[id$='-approve']");
    if (open) {
      open.querySelector("input:not([type=hidden]), select")?.focus();
      say("Nothing was approved: this isn’t saved.");
    } else if (!button) say("Nothing to approve in this row.");
    else {
      button.click();
      return button;
    }
  });
  on("approve", ({ detail }) => approve(detail));
  on("keydown", (event) => {
    const at = (event.ctrlKey || event.metaKey) && !event.altKey && event.target.matches(".field, .saving *") && placeOf(event.target);
    if (!at) return;
    if (event.key === "a") {
      event.preventDefault();
      const boxes = all(".many .pick"), isAll = boxes.every((box) => box.checked);
      boxes.forEach((box) => { box.checked = !isAll; });
      count();
    } else if (event.key === "Enter" && !event.defaultPrevented) {
      event.preventDefault();
      approve(at.row.id);
    }
  });
  // F6 leads to what works on the chosen rows, and back to the cell; so does what was done there.
  let left = null;
  function comeBack() {
    const row = left && byId(left.row.id);
    if (row) go({ row, column: left.column });
    left = null;
  }
  on("htmx:afterSettle", ({ target }) => { if (target.id === "main") comeBack(); });
  on("keydown", (event) => {
    const bar = byId("bulk");
    if (event.key !== "F6" || !bar?.offsetParent) return;
    event.preventDefault();
    if (bar.contains(active())) return comeBack();
    left = placeOf(active());
    bar.querySelector("input:not([type=hidden]), button, select")?.focus();
  });
  // The link past everything before the grid leads to its first value.
  on("click", (event) => {
    if (event.target.matches("a[data-to-grid]") && go({ row: rows()[0], column: VALUE })) event.preventDefault();
  });

  // So does an address that names a row.
  on("DOMContentLoaded", () => {
    const row = byId(location.hash.slice(1));
    if (row?.matches("tr[id^='param-']")) go({ row, column: VALUE });
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

  // What would be read as a formula where it is pasted is marked as text.
  const guarded = (row, column) => {
    const says = text(row, column);
    return column !== VALUE && column !== RANGE && /^'*[=+\-@＝＋－＠\t\r]/.test(says) ? `'${says}` : says;
  };
  const quoted = (cell) => (/["\n\r\t]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell);

  on("copy", (event) => {
    const chosen = getSelection().isCollapsed && block();
    if (!chosen) return;
    const lines = chosen.rows.map((row) => chosen.columns.map((column) => quoted(guarded(row, column))).join("\t"));
    event.clipboardData.setData("text/plain", lines.join("\n"));
    event.preventDefault();
    say(`${chosen.rows.length * chosen.columns.length} cells copied`);
  });

  on("paste", (event) => {
    const form = byId("block"), chosen = form && block();
    if (!chosen || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    const cells = event.clipboardData.getData("text/plain");
    saves.then(() => { const onto = block() ?? chosen; land(form, onto, tiled(cells, onto)); });
  });
  // One cell fills all that are chosen, and a block as often as it fits into them.
  function tiled(cells, { rows: chosen, columns }) {
    const lines = cells.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
    const [down, right] = [chosen.length / lines.length, columns.length / lines[0].length];
    if (cells.includes('"') || down % 1 || right % 1) return cells;
    return chosen.map((_, row) => columns.map((_, column) => lines[row % lines.length][column % lines[0].length] ?? "").join("\t")).join("\n");
  }
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
    const says = `${chosen} ${chosen === 1 ? "row" : "rows"} chosen`;
    // Said aloud only where it is news.
    if (told && told.textContent !== says) told.textContent = says;
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
  let isRow = false;
  on("htmx:beforeSwap", ({ detail: { target } }) => {
    chosen = all(".pick:checked").map((box) => box.value.split(":")[0]);
    isRow = target.matches("tr");
  });
  const choose = () => all(".many .pick").forEach((box) => { if (chosen.includes(box.value.split(":")[0])) box.checked = true; });
  // At once, for what is done with them next.
  on("htmx:afterSwap", () => { if (isRow) choose(); });
  on("htmx:afterSettle", (event) => {
    // What was refused leaves them chosen.
    const isRefused = find("#notices .is-problem");
    if (!isRefused && (event.target.id === "main" || event.target.querySelector?.(".many"))) chosen = [];
    choose();
    count();
  });
})();
