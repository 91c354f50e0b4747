// One client's lane: who, what, load and iron, state, Done. Its panels are rooms of their own.

import { arrivalPanel } from "./arrival.js";
import { button, h, mark, state, svg } from "./elements.js";
import { editor, setsPanel } from "./sets.js";
import { planPanel, reportPanel, stopPanel, stoppedLane } from "./stop.js";
import { ABSENT, COUNTED, NO_SHOW_WHY, clockTime, figure, inUnit, listed, unitWord, weight } from "./words.js";

const STEPS = ["M3 48h17v11H3z", "M25 38h17v21H25z", "M47 28h17v31H47z", "M69 18h17v41H69z", "M91 8h17v51H91z"];
const RPE = [13, 14, 15, 16, 17, 18, 19];
const PANELS = { sets: setsPanel, edit: editor, arrive: arrivalPanel, stop: stopPanel, plan: planPanel, report: reportPanel };

function tally(view) {
  const { lift, sets, place } = view;
  const byNumber = new Map(sets.map((one) => [one.number, one]));
  const strokes = [];
  for (let number = 1; number <= Math.max(lift.sets, sets.length); number += 1) {
    const set = byNumber.get(number);
    const short = set && (set[lift.counts] ?? 0) < (lift.asked ?? 0);
    strokes.push(h("i", { class: set ? (short ? "f" : "d") : number === place ? "n" : null }));
  }
  return h("span", { class: "tally", "aria-hidden": "true" }, strokes);
}

/** One side of the bar, with its plates; null where the load is on no bar. */
export function iron(bar, plates, css = "") {
  const shown = plates.map(figure);
  const words = plates.length ? `${figure(bar)} ${unitWord()} bar, each side ${listed(shown)}` : `${figure(bar)} ${unitWord()} bar, no plates`;
  return h("span", { class: `iron ${css}`.trim(), role: "img", "aria-label": words },
    h("span", { class: "bar" }, h("span", {}, figure(bar)), h("span", {}, "bar")),
    plates.map((kg, at) => h("span", { class: "plate", data: { kg } }, shown[at])));
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
  const last = lift.kind === "impact" ? "last: how was it?" : "last: tap the RPE";
  const words = place === null ? (lift.sets ? `${sets.length} of ${lift.sets} done` : `${sets.length} done`) : view.asks && place === lift.sets ? last : `set ${place} of ${lift.sets}`;
  return h("div", { class: "lane-what" }, h("strong", {}, lift.title),
    h("button", { type: "button", class: "lane-sets", "aria-expanded": String(view.panel === "sets"), "aria-label": `${lane.name}: ${words}. Open lifts and sets`, data: { act: "sets", key: "sets" } },
      tally(view), h("span", {}, words, view.asks ? clock(view, "clock-s") : null)));
}

function asked(view) {
  const { lift, offered } = view;
  if (!lift.available) return [h("b", { class: "no-load" }, "Nothing prescribed")];
  if (lift.kind === "impact") return [h("b", {}, String(lift.asked)), h("span", {}, "landings"), lift.drop_cm ? h("i", {}, `from ${lift.drop_cm} cm`) : null];
  const top = lift.top ? ` to ${lift.top}` : "";
  const times = lift.counts === "seconds" ? `${lift.asked} s` : `× ${lift.asked}${top}`;
  const unit = lift.load_type === "per_hand" ? `${unitWord()} each` : unitWord();
  if (offered.load !== null) return [h("b", {}, figure(offered.load)), h("span", {}, unit), " ", h("i", {}, times)];
  if (lift.load_type === "bodyweight") return [h("b", {}, String(lift.asked)), h("span", {}, COUNTED[lift.counts])];
  return [h("b", { class: "no-load" }, "No load yet"), " ", h("i", {}, times)];
}

function lift(view) {
  const { lift: target, offered } = view;
  const [bar, plates] = target.iron[String(offered.load)] ?? [];
  const picture = target.kind === "impact" ? target.available && target.level !== null && level(target.level) : bar && iron(bar, plates);
  return h("div", { class: "lane-lift" },
    h("div", {}, h("span", { class: "load" }, asked(view)), picture || h("span")),
    h("p", { class: "lane-why" }, target.last ? h("b", {}, `Last time ${inUnit(target.last)}. `) : null, inUnit(offered.why || target.why)));
}

function rpeRow(lane, view, clean) {
  const words = clean ? "clean" : "not clean";
  return h("div", { class: `rpe ${clean ? "rpe-clean" : "rpe-not"}`, role: "group", "aria-label": `${lane.name} set ${view.place} done, technique ${words}: tap the RPE` },
    h("span", { class: "rpe-word", "aria-hidden": "true" }, clean ? "Clean" : ["Not ", h("br"), "clean"]),
    RPE.map((rpe) => button("done", String(rpe), "", { rpe, technique: clean ? "clean" : "not_clean", key: `rpe-${clean}-${rpe}`, label: `${lane.name} set ${view.place} done, ${words}, RPE ${rpe}` })));
}

function clock(view, css = "") {
  if (view.rested === null) return null;
  const minutes = Math.floor(view.rested / 60);
  return h("span", { class: `clock ${css}`.trim(), role: "timer", "aria-live": "off" }, `${minutes}:${String(view.rested % 60).padStart(2, "0")}`);
}

function rested(view) {
  if (!view.resting) return null;
  const meter = svg("svg", { class: "meter", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { width: 100, height: 6, class: "meter-all" }), svg("rect", { width: Math.min(100, Math.round((view.rested / view.restFor) * 100)), height: 6, class: "meter-done" }));
  return meter;
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
    h("p", { class: "state" }, mark("confirm"), h("span", {}, `Set ${set.number} at ${figure(set.load)}, ${figure(Math.round((set.load - target) * 100) / 100)} ${unitWord()} over target?`)),
    h("div", { class: "row" }, button("confirm", `Yes, ${figure(set.load)}`, "", { set: set.uid, key: "yes", label: `Yes, ${weight(set.load)} was lifted: ${lane.name}` }),
      button("correct-load", `No, ${figure(target)}`, "", { set: set.uid, load: target, key: "no", label: `No, ${weight(target)} was lifted: ${lane.name}` })));
}

function doneButton(lane, view, { words = "Done", css = "", data = {}, label = null } = {}) {
  const who = h("span", {}, h("span", { class: `chip ${lane.tint}`, "aria-hidden": "true" }, lane.initials), words);
  const look = css || (view.resting ? "btn-line" : "btn-main");
  return h("button", { type: "button", class: `btn done ${look}`, "aria-label": label, data: { act: view.ready ? "done" : "other", key: "done", ...data } },
    who, h("small", {}, view.ready ? `${lane.name} set ${view.place}` : "Say the load first"));
}

function felt(lane, view) {
  const one = (tolerated, words, look) => button("done", [h("span", { class: `chip ${lane.tint}`, "aria-hidden": "true" }, lane.initials), words], look,
    { tolerated, key: `felt-${tolerated}`, label: `${words}: ${lane.name} set ${view.place} done` });
  return h("div", { class: "felt" }, one("yes", "Tolerated", "btn-main"), one("no", "Not tolerated", "btn-line"));
}

function controls(lane, view) {
  if (view.asks && view.lift.kind !== "impact" && !view.toConfirm) {
    return h("div", { class: "lane-do-wide" }, rpeRow(lane, view, true), rpeRow(lane, view, false));
  }
  const adjust = h("div", { class: "lane-adjust" }, button("other", "Other", "", { expanded: view.panel === "edit", label: `Other reps, load, effort or pain: ${lane.name}` }),
    view.all ? button("all", `All ${view.left}`, "", { label: `All ${view.left} sets as prescribed: ${lane.name}` }) : null);
  const left = view.toConfirm ? toConfirm(lane, view) : [h("div", { class: "lane-state" }, stateOf(view), clock(view), rested(view)), adjust];
  return h("div", { class: "lane-do" }, left, view.asks && view.lift.kind === "impact" ? felt(lane, view) : doneButton(lane, view));
}

function arriving(lane, view) {
  return h("div", { class: "lane-do-wide lane-arrive" },
    h("div", { class: "row" }, button("here", [h("span", { class: `chip ${lane.tint}`, "aria-hidden": "true" }, lane.initials), h("span", {}, "Here, ", h("small", {}, "nothing new"))], "btn-main", { label: `Here, nothing new: ${lane.name}` }),
      button("ask", "Something is", "btn-line", { expanded: view.panel === "arrive", label: `Something is: open the questions of ${lane.name}` }),
      view.begun ? button("no-show", "No-show", "", { label: `No-show: ${lane.name}` }) : null));
}

function absent(lane) {
  const why = lane.said_why;
  return h("div", { class: "lane-do-wide" },
    h("div", { class: "row" }, state("absent", [ABSENT[lane.status], why ? h("span", { class: "hush" }, `: ${why}`) : null]), button("undo-say", "Not so", "btn-line", { label: `Not so: take back ${ABSENT[lane.status]} of ${lane.name}` })),
    lane.status === "no_show" && !why ? h("div", { class: "row row-tight", role: "group", "aria-label": `Why ${lane.name} did not come, if it is known` },
      NO_SHOW_WHY.map((reason) => button("why", reason, "btn-quiet", { why: reason, key: `why-${reason}` }))) : null);
}

function signed(lane, view) {
  const part = lane.status === "attended_partial" ? ", in part" : "";
  const again = view.reopens ? button("reopen", "Open again", "btn-line", { label: `Open again: the visit of ${lane.name}` })
    : view.amends ? h("a", { class: "btn btn-line", href: view.address, data: { key: "amend" } }, "Amend, with a reason") : null;
  return h("div", { class: "lane-do-wide" }, h("div", { class: "row" }, state("tick", lane.signed_at ? `Signed ${clockTime(lane.signed_at)}${part}` : `Completed${part}`, "ready"), again));
}

function over(lane, view) {
  const words = view.over ? "All sets done" : view.offered.stopped ? "Stopped: pain" : view.lift.available ? "This lift is done" : "Not cleared";
  const tone = view.over || (view.lift.available && !view.offered.stopped) ? ["tick", "ready"] : ["hold", "hold"];
  const next = view.over ? null : view.lifts.find((one) => one.place !== null);
  return h("div", { class: "lane-do-wide" }, h("div", { class: "row" }, state(tone[0], words, tone[1]), clock(view),
    next ? button("lift", `To ${next.lift.title}`, "btn-line", { lift: next.lift.lift, key: "next-lift" }) : null));
}

function act(lane, view) {
  if (lane.status in ABSENT) return absent(lane);
  if (lane.status.startsWith("attended")) return signed(lane, view);
  if (["planned", "unrecorded"].includes(lane.status) && lane.sets.length === 0) return arriving(lane, view);
  return view.place === null ? over(lane, view) : controls(lane, view);
}

function dispute(lane, set) {
  const title = lane.lifts.find((one) => one.lift === set.lift)?.title ?? "Set";
  return h("div", { class: "note note-hold lane-note", role: "group", "aria-label": `${title}, set ${set.number}: two entries` },
    h("p", {}, h("strong", {}, `${title}, set ${set.number}: two entries differ.`), " Which one is right? Until then the more cautious counts."),
    h("div", { class: "row" }, set.choices.map((choice, at) => button("choose", [inUnit(choice.words), choice.by ? h("span", { class: "hush" }, `by ${choice.by}`) : null], "btn-line", { set: set.uid, choice: at, key: `choose-${set.uid}-${at}` }))));
}

const CORRECTABLE = new Set(["log_set", "correct_set", "check_in", "answer", "report"]);

/** What the server did not take: why, and what to do about it. */
export function refusal(one, words = "") {
  return h("div", { class: "note note-stop lane-note", role: "group", "aria-label": "Not taken" },
    h("p", {}, h("strong", {}, `${words}Not taken: `), one.reason || "The server gives no reason."),
    h("div", { class: "row" }, CORRECTABLE.has(one.kind) && !words ? button("correct", "Correct", "btn-line", { seq: one.seq, key: `correct-${one.seq}` }) : null,
      button("discard", "Discard", "", { seq: one.seq, key: `discard-${one.seq}` })));
}

/** One client's lane. ``view`` is model.view with what only this tablet knows. */
export function laneElement(lane, view) {
  const shut = Boolean(lane.stopped) && !(lane.status in ABSENT) && !lane.status.startsWith("attended");
  const look = shut ? "stop" : view.toConfirm ? "confirm" : view.resting ? "rest" : view.lift.held ? "hold" : view.asks ? "last" : "ready";
  const stop = h("button", { type: "button", class: "btn btn-ghost", "aria-label": `Stop ${lane.name}`, "aria-expanded": String(view.panel === "stop"), data: { act: "stop", key: "stop" } }, mark("stop"), "Stop");
  const live = !shut && !(lane.status in ABSENT) && !lane.status.startsWith("attended");
  const head = h("div", { class: "lane-who" }, h("strong", {}, h("a", { href: view.address, data: { key: "name" } }, lane.name)), live ? stop : null);
  const body = shut ? stoppedLane(lane, view) : [what(lane, view), lift(view), act(lane, view)];
  const due = lane.report_due && !shut ? h("p", { class: "note note-hold lane-note" }, "The report of the stop is due before signing. ", button("report", "Write the report", "btn-line")) : null;
  const panel = PANELS[view.panel]?.(lane, view);
  return h("div", { class: `lane ${lane.tint}`, role: "group", "aria-label": lane.name, data: { state: look, visit: lane.visit } },
    h("span", { class: "lane-tab", "aria-hidden": "true" }, lane.initials), head, body,
    view.disputed.map((set) => dispute(lane, set)), view.refused.map((one) => refusal(one)), due, panel);
}
