// The load plan of the class: which bar and plates are needed next, in the order with the fewest
// changes; and what is short, said before it is needed.

import { button, h, mark } from "./elements.js";
import { iron } from "./lane.js";
import { inUnit, weight } from "./words.js";

/** What is still to come of a plan: each lift of each lane until its last set is logged. */
export function toCome(plan, places) {
  return plan.filter(({ visit, lift }) => places.get(visit)?.find((one) => one.lift.lift === lift)?.place);
}

export function platesSheet({ plan, shortages, lanes, places, platesUrl }) {
  const byVisit = new Map(lanes.map((lane) => [lane.visit, lane]));
  const lines = toCome(plan, places).map((one) => {
    const lane = byVisit.get(one.visit);
    const title = lane.lifts.find((item) => item.lift === one.lift)?.title ?? one.lift;
    return h("li", { class: "plates-line" }, h("span", { class: `chip ${lane.tint}`, "aria-hidden": "true" }, lane.initials),
      h("span", {}, h("strong", {}, lane.name), h("br"), h("span", { class: "hush" }, title)), h("b", { class: "plates-load" }, weight(one.load)), iron(one.bar, one.plates));
  });
  return h("section", { class: "sheet board-sheet", "aria-label": "Plates of the class" },
    h("h2", {}, "Plates, in the order with the fewest changes"),
    shortages.map((words) => h("p", { class: "note note-hold with-mark" }, mark("hold"), h("span", {}, inUnit(words)))),
    lines.length ? h("ol", { class: "plates-lines" }, lines) : h("p", { class: "hush" }, plan.length ? "Every bar of the class has been lifted." : "No bar is needed in this class."),
    h("div", { class: "row" }, h("a", { class: "btn btn-line", href: platesUrl, data: { key: "print" } }, "On one page, to print"), button("close-sheet", "Back to the floor", "push")));
}
