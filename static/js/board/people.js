// Who is on the floor: supervisors, how many clients each may look after, and walk-ins.

import { button, h, mark } from "./elements.js";
import { count, listed } from "./words.js";

/** Who supervises, in words: "Mira K. and Sam D. supervise". */
export function supervising(supervisors) {
  const here = supervisors.filter((one) => one.here).map((one) => one.name);
  if (here.length) return `${listed(here)} ${here.length === 1 ? "supervises" : "supervise"}`;
  const planned = supervisors.filter((one) => one.planned).map((one) => one.name);
  return planned.length ? `${listed(planned)} planned to supervise` : "";
}

function names(supervisors, { author, only = () => true }) {
  const order = (one) => (one.here ? 0 : one.id === author ? 1 : one.planned ? 2 : 3);
  const shown = supervisors.filter(only).sort((a, b) => order(a) - order(b));
  return shown.map((one) => button("supervise", [one.here ? mark("tick") : null, one.name], one.here ? "" : "btn-line", { id: one.id, pressed: one.here, key: `supervise-${one.id}`, label: one.here ? `${one.name} is on the floor; tap when gone` : `${one.name} is on the floor` }));
}

/** What the class needs before it begins: who supervises, and all here at once. */
export function startBar({ supervisors, planned, author, tooMany, warned, here }) {
  const nobody = supervisors.length > 0 && !supervisors.some((one) => one.here);
  const rest = (one) => !one.here;
  if (tooMany) {
    return h("div", { class: "note note-stop start-bar", role: "alert" },
      h("p", { class: "with-mark" }, mark("stop"), h("span", {}, h("strong", {}, tooMany), " Name another supervisor, then check in.")),
      h("div", { class: "row" }, names(supervisors, { author, only: rest }), button("quit-ratio", "Not now")));
  }
  const parts = [];
  if (nobody) parts.push(h("div", { class: "row", role: "group", "aria-label": "Who supervises?" }, h("strong", {}, "Who supervises?"), names(supervisors, { author })));
  if (planned.length > 1) parts.push(h("div", { class: "row" }, button("all-here", planned.length === here + planned.length ? `All ${planned.length} here, nothing new` : `The other ${planned.length} here, nothing new`, "btn-main", { label: `All here, nothing new: ${listed(planned.map((lane) => lane.name))}` })));
  if (warned) parts.push(h("p", { class: "with-mark is-hold" }, mark("hold"), h("span", {}, warned)));
  return parts.length ? h("div", { class: "start-bar" }, parts) : null;
}

/** What is said of too many clients for the supervisors who are named. */
export function ratioWords(here, supervisors, limit) {
  return `${count(here, "client")} with ${count(Math.max(1, supervisors), "supervisor")}: ${limit}`;
}

function walkIns({ people, trouble, slot }) {
  if (trouble) return h("p", { class: "note note-hold" }, trouble);
  if (!people) return h("p", { class: "hush" }, "Reading who else trains here …");
  if (people.length === 0) return h("p", { class: "hush" }, "Everybody who trains here is in this class.");
  return h("div", { class: "row" }, people.map((one) => button("walk-in", [h("span", { class: `chip ${one.tint}`, "aria-hidden": "true" }, one.initials), one.name], "", { client: one.id, key: `walk-in-${one.id}`, slot })));
}

/** The sheet of everybody: supervisors, a walk-in, the sound of the rest. */
export function peopleSheet({ supervisors, author, sound, empty, ...walk }) {
  return h("section", { class: "sheet board-sheet", "aria-label": "Who is on the floor" },
    h("h2", {}, "On the floor"),
    supervisors.length ? h("div", { class: "row", role: "group", "aria-label": "Supervisors" }, h("strong", { class: "sheet-word" }, "Supervisors"), empty ? h("span", { class: "hush" }, "can be named once a client is in the class") : names(supervisors, { author })) : null,
    h("div", { class: "row", role: "group", "aria-label": "Walk-in" }, h("strong", { class: "sheet-word" }, "Walk-in"), walkIns(walk)),
    h("div", { class: "row" }, button("prepare", "Prepare this tablet for today", "btn-line"), button("sound", [sound ? mark("tick") : null, `Sound when a rest is over: ${sound ? "on" : "off"}`], "btn-quiet", { pressed: sound }), button("close-sheet", "Back to the floor", "push")));
}
