// A lane as elements. No text is ever read as HTML: everything goes in as text.

import { said } from "./model.js";

const SVG = "http://www.w3.org/2000/svg";
const MARKS = {
  ready: [["circle", { cx: 9, cy: 9, r: 8, fill: "currentColor" }]],
  rest: [["circle", { cx: 9, cy: 9, r: 7, fill: "none", stroke: "currentColor", "stroke-width": 2 }], ["path", { d: "M9 9V2a7 7 0 0 1 6 10.5z", fill: "currentColor" }]],
  hold: [["path", { d: "M3 2h4.5v14H3zM10.5 2H15v14h-4.5z", fill: "currentColor" }]],
  stop: [["path", { d: "M2 2h14v14H2z", fill: "currentColor" }]],
  confirm: [["path", { d: "M9 1 17 9 9 17 1 9z", fill: "none", stroke: "currentColor", "stroke-width": 2 }]],
  tick: [["path", { d: "m2.5 9.5 4.5 4.5 8.5-10", fill: "none", stroke: "currentColor", "stroke-width": 2.8 }]],
};
const STEPS = ["M3 48h17v11H3z", "M25 38h17v21H25z", "M47 28h17v31H47z", "M69 18h17v41H69z", "M91 8h17v51H91z"];
const RPE = [13, 14, 15, 16, 17, 18, 19];
const UNITS = { reps: "reps", seconds: "seconds", landings: "landings" };

/** An element: ``h("button", {class: "btn", data: {act: "done"}}, "Done")``. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function mark(name) {
  const shapes = MARKS[name].map(([tag, attributes]) => svg(tag, attributes));
  return svg("svg", { class: "mark", width: 18, height: 18, viewBox: "0 0 18 18", "aria-hidden": "true" }, ...shapes);
}

function state(name, words, tone = "") {
  return h("span", { class: `state${tone ? ` is-${tone}` : ""}` }, mark(name), words);
}

function button(act, words, css, more = {}) {
  const { label, ...data } = more;
  return h("button", { type: "button", class: `btn ${css}`.trim(), "aria-label": label, data: { act, ...data } }, words);
}

function tally(view) {
  const { lift, sets, place } = view;
  const byNumber = new Map(sets.map((one) => [one.number, one]));
  const strokes = [];
  for (let number = 1; number <= Math.max(lift.sets, sets.length); number += 1) {
    const set = byNumber.get(number);
    const short = set && (set[lift.counts] ?? 0) < (lift.asked ?? 0);
    strokes.push(h("i", { class: set ? (short ? "f" : "d") : number === place ? "n" : "" }));
  }
  return h("span", { class: "tally", "aria-hidden": "true" }, strokes);
}

function iron(lift, load) {
  const found = lift.iron[String(load)];
  if (!found) return null;
  const [bar, plates] = found;
  const words = plates.length ? `${bar} kg bar, each side ${plates.join(" and ")}` : `${bar} kg bar, no plates`;
  return h("span", { class: "iron", role: "img", "aria-label": words },
    h("span", { class: "bar" }, h("span", {}, bar), h("span", {}, "bar")),
    plates.map((kg) => h("span", { class: "plate", data: { kg } }, kg)));
}

function level(number) {
  const drawing = svg("svg", { viewBox: "0 0 112 60", width: 112, height: 60, "aria-hidden": "true" },
    ...STEPS.map((d, at) => svg("path", { d, class: `level-box${at < number ? " is-on" : ""}` })));
  const text = svg("text", { x: 0, y: 15, "font-size": 17, "font-weight": 700, fill: "currentColor" });
  text.textContent = `Level ${number}`;
  drawing.append(text);
  return h("span", { class: "level", role: "img", "aria-label": `Impact level ${number} of 5` }, drawing);
}

function what(lane, view) {
  const { lift, sets, place } = view;
  const words = place === null ? `${sets.length} of ${lift.sets} done` : view.asks && place === lift.sets ? "last: tap the RPE" : `set ${place} of ${lift.sets}`;
  return h("div", { class: "lane-what" }, h("strong", {}, lift.title),
    h("button", { type: "button", class: "lane-sets", "aria-expanded": String(view.panel === "sets"), "aria-label": `${lane.name}: ${words}. Open lifts and sets`, data: { act: "sets", key: "sets" } }, tally(view), h("span", {}, words, view.asks ? clock(view, "clock-s") : null)));
}

function asked(view) {
  const { lift, offered } = view;
  if (lift.kind === "impact") return [h("b", {}, String(lift.asked)), h("span", {}, "landings")];
  const top = lift.top ? ` to ${lift.top}` : "";
  const times = lift.counts === "seconds" ? `${lift.asked} s` : `× ${lift.asked}${top}`;
  if (offered.load !== null) return [h("b", {}, String(offered.load)), h("span", {}, "kg"), " ", h("i", {}, times)];
  if (lift.load_type === "bodyweight") return [h("b", {}, String(lift.asked)), h("span", {}, UNITS[lift.counts])];
  return [h("b", { class: "no-load" }, "No load yet"), " ", h("i", {}, times)];
}

function lift(view) {
  const { lift: target, offered } = view;
  const picture = target.kind === "impact" ? target.level !== null && level(target.level) : offered.load !== null && iron(target, offered.load);
  return h("div", { class: "lane-lift" },
    h("div", {}, h("span", { class: "load" }, asked(view)), picture || h("span")),
    h("p", { class: "lane-why" }, target.last ? h("b", {}, `Last time ${target.last}. `) : null, offered.why || target.why));
}

function rpeRow(lane, view, clean) {
  const words = clean ? "clean" : "not clean";
  return h("div", { class: `rpe ${clean ? "rpe-clean" : "rpe-not"}`, role: "group", "aria-label": `${lane.name} set ${view.place} done, technique ${words}: tap the RPE` },
    h("span", { class: "rpe-word", "aria-hidden": "true" }, clean ? "Clean" : "Not clean"),
    RPE.map((rpe) => button("done", String(rpe), "", { rpe, technique: clean ? "clean" : "not_clean", key: `rpe${clean}${rpe}`, label: `${lane.name} set ${view.place} done, ${words}, RPE ${rpe}` })));
}

function clock(view, css = "") {
  if (view.rested === null) return null;
  const minutes = Math.floor(view.rested / 60);
  return h("span", { class: `clock ${css}`.trim(), role: "timer", "aria-live": "off" }, `${minutes}:${String(view.rested % 60).padStart(2, "0")}`);
}

function stateOf(view) {
  if (view.resting) return state("rest", "Resting");
  if (view.offered.lowered) return state("hold", "Lowered", "hold");
  if (view.lift.held) return state("hold", "Held", "hold");
  return state("ready", "Ready", "ready");
}

function toConfirm(lane, view) {
  const set = view.toConfirm;
  const target = lane.lifts.find((one) => one.lift === set.lift).load;
  return h("div", { class: "lane-ask" },
    h("p", { class: "state" }, mark("confirm"), h("span", {}, `Set ${set.number} kept at ${Number(set.load)} kg; ${Number(target)} was asked. Right?`)),
    h("div", { class: "row" }, button("confirm", `Yes, ${Number(set.load)}`, "", { set: set.uid, key: "yes" }), button("correct-load", `No, ${Number(target)}`, "", { set: set.uid, load: target, key: "no" })));
}

function controls(lane, view) {
  const who = h("span", {}, h("span", { class: `chip ${lane.tint}`, "aria-hidden": "true" }, lane.initials), "Done");
  const adjust = h("div", { class: "lane-adjust" }, button("other", "Other", "", { key: "other", label: `${lane.name}: other reps, load, effort or pain` }),
    view.all ? button("all", `All ${view.left}`, "", { key: "all", label: `${lane.name}: all ${view.left} sets as prescribed` }) : null);
  if (view.asks && !view.toConfirm) {
    return h("div", { class: "lane-do-wide" }, rpeRow(lane, view, true), rpeRow(lane, view, false));
  }
  const left = view.toConfirm ? toConfirm(lane, view) : [h("div", { class: "lane-state" }, stateOf(view), clock(view)), adjust];
  const done = h("button", { type: "button", class: `btn done ${view.resting ? "btn-line" : "btn-main"}`, disabled: !view.ready, data: { act: view.ready ? "done" : "other", key: "done" } }, who, h("small", {}, `${lane.name} set ${view.place}`));
  return h("div", { class: "lane-do" }, left, done);
}

function arriving(lane) {
  return h("div", { class: "lane-do-wide lane-arrive" },
    h("div", { class: "row" }, button("here", "Here, nothing new", "btn-main", { key: "here", label: `${lane.name} is here, no pain since last time, none now` }),
      button("ask", "Something is", "btn-line", { key: "ask", label: `${lane.name} is here, and something is: open the questions` }),
      button("no-show", "No-show", "", { key: "no-show", label: `${lane.name} did not come` })));
}

function over(lane, view) {
  const words = lane.status.startsWith("attended") ? lane.status_words : "All sets done";
  return h("div", { class: "lane-do-wide" }, state("tick", words, "ready"), clock(view));
}

function act(lane, view) {
  if (["no_show", "late_cancel", "excused", "clinic_cancelled"].includes(lane.status)) {
    return h("div", { class: "lane-do-wide" }, h("div", { class: "row" }, state("rest", lane.status === "no_show" ? "No-show" : lane.status_words), button("undo-say", "She is here", "btn-line", { key: "undo-say" })));
  }
  if (["planned", "unrecorded"].includes(lane.status) && lane.sets.length === 0) return arriving(lane);
  return view.place === null ? over(lane, view) : controls(lane, view);
}

function stopped(lane) {
  return [
    h("div", { class: "lane-said" }, h("strong", { class: "state is-stop" }, mark("stop"), lane.stopped.code === "locked" ? "Locked" : "Re-screen first"), h("p", {}, lane.stopped.line)),
    h("div", { class: "lane-do-wide" }, h("p", {}, "In an emergency call ", h("strong", {}, lane.emergency))),
  ];
}

function conflicts(lane, view) {
  return view.conflicts.map((one) => {
    const theirs = lane.sets.find((set) => set.uid === one.theirs);
    const target = lane.lifts.find((item) => item.lift === one.payload.lift);
    const mine = { load: one.payload.load, reps: one.payload.reps, landings: one.payload.landings, level: one.payload.level, seconds: one.payload.seconds, rpe: one.payload.rpe ?? null, clean: one.payload.technique ? one.payload.technique === "clean" : null };
    return h("div", { class: "note note-hold lane-note" }, h("p", {}, `${target?.title ?? "Set"}, set ${one.payload.number} was logged twice: ${theirs && target ? said(theirs, target) : "there"}, and here ${target ? said(mine, target) : ""}.`),
      h("div", { class: "row" }, button("keep-theirs", "Keep the first", "", { seq: one.seq, key: `theirs${one.seq}` }), theirs ? button("keep-mine", "Keep this one", "", { seq: one.seq, key: `mine${one.seq}` }) : null));
  });
}

function refusals(view) {
  return view.refused.map((one) => h("div", { class: "note note-stop lane-note" }, h("p", {}, `Not taken: ${one.reason}`), h("div", { class: "row" }, button("discard", "Discard", "", { seq: one.seq, key: `discard${one.seq}` }))));
}

function setsPanel(lane, view) {
  return h("div", { class: "lane-panel" },
    h("div", { class: "row", role: "group", "aria-label": "Lifts" }, view.lifts.map((one) => h("button", { type: "button", class: "btn", "aria-pressed": String(one.lift.lift === view.lift.lift), data: { act: "lift", lift: one.lift.lift, key: `lift${one.lift.lift}` } }, one.lift.title, h("small", { class: "hush" }, ` ${one.sets.length} of ${one.lift.sets}`)))),
    view.sets.length ? h("ol", { class: "lane-list" }, view.sets.map((set) => h("li", {}, button("edit", `${set.number}. ${said(set, view.lift)}`, "", { set: set.uid, key: `edit${set.uid}`, label: `Correct set ${set.number}: ${said(set, view.lift)}` })))) : h("p", { class: "hush" }, "No set of this lift yet."),
    view.draft ? editor(lane, view) : null,
    view.asks && view.all ? h("div", { class: "row" }, button("all", `All ${view.left} as prescribed`, "", { key: "all" })) : null,
    view.lift.criteria.length ? h("p", { class: "small hush" }, `Clean is: ${view.lift.criteria.join("; ")}.`) : null);
}

function picks(name, values, chosen, words) {
  return h("div", { class: "picks", role: "group", "aria-label": words }, h("span", { class: "picks-word" }, words),
    values.map((value) => h("button", { type: "button", class: "btn pick", "aria-pressed": String(String(value) === String(chosen)), data: { act: "pick", name, value, key: `${name}${value}` } }, String(value).replace("_", " "))));
}

function editor(lane, view) {
  const { lift: target, draft } = view;
  const many = target.counts === "landings" ? 5 : target.asked ?? 5;
  const counts = target.counts === "seconds" ? [10, 15, 20, 30, 45, 60] : [...Array(many + 3).keys()];
  const at = target.loads.findIndex((load) => Number(load) === Number(draft.load));
  const stepper = target.loads.length === 0 ? null
    : h("div", { class: "stepper", role: "group", "aria-label": "Load" },
      button("step", "−", "", { to: target.loads[Math.max(0, at - 1)], key: "less", label: "Less" }),
      h("span", { class: "load stepper-load" }, h("b", {}, draft.load === "" ? "–" : String(Number(draft.load))), " kg"),
      button("step", "+", "", { to: target.loads[Math.min(target.loads.length - 1, at + 1)], key: "more", label: "More" }));
  return h("div", { class: "lane-panel lane-edit" },
    h("p", {}, h("strong", {}, draft.set ? `Correct set ${draft.number}.` : `${lane.name}, set ${draft.number}.`), " Tap how many were done; it is recorded at once."),
    stepper,
    target.kind === "impact" ? picks("level", [0, 1, 2, 3, 4, 5], draft.level, "Level") : picks("rpe", [6, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20], draft.rpe, "RPE"),
    picks("technique", ["clean", "not_clean"], draft.technique, "Technique"),
    picks("pain", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], draft.pain, "Pain"),
    draft.pain > 0 ? h("p", { class: "small" }, h("a", { href: draft.address }, "Say where it hurts and what kind it is"), " on the visit’s own page.") : null,
    h("div", { class: "picks", role: "group", "aria-label": `How many ${UNITS[target.counts]} were done` }, h("span", { class: "picks-word" }, UNITS[target.counts]),
      counts.map((count) => h("button", { type: "button", class: `btn ${count === target.asked ? "btn-main" : "btn-line"}`, data: { act: "record", count, key: `count${count}` } }, String(count)))),
    h("div", { class: "row" }, button("close", "Close", "", { key: "close" }), draft.set ? button("void", "Take this set back", "btn-quiet", { set: draft.set, key: "void" }) : null));
}

function stopPanel(lane) {
  return h("div", { class: "lane-panel" },
    h("p", {}, `Stop ${lane.name}? She is locked on every tablet until a named clinician releases her. In an emergency call `, h("strong", {}, lane.emergency), "."),
    h("div", { class: "row" }, button("stop-now", "Stop and lock", "btn-stop", { key: "stop-now" }), button("close", "Back", "", { key: "close" })));
}

/** One client's lane. ``view`` is model.view with what only this tablet knows. */
export function laneElement(lane, view) {
  const shut = lane.stopped !== null;
  const look = shut ? "stop" : view.toConfirm ? "confirm" : view.resting ? "rest" : view.lift.held ? "hold" : view.asks ? "last" : "ready";
  const stop = h("button", { type: "button", class: "btn btn-ghost", "aria-label": `Stop ${lane.name}`, data: { act: "stop", key: "stop" } }, mark("stop"), "Stop");
  const head = h("div", { class: "lane-who" }, h("strong", {}, h("a", { href: view.address }, lane.name)), shut ? null : stop);
  const body = shut ? stopped(lane) : [what(lane, view), lift(view), act(lane, view)];
  const panel = view.panel === "sets" ? setsPanel(lane, view) : view.panel === "edit" ? editor(lane, view) : view.panel === "stop" ? stopPanel(lane) : null;
  return h("section", { class: `lane ${lane.tint}`, "aria-label": lane.name, data: { state: look, visit: lane.visit } },
    h("span", { class: "lane-tab", "aria-hidden": "true" }, lane.initials), head, body, conflicts(lane, view), refusals(view), panel);
}
