// A cell of the grid that is typed in. Its box is there at once, without asking the server, so that no key comes too early;
// what the server has to say of it (hints, units and sources to choose from) is added when somebody stays in it. Enter,
// Tab and, where a cell is typed over, arrows save it and go on at once: the cursor never waits for an answer. What is
// refused stays open where it is and takes no key that was meant for another cell. Without this file a cell is a link
// to its form.
const cells = (() => {
  "use strict";
  // Where label, value, unit, range, source and evidence stand; those between are nobody's to fill in.
  const PLACES = [0, 1, 2, 3, 4, 6], NAMES = ["param_display", "value", "unit", "range", "source", "evidence_link"];
  const VALUE = 1, RANGE = 3, SOURCE = 4, EVIDENCE = 5;
  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const BOXES = "input:not([type=hidden]), select";
  const PAUSE = 600;
  const rows = () => all(".many tr[id^='param-']");
  const cellAt = (row, column) => row?.cells[PLACES[column]];
  const fieldAt = (row, column) => cellAt(row, column)?.querySelector(".field");
  // The form that is being typed in; one before it is under way.
  const formAt = (row, column) => all("form.edit", cellAt(row, column) ?? row).at(-1);
  const isShown = (row, column) => cellAt(row, column)?.offsetParent;
  const isNowhere = () => !active() || active() === document.body;

  function placeOf(element) {
    const cell = element instanceof Element && element.closest(".many tr[id^='param-'] > :is(th, td)");
    const column = cell ? PLACES.indexOf(cell.cellIndex) : -1;
    return column < 0 ? null : { row: cell.parentElement, column };
  }

  // Aloud and in sight.
  let said = null, fading = null;
  function say(text) {
    if (!said?.isConnected) {
      said = Object.assign(make("p", "said"), { role: "status" });
      document.body.append(said);
    }
    said.textContent = text;
    clearTimeout(fading);
    fading = setTimeout(() => { said.textContent = ""; }, 6000);
  }

  function go(to) {
    const box = formAt(to.row, to.column)?.querySelector(BOXES), field = box ?? fieldAt(to.row, to.column);
    if (!field) return false;
    // What can't be edited is no stop for Tab, but can be walked to.
    if (!box && !field.matches("a")) field.tabIndex = -1;
    field.focus();
    end = null;
    return true;
  }
  // To the next cell in a direction that is shown, if there is one.
  function step(at, [down, right]) {
    const list = rows(), place = list.indexOf(at.row), to = { row: place < 0 ? null : list[place + down], column: at.column + right };
    while (right && PLACES[to.column] && !isShown(at.row, to.column)) to.column += right;
    return to.row && go(to) && to;
  }

  // What a number of the page is to whoever types a comma before decimals; 1.234 is 1,2340, since 1,234 asks.
  const asTyped = (number) => (document.body.dataset.decimals === "comma"
    ? number.replace(/^[1-9]\d?\d?\.\d{3}$/, "$&0").replace(/[.,]/g, (mark) => (mark === "." ? "," : ".")) : number);
  // What a cell says, as it would be typed: every digit, a share in per cent, a link in full.
  function text(row, column) {
    const field = fieldAt(row, column);
    return field ? reading(field, column) : "";
  }
  function reading(field, column) {
    if (field.matches(".invite") || field.querySelector(".none")) return "";
    if (column === EVIDENCE) return field.parentElement?.querySelector(".open")?.getAttribute("href") ?? field.textContent.trim();
    let says = field.textContent.replace(field.querySelector(".vh")?.textContent, "").trim();
    const more = field.querySelector(".more");
    if (more) says = [says.slice(0, -more.textContent.length), more.textContent].find((reading) => reading.includes("%")).trim();
    return column === VALUE || column === RANGE ? says.replace(/ %/g, "%").replace(/−/g, "-").replace(/[\d.,]*\d/g, asTyped) : says;
  }

  // The form of a cell, of the page's pattern for it, with what stands there.
  function draw({ row, column }, field, seen) {
    const form = byId("cell").content.firstElementChild.cloneNode(true), name = NAMES[column], action = `/params/${row.id.slice(6)}/fields/${name}`;
    const says = reading(field, column), { elements } = form;
    form.id = `${row.id}-${name}`;
    form.setAttribute("action", action);
    form.setAttribute("hx-post", action);
    elements.seen_revision.value = seen;
    // Without a key (on plain http) the revision alone protects it.
    elements.idempotency_key.value = crypto.randomUUID?.() ?? "";
    const kind = column === SOURCE ? "select" : column === RANGE ? ".two" : "input";
    form.querySelectorAll(".box").forEach((box) => { if (!box.matches(kind)) box.remove(); });
    // A number without its thousands and its currency, as it is typed most easily.
    const bare = (number) => number.replace(document.body.dataset.decimals === "comma" ? /[^\d,%-]/g : /[^\d.%-]/g, "");
    const boxes = all(BOXES, form), ends = /^(?:at least (.*)|(?:at most |(.*) to )(.*))$/.exec(says) ?? [];
    const head = column ? row.closest("table").tHead.rows[0].cells[PLACES[column]].textContent : "Label";
    boxes.forEach((box, at) => {
      box.ariaLabel = `${head} of ${row.querySelector(".code-name").textContent} ${box.placeholder ?? ""}`.trim();
      if (column === SOURCE) [...box.options].forEach((choice) => { choice.defaultSelected = choice.value === says; });
      else if (boxes[1]) box.defaultValue = bare((at ? ends[3] : ends[1] ?? ends[2]) ?? "");
      else box.defaultValue = column === VALUE ? bare(says) : says;
    });
    boxes[0].classList.toggle("num", column === VALUE || column === RANGE);
    return form;
  }
  // Opens a cell, if this person may edit it; typed over, it is empty, and `isNew`: arrows lead out of it. What is under
  // way there stays, out of sight, until it is done.
  function open(at, isNew) {
    const before = formAt(at.row, at.column), field = before ? readings.get(before) : fieldAt(at.row, at.column);
    if (!field?.matches("a")) return null;
    end = null;
    const form = draw(at, field, before?.elements.seen_revision.value ?? at.row.cells[0].dataset.revision);
    if (before) before.hidden = true;
    (before ?? field)[before ? "after" : "replaceWith"](form);
    readings.set(form, field);
    htmx.process(form);
    form.isNew = isNew;
    const typed = form.querySelector(BOXES);
    if (isNew && typed.matches("input")) typed.value = "";
    typed.focus();
    if (!isNew) typed.select?.();
    form.dispatchEvent(new Event("opened", { bubbles: true }));
    setTimeout(enrich, 150, form, field.href);
    return form;
  }
  // What the server says of a cell, for whoever stays in it.
  async function enrich(form, address) {
    const isHere = () => form.isConnected && !form.matches(".saving");
    const answer = isHere() && await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const whole = new DOMParser().parseFromString(await answer.text(), "text/html"), more = whole.querySelector(".edit-more");
    if (!more || !isHere()) return;
    const typed = form.querySelector(BOXES), list = whole.querySelector("datalist"), options = whole.querySelector("select");
    // What is said in the form already goes along.
    more.prepend(...all("[role=status]", form));
    form.append(more);
    if (list) { form.append(list); typed.setAttribute("list", list.id); }
    if (options && typed.matches("select")) {
      const chosen = isDirty(form) && typed.value;
      typed.replaceChildren(...options.options);
      if (chosen) typed.value = chosen;
    }
    typed.setAttribute("aria-describedby", `${form.id}-hint`);
    htmx.process(form);
  }

  // A cell as it was read, with nothing saved.
  function putBack(form) {
    const field = readings.get(form), at = placeOf(form), hasFocus = form.contains(active());
    form.dispatchEvent(new Event("cancelled", { bubbles: true }));
    const under = form.previousElementSibling, isBehind = !field || form.querySelector(".conflict:not(.kept)");
    if (under?.matches("form.edit")) { under.hidden = false; form.remove(); } else form.replaceWith(field ?? make("span", "field"));
    if (hasFocus) go(at);
    // Where somebody else saved first, the row is.
    if (isBehind) htmx.ajax("GET", `/params/${at.row.id.slice(6)}`, { source: at.row, target: at.row, swap: "outerHTML" });
  }
  // Saves what was typed, if anything was.
  function commit(form) {
    if (form.matches(".saving")) return;
    if (!isDirty(form) && !isAnswer(form)) return putBack(form);
    form.classList.add("saving");
    all("input", form).forEach((typed) => { typed.readOnly = true; });
    form.place = placeOf(form);
    saves.send(form);
  }
  // What is refused is for the cursor only if that still stands there; of two in one cell the newer counts.
  on("refused", ({ detail: form }) => {
    const { row, column } = form.place ?? {}, [refused, ...newer] = all("form.edit", cellAt(byId(row?.id), column) ?? make("p"));
    if (!refused || refused === form) return;
    readings.set(refused, readings.get(form));
    if (newer.length) return refused.remove();
    if (isNowhere()) refused.querySelector(BOXES)?.focus();
    const why = refused.querySelector(".error, .conflict p");
    if (why && !refused.contains(active())) say(`${why.textContent} The arrow keys lead back.`);
  });
  // The attribute would take the cursor away from where it is by then.
  on("htmx:beforeSwap", ({ detail }) => {
    if (detail.requestConfig?.elt?.place) detail.serverResponse = detail.serverResponse.replace(/ autofocus\b/g, "");
  });

  // The cursor has gone past the last cell: what is typed on isn't meant for it.
  let end = null, pressedAt = -PAUSE;
  const nameOf = (at) => at && `${at.row.id} ${at.column}`;
  on("keydown", (event) => {
    const form = event.target.closest?.(".many tr form.edit"), isTyped = event.key.length === 1;
    const isDeaf = end && !event.ctrlKey && !event.metaKey && !event.altKey && end === nameOf(placeOf(event.target)) && (event.timeStamp - pressedAt < PAUSE || (form ? form.matches(".saving") : isTyped && event.key !== " "));
    pressedAt = event.timeStamp;
    if (!isDeaf || !(isTyped || ["Enter", "Backspace"].includes(event.key))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say("That was the last cell: no more is taken.");
  }, true);
  function leave(form, direction) {
    const at = placeOf(form);
    commit(form);
    if (direction && !step(at, direction)) {
      go(at);
      end = nameOf(at);
    }
  }

  on("keydown", (event) => {
    const typed = event.target, form = typed.matches(".many tr form.edit :is(input, select)") && typed.form;
    if (!form || event.isComposing || event.altKey) return;
    const { key, shiftKey: isBack } = event, isControl = event.ctrlKey || event.metaKey, isSaving = form.matches(".saving");
    // Something else instead, while it is still under way.
    if (isSaving && !isControl && (key.length === 1 || key === "Backspace")) return open(placeOf(form), true);
    if (key === "F2") form.isNew = false;
    else if (key === "Escape") { if (!isSaving) putBack(form); }
    else if (key === "Enter" && isControl) {
      const { row } = placeOf(form);
      commit(form);
      document.dispatchEvent(new CustomEvent("approve", { detail: row.id }));
    } else if (key === "Enter") leave(form, [isBack ? -1 : 1, 0]);
    else if (key === "Tab") {
      // To the other box of the cell, or to its buttons where something is to be chosen.
      const boxes = all(BOXES, form), isLast = typed === boxes.at(isBack ? 0 : -1);
      if (!isLast || isAnswer(form) || (!isDirty(form) && form.elements.offered)) return;
      leave(form, [0, isBack ? -1 : 1]);
    } else if ((form.isNew || isSaving) && STEPS[key] && !isBack && !isControl && typed.matches("input")) leave(form, STEPS[key]);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  on("click", (event) => {
    const cancel = pick(event.target, ".many tr form.edit [data-cancel]"), field = pick(event.target, ".many tr[id^='param-'] a.field");
    if (cancel) { event.preventDefault(); event.stopImmediatePropagation(); putBack(cancel.closest("form")); }
    if (!field || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(placeOf(field));
  }, true);

  // As in a sheet, what was typed is saved by going elsewhere, and what wasn't touched is closed.
  const isDraft = (form) => !form.matches(".saving") && !isAnswer(form) && !form.querySelector(".meanwhile");
  on("pointerdown", (event) => {
    end = null;
    for (const form of all(".many tr form.edit")) {
      if (form.contains(event.target)) form.isNew = false;
      // A finger may only want to scroll.
      else if (event.pointerType !== "touch" && isDraft(form) && isDirty(form)) commit(form);
    }
  });
  on("focusin", ({ target }) => {
    for (const form of all(".many tr form.edit")) {
      if (!form.contains(target) && isDraft(form) && !isDirty(form) && !form.querySelector(".kept")) putBack(form);
    }
  });

  // A row that comes back takes the cursor along, before another key can come.
  let cursor = null;
  on("htmx:beforeSwap", ({ detail: { target } }) => {
    cursor = target.matches("tr") && target.contains(active()) && placeOf(active()) && { ...placeOf(active()), box: active(), end };
  });
  on("htmx:afterSwap", () => {
    if (!cursor || !isNowhere()) return;
    const row = byId(cursor.row.id), held = cursor;
    cursor = null;
    if (held.box.isConnected) held.box.focus();
    else if (row) go({ row, column: held.column });
    end = held.end;
  });

  return { PLACES, STEPS, VALUE, EVIDENCE, rows, cellAt, fieldAt, isShown, placeOf, say, go, step, text, open, commit };
})();
