// Elements of the board. No text is ever read as HTML: everything goes in as text.

const SVG = "http://www.w3.org/2000/svg";
const MARKS = {
  ready: [["circle", { cx: 9, cy: 9, r: 8, fill: "currentColor" }]],
  rest: [["circle", { cx: 9, cy: 9, r: 7, fill: "none", stroke: "currentColor", "stroke-width": 2 }], ["path", { d: "M9 9V2a7 7 0 0 1 6 10.5z", fill: "currentColor" }]],
  hold: [["path", { d: "M3 2h4.5v14H3zM10.5 2H15v14h-4.5z", fill: "currentColor" }]],
  stop: [["path", { d: "M2 2h14v14H2z", fill: "currentColor" }]],
  confirm: [["path", { d: "M9 .6 17.4 9 9 17.4 .6 9z", fill: "none", stroke: "currentColor", "stroke-width": 2 }], ["path", { d: "M9 5v5", stroke: "currentColor", "stroke-width": 2.2, "stroke-linecap": "round" }], ["circle", { cx: 9, cy: 12.7, r: 1.3, fill: "currentColor" }]],
  tick: [["path", { d: "m2.5 9.5 4.5 4.5 8.5-10", fill: "none", stroke: "currentColor", "stroke-width": 2.8 }]],
  absent: [["path", { d: "M3 3l12 12M15 3 3 15", fill: "none", stroke: "currentColor", "stroke-width": 2.6 }]],
  offline: [["path", { d: "M1.5 7.5a10.5 10.5 0 0 1 15 0M5 11a5.6 5.6 0 0 1 8 0", fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round" }], ["circle", { cx: 9, cy: 14.5, r: 1.6, fill: "currentColor" }], ["path", { d: "M2 17 16 1.5", stroke: "currentColor", "stroke-width": 2.2, "stroke-linecap": "round" }]],
};

/** An element: ``h("button", {class: "btn", data: {act: "done"}}, "Done")``. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "data") {
      for (const [key, datum] of Object.entries(value)) if (datum !== null && datum !== undefined) element.dataset[key] = datum;
    } else element.setAttribute(name, value === true ? "" : value);
  }
  const there = (child) => child !== null && child !== undefined && child !== false && child !== "";
  element.append(...children.flat(3).filter(there));
  return element;
}

export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function mark(name) {
  const shapes = MARKS[name].map(([tag, attributes]) => svg(tag, attributes));
  return svg("svg", { class: "mark", width: 18, height: 18, viewBox: "0 0 18 18", "aria-hidden": "true" }, ...shapes);
}

/** A state: its mark, its word, and last its tone. */
export function state(name, words, tone = "") {
  return h("span", { class: `state${tone ? ` is-${tone}` : ""}` }, mark(name), h("span", {}, words));
}

/** A button that does ``act``; ``more``: label, key (for the focus after a redraw), pressed, data. */
export function button(act, words, css = "", { label, pressed, expanded, ...data } = {}) {
  const said = { "aria-label": label, "aria-pressed": pressed === undefined ? null : String(pressed), "aria-expanded": expanded === undefined ? null : String(expanded) };
  return h("button", { type: "button", class: `btn ${css}`.trim(), ...said, data: { act, key: act, ...data } }, words);
}

/** One question with its answers to tap; a second tap on an answer takes it back. */
export function picks(name, choices, chosen, words, { wrong = "", act = "pick" } = {}) {
  const id = `${name}-${crypto.randomUUID()}`;
  const answers = choices.map(([value, said]) => {
    const on = String(value) === String(chosen ?? "");
    return button(act, [on ? mark("tick") : null, said], "pick", { name, value, pressed: on, key: `${name}-${value}` });
  });
  return h("div", { class: `question${wrong ? " is-wrong" : ""}`, role: "group", "aria-labelledby": id },
    h("span", { class: "question-words", id }, words, wrong ? h("span", { class: "wrong" }, wrong) : null),
    h("div", { class: "picks" }, answers));
}

/** Whether what is drawn looks the same, leaving aside the ids that only tie words to a question. */
export function same(one, other) {
  const plain = (element) => {
    const copy = element.cloneNode(true);
    for (const tied of copy.querySelectorAll("[aria-labelledby], [id]")) {
      tied.removeAttribute("id");
      tied.removeAttribute("aria-labelledby");
    }
    return copy;
  };
  return plain(one).isEqualNode(plain(other));
}

/** The focus on the same control of ``drawn``, or on what is the nearest to do in it. */
export function focusAgain(drawn, key, fallback = ".done, .rpe .btn, .felt .btn, button, a") {
  const found = key && drawn.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const control = found || drawn.querySelector(fallback);
  control?.focus({ preventScroll: Boolean(found) });
  if (control instanceof HTMLTextAreaElement) control.setSelectionRange(control.value.length, control.value.length);
}

/** The key of the control inside ``element`` that has the focus; null if it is elsewhere. */
export function focusedIn(element) {
  return element?.contains(document.activeElement) ? document.activeElement.dataset.key ?? "" : null;
}
