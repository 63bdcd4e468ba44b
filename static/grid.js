// The params grid as a sheet: arrows move, Shift selects, typing replaces, Enter saves and moves down, Tab to the side, Ctrl-C copies,
// Ctrl-V pastes, Space chooses a row, Ctrl-A all of them, Ctrl-Enter approves. Without this file: Tab moves, a link opens
// a cell, Paste a block is a page, the list is there as CSV, and rows are chosen by their checkboxes.
(() => {
  "use strict";
  const on = (name, act) => document.addEventListener(name, act);
  // Where label, value, unit, range, source and evidence stand; those between are nobody's to fill in.
  const PLACES = [0, 1, 2, 3, 4, 6], LABEL = 0, VALUE = 1, UNIT = 2, RANGE = 3, EVIDENCE = 5;
  const rows = () => [...document.querySelectorAll(".many tr[id^='param-']")];
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
    const all = rows(), at = placeOf(document.activeElement);
    const [from, to] = anchor?.row.isConnected && head?.row.isConnected ? [anchor, head] : [at, at];
    if (!from || !document.activeElement.matches(".field")) return null;
    const ends = [all.indexOf(from.row), all.indexOf(to.row)].sort((a, b) => a - b);
    const columns = [from.column, to.column].sort((a, b) => a - b);
    return { rows: all.slice(ends[0], ends[1] + 1), columns: shownFrom(from.row, columns[0], columns[1]), following: all.slice(ends[0]) };
  }

  let said = null;
  function say(text) {
    if (!said?.isConnected) {
      said = Object.assign(document.createElement("p"), { className: "vh" });
      said.setAttribute("role", "status");
      document.getElementById("main").append(said);
    }
    said.textContent = text;
  }

  function show() {
    document.querySelectorAll(".many .selected").forEach((cell) => cell.classList.remove("selected"));
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

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  on("keydown", (event) => {
    const at = event.target.matches(".field") && placeOf(event.target);
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      const all = rows(), to = { row: all[all.indexOf(at.row) + step[0]], column: at.column + step[1] };
      while (step[1] && PLACES[to.column] && !isShown(at.row, to.column)) to.column += step[1];
      if (!event.shiftKey) clear();
      if (!go(to) || !event.shiftKey) return;
      anchor ??= at;
      head = to;
      show();
    } else if (event.key === " ") {
      const box = at.row.querySelector(".pick");
      if (box) { event.preventDefault(); box.click(); }
    } else if (event.key === "Escape" && anchor) clear();
    else if (event.key.length === 1 && BEGINS[at.column]?.test(event.key) && event.target.matches("a")) {
      event.preventDefault();
      typed = { text: event.key, ahead: "", id: at.row.id, column: at.column };
      event.target.click();
    }
  });

  // A cell that is typed over opens with what is typed, also with what comes before its form has.
  const BEGINS = { [LABEL]: /[^\s/]/, [VALUE]: /[\d.,+\-−(£$€¥]/, [UNIT]: /[^\s/]/, [EVIDENCE]: /[^\s/]/ };
  let typed = null;
  document.addEventListener("keydown", (event) => {
    if (!typed || event.ctrlKey || event.metaKey || event.altKey) return;
    if (stepOf(event)) typed.then ??= stepOf(event);
    else if (event.key === "Escape") typed = null;
    else if (event.key === "Backspace") typed.text = typed.text.slice(0, -1);
    else if (event.key.length === 1) typed[typed.then ? "ahead" : "text"] += event.key;
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  function fill() {
    const box = typed && cellAt(document.getElementById(typed.id), typed.column)?.querySelector("form.edit input:not([type=hidden])");
    if (!box) return;
    const { text, then, ahead, id, column } = typed;
    typed = null;
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
    box.setSelectionRange(text.length, text.length);
    if (then) save(box.form, { id, column, step: then, ahead });
  }
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) on(failure, () => { typed = null; });

  // Enter in a cell saves it and goes to the one below, Tab to the one beside it, once it is saved; what is refused keeps
  // the cursor. What is typed meanwhile is for the cell that comes next.
  let saving = null;
  function stepOf(event) {
    if (event.key === "Tab") return [0, event.shiftKey ? -1 : 1];
    return event.key === "Enter" && !event.shiftKey ? [1, 0] : null;
  }
  function save(form, what) {
    saving = { ahead: "", ...what, form };
    form.requestSubmit();
  }
  on("keydown", (event) => {
    const box = event.target, at = box.matches("form.edit input") && placeOf(box), step = stepOf(event);
    saving = null;
    if (!at || !step || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { form } = box, ends = all("input:not([type=hidden])", form).at(event.shiftKey ? 0 : -1);
    // Where nothing was typed, or something is to be chosen, Tab leads to the buttons.
    if (event.key === "Tab" && (box !== ends || !isDirty(form) || form.querySelector("[aria-invalid], .conflict"))) return;
    event.preventDefault();
    save(form, { id: at.row.id, column: at.column, step });
  });
  document.addEventListener("keydown", (event) => {
    if (!saving?.form.matches(".htmx-request") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (stepOf(event)) saving.then = saving.ahead && stepOf(event);
    else if (event.key.length === 1 && !saving.then) saving.ahead += event.key;
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  function goOn() {
    const row = saving && document.getElementById(saving.id);
    if (!row || cellAt(row, saving.column)?.querySelector("form.edit")) return;
    const { column, step, ahead, then } = saving, list = rows();
    saving = null;
    const to = { row: list[list.indexOf(row) + step[0]], column: column + step[1] };
    while (step[1] && PLACES[to.column] && !isShown(row, to.column)) to.column += step[1];
    if (!go(to)) go({ row, column });
    else if (ahead && BEGINS[to.column]?.test(ahead) && document.activeElement.matches("a")) {
      typed = { text: ahead, then, ahead: "", id: to.row.id, column: to.column };
      document.activeElement.click();
    }
  }
  // What is approved in a group by owner or state, whose rows the server doesn't count again for each saved one.
  function tally() {
    document.querySelectorAll("[data-counts]").forEach((bar) => {
      const text = bar.nextElementSibling, approved = bar.closest("section").querySelectorAll("tr .is-approved, tr[data-approved]").length;
      if (bar.value === approved) return;
      bar.value = approved;
      text.textContent = text.textContent.replace(/^\d+/, approved);
    });
  }
  on("htmx:afterSettle", () => { fill(); goOn(); tally(); });

  // Ctrl-A chooses every row that is shown, Ctrl-Enter approves what is chosen, or else the row.
  on("keydown", (event) => {
    const at = (event.ctrlKey || event.metaKey) && !event.altKey && event.target.matches(".field") && placeOf(event.target);
    if (!at) return;
    if (event.key === "a") {
      const boxes = [...document.querySelectorAll(".many .pick")], isAll = boxes.every((box) => box.checked);
      event.preventDefault();
      boxes.forEach((box) => { box.checked = !isAll; });
      count();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const button = document.querySelector(".many .pick:checked") ? document.getElementById("bulk-approvals") : at.row.querySelector("[id$='-approve']");
      if (button) button.click();
      else say("There is nothing to approve in this row.");
    }
  });
  // The link past everything before the grid leads to its first value.
  on("click", (event) => {
    if (event.target.matches("a[data-to-grid]") && go({ row: rows()[0], column: VALUE })) event.preventDefault();
  });

  // From where a Shift-click selects: pressing the mouse moves the focus before the click comes.
  let dragged = null, began = null;
  on("pointerdown", (event) => {
    if (event.shiftKey) began = placeOf(document.activeElement);
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
    const form = document.getElementById("block"), chosen = form && block();
    if (!chosen || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    const ids = chosen.following.map((row) => row.id.slice("param-".length));
    const fields = form.elements;
    [fields.text.value, fields.rows.value] = [event.clipboardData.getData("text/plain"), ids.join(",")];
    [fields.at.value, fields.column.value] = [ids[0], chosen.columns[0]];
    fields.columns.value = shownFrom(chosen.rows[0], 0, EVIDENCE).join();
    form.requestSubmit();
  });

  // How many rows are chosen. Without it the bar only says that some are.
  function count() {
    const boxes = [...document.querySelectorAll(".many .pick")], chosen = boxes.filter((box) => box.checked).length;
    const told = document.querySelector(".bulk .count"), all = document.querySelector("[data-pick-all]");
    if (told) told.textContent = `${chosen} ${chosen === 1 ? "row" : "rows"} chosen`;
    if (all) { all.checked = chosen > 0 && chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
  }
  on("change", (event) => {
    if (event.target.matches("[data-pick-all]")) {
      document.querySelectorAll(".many .pick").forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches(".pick, [data-pick-all]")) count();
  });
  // A row that comes back from an edit is still chosen.
  let chosen = [];
  on("htmx:beforeSwap", () => { chosen = [...document.querySelectorAll(".pick:checked")].map((box) => box.value.split(":")[0]); });
  on("htmx:afterSettle", (event) => {
    if (event.target.id === "main" || event.target.querySelector?.(".many")) chosen = [];
    document.querySelectorAll(".many .pick").forEach((box) => { if (chosen.includes(box.value.split(":")[0])) box.checked = true; });
    count();
  });
})();
