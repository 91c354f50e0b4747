// The sets of a lane: its lifts, each set with what it said before, and the editor of one set.

import { button, h, picks } from "./elements.js";
import { COUNTED, KINDS, SITES, figure, inUnit, said as inWords, unitWord } from "./words.js";

const EFFORTS = [6, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
const DROPS = [5, 10, 15, 20, 25, 30, 40];
const SCORES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const each = (values) => values.map((value) => [value, String(value)]);

function earlier(set, lift) {
  const before = (set.earlier ?? []).map((one) => (typeof one.words === "string" ? [inUnit(one.words), one.by, one.until] : [inWords(one, lift), "", ""]));
  if (!before.length) return null;
  return h("span", { class: "small hush lane-before" }, "before: ", before.map(([words]) => words).join(", then "));
}

function line(set, lift) {
  const words = inWords(set, lift);
  return h("li", {}, button("edit", [`${set.number}. ${words}`, set.disputed ? h("span", { class: "hush" }, " (two entries)") : null], set.outside ? "is-outside" : "", { set: set.uid, key: `edit-${set.uid}`, label: `Correct set ${set.number}: ${words}` }), earlier(set, lift));
}

function liftRow(lane, view, one) {
  const { lift, sets, place } = one;
  const open = lift.lift === view.lift.lift;
  const extra = Math.max(0, ...sets.map((set) => set.number)) + 1;
  const more = lift.available ? (place === null ? "One more" : null) : "It was done";
  const label = lift.available ? `Record one more set: ${lift.title}` : `It was done all the same: record a set of ${lift.title}`;
  return h("div", { class: "lift-row", role: "group", "aria-label": lift.title },
    button("lift", [lift.title, h("small", { class: "hush" }, lift.available ? `${sets.length} of ${lift.sets}` : "not cleared")], "lift-name", { lift: lift.lift, pressed: open, key: `lift-${lift.lift}` }),
    h("ol", { class: "lane-list" }, sets.map((set) => line(set, lift)),
      more ? h("li", {}, button("extra", more, "btn-line", { lift: lift.lift, number: extra, key: `extra-${lift.lift}`, label })) : null));
}

/** All lifts of a lane with their sets, each a tap from its editor. */
export function setsPanel(lane, view) {
  const { lift } = view;
  return h("div", { class: "lane-panel" },
    view.draft ? editor(lane, view) : null,
    view.asks && view.all ? h("div", { class: "row" }, button("all", `All ${view.left} as prescribed`, "", { label: `All ${view.left} as prescribed: ${lane.name}` })) : null,
    h("div", { class: "lift-rows" }, view.lifts.map((one) => liftRow(lane, view, one))),
    h("div", { class: "panel-head" }, h("p", { class: "small hush" }, lift.criteria.length ? `Clean is: ${lift.criteria.join("; ")}.` : ""), button("close", "Close")));
}

function stepper(target, draft) {
  if (target.loads.length === 0) return null;
  const loads = target.loads.map(Number).sort((a, b) => a - b);
  const now = draft.load === "" ? null : Number(draft.load);
  const less = now === null ? undefined : loads.findLast((load) => load < now);
  const more = now === null ? loads[0] : loads.find((load) => load > now);
  const step = (to, sign, words, key) => h("button", { type: "button", class: "btn", "aria-label": to === undefined ? `${words}: no further load` : `${words}: ${figure(to)} ${unitWord()}`, "aria-disabled": to === undefined ? "true" : null, data: { act: "step", to: to ?? null, key } },
    sign, h("small", {}, to === undefined || now === null ? "" : figure(Math.abs(to - now))));
  return h("div", { class: "stepper", role: "group", "aria-label": "Load" },
    step(less, "−", "Less", "less"), h("output", {}, now === null ? "–" : figure(now), h("small", {}, unitWord())), step(more, "+", "More", "more"));
}

function counts(target) {
  if (target.counts === "seconds") return [0, 10, 15, 20, 30, 45, 60];
  const many = target.asked ?? 5;
  const from = target.counts === "landings" ? 1 : 0;
  return Array.from({ length: (target.top ?? many) + 3 - from }, (_, at) => at + from);
}

/** One set: another load, other reps, effort, technique, pain. A tap on the count records it. */
export function editor(lane, view) {
  const { lift: target, draft, wrong = {} } = view;
  const impact = target.kind === "impact";
  const drops = [...new Set([...DROPS, ...(target.drop_cm ? [target.drop_cm] : [])])].sort((a, b) => a - b);
  const head = draft.set ? `Set ${draft.number} of ${lane.name}.` : `${lane.name}, set ${draft.number}.`;
  const help = draft.set ? " What you tap is corrected at once." : ` Tap how many ${COUNTED[target.counts]}; it is recorded at once.`;
  return h("div", { class: "lane-panel lane-edit", role: "group", "aria-label": head },
    h("div", { class: "panel-head" }, h("p", {}, h("strong", {}, head), help, draft.why ? h("span", { class: "wrong" }, draft.why) : null), draft.set ? button("void", "Take this set back", "btn-quiet", { set: draft.set }) : null, button("close", "Close")),
    impact ? null : stepper(target, draft),
    h("div", { class: "question", role: "group", "aria-label": `How many ${COUNTED[target.counts]} were done` }, h("span", { class: "question-words" }, `${COUNTED[target.counts][0].toUpperCase()}${COUNTED[target.counts].slice(1)}`),
      h("div", { class: "picks" }, counts(target).map((count) => button("record", count === 0 ? "None" : String(count), count === target.asked ? "btn-main" : "btn-line", { count, key: `count-${count}`, label: count === 0 ? "None: tried, and could not" : `${count} ${COUNTED[target.counts]}` })))),
    impact ? picks("tolerated", [["yes", "Tolerated"], ["no", "Not tolerated"]], draft.tolerated, "How it felt") : picks("rpe", each(EFFORTS), draft.rpe, "RPE"),
    impact ? [picks("level", each([0, 1, 2, 3, 4, 5]), draft.level, `Level, cleared to ${lane.cleared ?? 0}`), picks("drop_cm", each(drops), draft.drop_cm, "Dropped from, cm")] : null,
    picks("technique", [["clean", "Clean"], ["not_clean", "Not clean"]], draft.technique, "Technique"),
    picks("pain", each(SCORES), draft.pain, "Pain, 0 to 10"),
    Number(draft.pain) > 0 ? [picks("pain_site", SITES, draft.pain_site, "Where"), picks("pain_kind", KINDS, draft.pain_kind, "What kind", { wrong: wrong.pain_kind })] : null);
}
