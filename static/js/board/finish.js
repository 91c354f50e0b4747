// The end of a class: what is not logged, who is not spoken for, which report is due; then one
// signature for all of them. Nothing has to be typed.

import { button, h, mark, state } from "./elements.js";
import { unlogged } from "./model.js";
import { ABSENT, clockTime, count, listed } from "./words.js";

const SAYABLE = ["no_show", "late_cancel", "excused"];
export const isSigned = (lane) => lane.status.startsWith("attended");
const isAbsent = (lane) => lane.status in ABSENT;
const open = (lane) => !isSigned(lane) && !isAbsent(lane);

// Somebody who was stopped took part, also where nothing was lifted.
const tookPart = (lane) => open(lane) && (lane.sets.length > 0 || (lane.status === "checked_in" && lane.stopped?.code === "locked"));

/** Visits that a signature can be put under. */
export const signable = (lanes) => lanes.filter((lane) => tookPart(lane) && !lane.report_due);

function line(lane, words, ...controls) {
  return h("li", { class: "finish-line" }, h("span", { class: `chip ${lane.tint}`, "aria-hidden": "true" }, lane.initials), h("strong", {}, lane.name), h("span", { class: "finish-words" }, words), h("span", { class: "row" }, controls));
}

function logged(lane) {
  const missing = unlogged(lane);
  if (lane.report_due) {
    return line(lane, state("hold", "The report of the stop is due before signing.", "hold"), button("write-report", "Write the report", "btn-line", { visit: lane.visit, key: `write-${lane.visit}`, label: `Write the report: ${lane.name}` }));
  }
  if (lane.stopped) return line(lane, state("stop", "Stopped. What was done is signed."));
  if (!missing.length) return line(lane, state("tick", "Everything logged", "ready"));
  return line(lane, state("hold", `Not logged: ${missing.map(([title, left]) => `${title} ${left}`).join(", ")}`, "hold"));
}

function silent(lane, begun) {
  const of = (status) => button("say-of", ABSENT[status], "btn-line", { visit: lane.visit, status, key: `say-${status}-${lane.visit}`, label: `${ABSENT[status]}: ${lane.name}` });
  const words = lane.status === "checked_in" ? "Here, and no set is logged" : "Nobody has said what happened";
  return line(lane, state("confirm", words, "hold"), SAYABLE.filter((status) => begun || status !== "no_show").map(of));
}

function signed(lane, reopens) {
  const when = lane.signed_at ? `Signed ${clockTime(lane.signed_at)}` : "Completed";
  const part = lane.status === "attended_partial" ? ", in part" : "";
  return line(lane, state("tick", `${when}${part}${lane.note_due ? ". The note is drafted" : ""}`, "ready"), reopens(lane) ? button("reopen-of", "Open again", "", { visit: lane.visit, key: `reopen-${lane.visit}`, label: `Open again: ${lane.name}` }) : null);
}

function group(title, lines) {
  return lines.length ? [h("h3", {}, title), h("ul", { class: "finish-lines" }, lines)] : null;
}

export function finishSheet({ lanes, author, reopens, begun, notesUrl }) {
  const toSign = signable(lanes);
  const withSets = lanes.filter(tookPart);
  const quiet = lanes.filter((lane) => open(lane) && !tookPart(lane));
  const done = lanes.filter(isSigned);
  const missing = toSign.filter((lane) => !lane.stopped && unlogged(lane).length);
  const nothing = !lanes.some((lane) => lane.sets.length > 0);
  const words = toSign.length === 1 ? `Sign ${toSign[0].name} as ${author}` : `Sign all ${toSign.length} as ${author}`;
  return h("section", { class: "sheet board-sheet", "aria-label": "Finish the class" },
    h("h2", {}, "Finish the class"),
    nothing ? h("p", { class: "hush" }, "No set is logged yet.") : null,
    missing.length ? h("p", {}, `${listed(missing.map((lane) => lane.name))}: sets are not logged. Signed now, the ${missing.length === 1 ? "visit counts" : "visits count"} with the sets that are there.`) : null,
    group("Not spoken for", quiet.map((lane) => silent(lane, begun))),
    group("To sign", withSets.map(logged)),
    group("Signed", done.map((lane) => signed(lane, reopens))),
    h("div", { class: "row" }, toSign.length ? button("sign", [mark("tick"), words], "btn-main") : null,
      done.length ? h("a", { class: `btn ${toSign.length ? "btn-line" : "btn-main"}`, href: notesUrl, data: { key: "notes" } }, `${count(done.length, "note")} of the class`) : null,
      button("close-sheet", "Back to the floor", "push")));
}
