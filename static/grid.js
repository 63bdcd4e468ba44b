// The params grid as a sheet: arrows move, Shift selects, Ctrl-C copies, Ctrl-V pastes, Space chooses a row. Without
// this file: Tab moves, Paste a block is a page, the list is there as CSV, and rows are chosen by their checkboxes.
(() => {
  "use strict";
  const on = (name, act) => document.addEventListener(name, act);
  // Where label, value, unit, range, source and evidence stand; those between are nobody's to fill in.
  const PLACES = [0, 1, 2, 3, 4, 6], VALUE = 1, RANGE = 3, EVIDENCE = 5;
  const rows = () => [...document.querySelectorAll(".many tr[id^='param-']")];
  const cellAt = (row, column) => row?.cells[PLACES[column]];
  const fieldAt = (row, column) => cellAt(row, column)?.querySelector(".field");
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
    return { rows: all.slice(ends[0], ends[1] + 1), first: columns[0], last: columns[1], following: all.slice(ends[0]) };
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
      for (let column = chosen.first; column <= chosen.last; column++) cellAt(row, column).classList.add("selected");
    }
    const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
    say(`${many(chosen.rows.length, "row")} by ${many(chosen.last - chosen.first + 1, "column")} selected`);
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
      if (!event.shiftKey) clear();
      if (!go(to) || !event.shiftKey) return;
      anchor ??= at;
      head = to;
      show();
    } else if (event.key === " ") {
      const box = at.row.querySelector(".pick");
      if (box) { event.preventDefault(); box.click(); }
    } else if (event.key === "Escape" && anchor) clear();
  });

  let dragged = null;
  on("pointerdown", (event) => {
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
    const to = event.shiftKey && placeOf(event.target), from = placeOf(document.activeElement);
    if (!to || !(anchor || from)) return;
    event.preventDefault();
    anchor ??= from;
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
    const columns = PLACES.map((_, column) => column).slice(chosen.first, chosen.last + 1);
    const lines = chosen.rows.map((row) => columns.map((column) => quoted(text(row, column))).join("\t"));
    event.clipboardData.setData("text/plain", lines.join("\n"));
    event.preventDefault();
    say(`${chosen.rows.length * columns.length} cells copied`);
  });

  on("paste", (event) => {
    const form = document.getElementById("block"), chosen = form && block();
    if (!chosen || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    const ids = chosen.following.map((row) => row.id.slice("param-".length));
    const fields = form.elements;
    [fields.text.value, fields.rows.value] = [event.clipboardData.getData("text/plain"), ids.join(",")];
    [fields.at.value, fields.column.value] = [ids[0], chosen.first];
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
