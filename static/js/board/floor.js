// The floor as it is shown: which class, who is in it, which panels are open. Draws only what
// differs, so that a finger or the focus stays where it is.

import { finishSheet } from "./finish.js";
import { focusAgain, focusedIn, h, mark, same } from "./elements.js";
import { laneElement, refusal } from "./lane.js";
import { view as viewOf } from "./model.js";
import { peopleSheet, ratioWords, startBar, supervising } from "./people.js";
import { platesSheet } from "./plates.js";
import { ratio } from "./safety.js";
import { standing, supervisors as supervisorsOf } from "./standing.js";
import { dateIn, dayWords } from "./words.js";

const REST = 60; // seconds, where the clinic's own number is not there yet
const ofClass = (operation) => operation.kind === "supervise";

export class Floor {
  constructor({ root, queue, rests, visitUrl }) {
    Object.assign(this, { root, queue, rests, visitUrl });
    this.part = (name) => root.querySelector(`[data-${name}]`);
    this.day = null;
    this.open = new Map(); // visit: the lift that was chosen
    this.panels = new Map(); // visit: {panel, draft, wrong}
    this.sheet = null; // people, plates, finish
    this.people = {};
    this.refused = ""; // why nobody else is checked in
  }

  /** Now, by the server's clock as far as it is known. */
  now() {
    return Date.now() + (this.day?.skew ?? 0);
  }

  slot() {
    if (!this.day || this.day.slots.length === 0) return null;
    const wanted = Number(location.hash.slice(1));
    return this.day.slots.find((one) => one.id === wanted)
      ?? this.day.slots.find((one) => Date.parse(one.ends_at) > this.now())
      ?? this.day.slots.at(-1);
  }

  lanes() {
    return (this.slot()?.lanes ?? []).map((lane) => standing(lane, this.queue.mine));
  }

  /** The lane of a visit of the day as it stands. */
  laneOf(visit) {
    const lane = this.day.slots.flatMap((slot) => slot.lanes).find((one) => one.visit === visit);
    return lane && standing(lane, this.queue.mine);
  }

  supervisors() {
    return supervisorsOf(this.slot(), this.queue.mine, this.day.therapists ?? []);
  }

  here() {
    return this.lanes().filter((lane) => lane.status === "checked_in" || lane.status.startsWith("attended")).length;
  }

  /** Why ``more`` clients cannot be checked in; "" where they can. */
  blockedBy(more) {
    if (this.now() >= Date.parse(this.slot().ends_at)) return ""; // then it is a record of who came
    const named = this.supervisors().filter((one) => one.here).length;
    const { blocked, most } = ratio(this.here() + more, named, this.slot().ratio);
    return blocked ? ratioWords(this.here() + more, named, `at most ${most} are allowed.`) : "";
  }

  keepPanel(visit, panel) {
    if (panel) this.panels.set(visit, panel);
    else this.panels.delete(visit);
  }

  /** After something was done: a chosen lift of which nothing is to come gives way to the next. */
  goOn(visit) {
    const lane = this.laneOf(visit);
    if (lane && !this.panels.has(visit) && viewOf(lane, this.open.get(visit)).place === null) this.open.delete(visit);
  }

  laneElement(visit) {
    return this.root.querySelector(`.lane[data-visit="${visit}"]`);
  }

  reopens(lane) {
    return Boolean(lane.reopen_until) && Date.parse(lane.reopen_until) > this.now();
  }

  begun() {
    return this.now() >= Date.parse(this.slot().starts_at);
  }

  viewFor(lane) {
    const { panel = null, draft = null, wrong } = this.panels.get(lane.visit) ?? {};
    const view = viewOf(lane, this.open.get(lane.visit));
    const rested = this.rests.of(lane.visit);
    const restFor = lane.limits.rest ?? REST;
    return {
      ...view,
      panel,
      draft,
      wrong,
      rested,
      restFor,
      resting: rested !== null && rested < restFor && view.sets.length > 0 && view.place !== null,
      clinic: this.day.clinic,
      begun: this.begun(),
      reopens: this.reopens(lane),
      amends: Boolean(lane.signed_at) && !lane.signing && !this.reopens(lane),
      address: this.visitUrl.replace(/today\/$/, `visits/${lane.visit}/`),
      refused: this.queue.mine.filter((one) => one.visit === lane.visit && one.state === "refused" && !ofClass(one)),
    };
  }

  laneDrawn(visit) {
    const lane = this.laneOf(visit);
    return laneElement(lane, this.viewFor(lane));
  }

  // --- drawing -------------------------------------------------------------------------------

  draw() {
    const slot = this.slot();
    this.part("controls").hidden = !slot;
    if (!slot) {
      this.fill("notes", this.notes());
      this.fill("start", []);
      this.fill("panel", []);
      this.fill("lanes", this.nothing());
      if (this.day) this.strip.name("Floor board", "");
      return this.strip.tabs([], null, new Set());
    }
    this.drawStrip(slot);
    this.fill("notes", this.notes());
    this.fill("start", [this.start(slot)]);
    this.fill("panel", [this.sheetDrawn(slot)]);
    if (slot.lanes.length === 0) return this.fill("lanes", [h("div", { class: "empty" }, h("strong", {}, "Nobody is in this class"), "Somebody who walks in is added under People.")]);
    return this.fill("lanes", slot.lanes.map((lane) => this.laneDrawn(lane.visit)));
  }

  /** Put these into a place, and leave what looks the same as it is. */
  fill(name, drawn) {
    const place = this.part(name);
    const wanted = drawn.filter(Boolean);
    const there = [...place.children];
    const focused = focusedIn(place);
    let moved = false;
    wanted.forEach((element, at) => {
      const before = there[at];
      if (before && same(before, element)) return;
      const inside = before ? focusedIn(before) : null;
      if (before) before.replaceWith(element);
      else place.append(element);
      if (inside === null) return;
      focusAgain(element, inside);
      moved = true;
    });
    there.slice(wanted.length).forEach((element) => element.remove());
    if (focused && !moved && !place.contains(document.activeElement)) focusAgain(place, focused);
  }

  drawStrip(slot) {
    const named = this.supervisors();
    const words = [`${this.here()} of ${slot.lanes.length} here`, supervising(named)].filter(Boolean).join(", ");
    this.strip.name(`${slot.title} class`, words);
    const refused = new Set(this.queue.mine.filter((one) => one.state === "refused").map((one) => one.visit));
    this.strip.tabs(this.day.slots, slot.id, new Set(this.day.slots.filter((one) => one !== slot && one.lanes.some((lane) => refused.has(lane.visit))).map((one) => one.id)));
    for (const button of this.root.querySelectorAll(".strip [data-sheet]")) button.setAttribute("aria-expanded", String(button.dataset.sheet === this.sheet));
  }

  start(slot) {
    const lanes = this.lanes();
    const supervisors = this.supervisors();
    const here = this.here();
    const named = supervisors.filter((one) => one.here).length;
    const { warned, blocked } = ratio(here, named, slot.ratio);
    const planned = lanes.filter((lane) => lane.status === "planned" && !lane.stopped && lane.sets.length === 0);
    return startBar({
      supervisors: this.sheet === "people" ? [] : supervisors,
      planned,
      here,
      author: this.day.author.id,
      tooMany: this.refused,
      warned: warned || blocked ? ratioWords(here, named, `more than ${slot.ratio.warn} each. A second supervisor is named under People.`) : "",
    });
  }

  sheetDrawn(slot) {
    const lanes = this.lanes();
    if (this.sheet === "people") {
      return peopleSheet({ supervisors: this.supervisors(), author: this.day.author.id, sound: this.rests.sound, empty: slot.lanes.length === 0, slot: slot.id, people: this.people.people, trouble: this.people.trouble });
    }
    const base = this.visitUrl.replace(/today\/$/, "floor/");
    if (this.sheet === "plates") {
      const places = new Map(lanes.map((lane) => [lane.visit, viewOf(lane).lifts]));
      return platesSheet({ plan: slot.plan ?? [], shortages: slot.shortages ?? [], lanes, places, platesUrl: `${base}plates/?slot=${slot.id}` });
    }
    if (this.sheet === "finish") {
      return finishSheet({ lanes, author: this.day.author.name, reopens: (lane) => this.reopens(lane), begun: this.begun(), notesUrl: `${base}notes/?slot=${slot.id}` });
    }
    return null;
  }

  /** What concerns no lane that is shown: another day, a visit that is gone, supervisors. */
  notes() {
    if (!this.day) return [];
    const found = [];
    if (this.day.day !== dateIn(this.now())) found.push(h("p", { class: "note note-hold with-mark" }, mark("hold"), h("span", {}, `These are the classes of ${dayWords(this.day.day)}. Today’s are read as soon as there is a network.`)));
    const shown = new Set(this.day.slots.flatMap((slot) => slot.lanes.map((lane) => lane.visit)));
    const lost = this.queue.mine.filter((one) => one.state === "refused" && (ofClass(one) || !shown.has(one.visit)));
    return [...found, ...lost.map((one) => refusal(one, ofClass(one) ? "Supervisors. " : `${one.who || "A visit that is not in this day any more"}${said(one)}. `))];
  }

  nothing() {
    if (this.day) return [h("div", { class: "empty" }, h("strong", {}, "No class today"), "There is nothing to log. ", h("a", { href: this.visitUrl }, "Today"), " shows the days around it.")];
    if (!this.queue.trouble) return [h("p", { class: "hush" }, "Reading the day’s classes …")];
    const login = this.queue.trouble === "login";
    return [h("div", { class: "empty" }, h("strong", {}, "Nothing is kept on this tablet"), login ? "Log in, and the day’s classes are read." : "Open the board once while there is a network; then it works without one.")];
  }

  tick() {
    const slot = this.slot();
    if (!slot) return;
    for (const lane of slot.lanes) {
      const rested = this.rests.of(lane.visit);
      const clock = this.laneElement(lane.visit)?.querySelector(".clock");
      const restFor = lane.limits.rest ?? REST;
      this.rests.over(lane.visit, rested, restFor);
      if (!clock || rested === null) continue;
      if (rested >= restFor && clock.closest(".lane").dataset.state === "rest") this.redraw();
      else {
        clock.textContent = `${Math.floor(rested / 60)}:${String(rested % 60).padStart(2, "0")}`;
        clock.parentElement.querySelector(".meter-done")?.setAttribute("width", Math.min(100, Math.round((rested / restFor) * 100)));
      }
    }
  }
}

/** An operation whose lane is gone, in a few words. */
function said({ kind, payload }) {
  if (kind !== "log_set" && kind !== "correct_set") return "";
  const made = payload.reps || payload.landings || payload.seconds;
  return `, ${payload.lift ?? "a set"}${payload.number ? ` set ${payload.number}` : ""}: ${payload.load ? `${payload.load} kg × ` : ""}${made ?? ""}`;
}
