// What a tap on a set does: record, correct, take back, choose. Each is an operation.

import { wrongWith } from "./safety.js";
import { payloadOf } from "./standing.js";
import { figure } from "./words.js";

const text = (value) => (value === null || value === undefined ? "" : String(value));

function logOf(lane, view, more = {}) {
  const { lift, offered, place } = view;
  const payload = { lift: lift.lift, number: String(place), technique: "", pain: "", ...more };
  if (lift.kind === "impact") {
    payload.landings ??= text(lift.asked);
    payload.level ??= text(lift.level);
    payload.drop_cm ??= text(lift.drop_cm);
    payload.tolerated ??= "";
  } else {
    payload.rpe ??= "";
    payload.load ??= text(offered.load);
    payload.unit = "kg";
    payload[lift.counts] ??= text(lift.asked);
  }
  return { kind: "log_set", visit: lane.visit, entry: crypto.randomUUID(), payload };
}

const voidOf = (operation) => ({ kind: "void_set", visit: operation.visit, entry: operation.entry });

function draftOf({ lift, offered, place }, number = place) {
  return { number, load: text(offered.load ?? lift.load), level: text(lift.level), drop_cm: text(lift.drop_cm), tolerated: "", rpe: "", technique: "", pain: "", pain_site: "", pain_kind: "" };
}

function payloadOfDraft(draft, lift, count) {
  const shared = { technique: draft.technique, pain: text(draft.pain), pain_site: draft.pain_site, pain_kind: draft.pain_kind, [lift.counts]: text(count) };
  if (lift.kind === "impact") return { ...shared, level: text(draft.level), drop_cm: text(draft.drop_cm), tolerated: draft.tolerated };
  return { ...shared, rpe: text(draft.rpe), load: text(draft.load), unit: "kg", ...(Number(count) === 0 ? { tried: "1" } : {}) };
}

function draftOfSet(set) {
  return { ...payloadOf(set), number: set.number, set: set.uid };
}

export function setActs(board) {
  /** Correct a set to what the draft says; what it said is offered back. */
  async function correct(lane, view, draft, count, { close = false } = {}) {
    const set = lane.sets.find((one) => one.uid === draft.set);
    if (!set) return board.toggle(lane.visit, null);
    const payload = { ...payloadOfDraft(draft, view.lift, count), lift: set.lift };
    const wrong = wrongWith(payload);
    if (Object.keys(wrong).length) return board.toggle(lane.visit, { panel: view.panel, draft, wrong });
    board.keepPanel(lane.visit, close ? null : { panel: view.panel, draft });
    const operation = { kind: "correct_set", visit: lane.visit, entry: set.uid, base_revision: set.revision, payload };
    await board.act([operation], `${lane.name} set ${set.number} corrected`, [{ kind: "correct_set", visit: lane.visit, entry: set.uid, payload: payloadOf(set) }]);
    return board.letGo(draft.refused);
  }

  const countOf = (set, lift) => set?.[lift.counts];

  return {
    done(lane, view, { rpe = "", technique = "", tolerated }) {
      const operation = logOf(lane, view, view.lift.kind === "impact" ? { technique, ...(tolerated ? { tolerated } : {}) } : { rpe, technique });
      board.rests.start(lane.visit);
      return board.act([operation], `${lane.name} set ${view.place} recorded`, [voidOf(operation)]);
    },
    all(lane, view) {
      const operations = [];
      for (let place = view.place; place <= view.lift.sets; place += 1) {
        if (!view.sets.some((one) => one.number === place)) operations.push(logOf(lane, { ...view, place }));
      }
      board.rests.start(lane.visit);
      board.keepPanel(lane.visit, null);
      return board.act(operations, `${lane.name}: ${operations.length} sets recorded`, operations.map(voidOf));
    },
    sets(lane, view) {
      // Where the tick asks for effort there is no place for "Other", so it opens with the sets.
      const draft = view.asks && view.lift.kind !== "impact" ? draftOf(view) : null;
      board.toggle(lane.visit, view.panel === "sets" ? null : { panel: "sets", draft });
    },
    lift(lane, view, { lift }) {
      board.open.set(lane.visit, lift);
      board.toggle(lane.visit, null);
    },
    other(lane, view) {
      board.toggle(lane.visit, view.panel === "edit" ? null : { panel: "edit", draft: draftOf(view) });
    },
    extra(lane, view, { lift, number }) {
      if (view.amends) return location.assign(view.address);
      board.open.set(lane.visit, lift);
      const chosen = view.lifts.find((one) => one.lift.lift === lift);
      return board.toggle(lane.visit, { panel: "edit", draft: draftOf(chosen, Number(number)) });
    },
    edit(lane, view, { set }) {
      if (view.amends) return location.assign(view.address); // there is room for the reason
      const one = lane.sets.find((item) => item.uid === set);
      board.open.set(lane.visit, one.lift);
      return board.toggle(lane.visit, { panel: "edit", draft: draftOfSet(one) });
    },
    pick(lane, view, { name, value }) {
      const draft = { ...view.draft, [name]: text(view.draft[name]) === value ? "" : value };
      if (name === "pain" && !(Number(draft.pain) > 0)) Object.assign(draft, { pain_site: "", pain_kind: "" });
      const set = draft.set && lane.sets.find((one) => one.uid === draft.set);
      if (set) return correct(lane, view, draft, countOf(set, view.lift));
      return board.toggle(lane.visit, { panel: view.panel, draft });
    },
    step(lane, view, { to }) {
      if (to === undefined) return null;
      const draft = { ...view.draft, load: to };
      const set = draft.set && lane.sets.find((one) => one.uid === draft.set);
      if (set) return correct(lane, view, draft, countOf(set, view.lift));
      return board.toggle(lane.visit, { panel: view.panel, draft });
    },
    async record(lane, view, { count }) {
      const { draft, lift } = view;
      if (draft.set) return correct(lane, view, draft, count, { close: true });
      const payload = payloadOfDraft(draft, lift, count);
      const wrong = wrongWith(payload);
      if (Object.keys(wrong).length) return board.toggle(lane.visit, { panel: view.panel, draft, wrong });
      const operation = logOf(lane, { ...view, place: draft.number }, payload);
      board.keepPanel(lane.visit, null);
      board.rests.start(lane.visit);
      await board.act([operation], `${lane.name} set ${draft.number} recorded`, [voidOf(operation)]);
      return board.letGo(draft.refused);
    },
    void(lane, view, { set }) {
      const one = lane.sets.find((item) => item.uid === set);
      board.keepPanel(lane.visit, null);
      const again = { kind: "log_set", visit: lane.visit, entry: crypto.randomUUID(), payload: { ...payloadOf(one), number: String(one.number) } };
      return board.act([{ kind: "void_set", visit: lane.visit, entry: set }], `${lane.name}: set ${one.number} taken back`, [again]);
    },
    confirm(lane, view, { set }) {
      return board.act([{ kind: "confirm_set", visit: lane.visit, entry: set }], `${lane.name}: load confirmed`);
    },
    "correct-load"(lane, view, { set, load }) {
      const one = lane.sets.find((item) => item.uid === set);
      const back = { kind: "correct_set", visit: lane.visit, entry: set, payload: payloadOf(one) };
      const operation = { ...back, base_revision: one.revision, payload: { ...payloadOf(one), load } };
      return board.act([operation], `${lane.name}: set ${one.number} corrected to ${figure(load)}`, [back]);
    },
    choose(lane, view, { set, choice }) {
      const one = lane.sets.find((item) => item.uid === set);
      const { payload, voids, words } = one.choices[Number(choice)];
      const about = { visit: lane.visit, entry: set, base_revision: one.revision };
      const operation = voids ? { kind: "void_set", ...about } : { kind: "correct_set", ...about, payload: { ...payload, lift: one.lift } };
      return board.act([operation], `${lane.name} set ${one.number}: ${words} counts`);
    },
    correct(lane, view, { seq }) {
      const refused = view.refused.find((one) => String(one.seq) === seq);
      board.correct(lane, refused);
    },
    discard(lane, view, { seq }) {
      return board.queue.discard(view.refused.find((one) => String(one.seq) === seq));
    },
  };
}
