// What a tap on a person does: here, asked, absent, stopped, reported, opened again.

import { wrongAnswers } from "./arrival.js";
import { BLANK, WELL, consequence } from "./safety.js";
import { wrongReport } from "./stop.js";
import { WHAT, wordOf } from "./words.js";

const REPORT = { what: "", severity: "", site: "", serious: "", described: "" };

export function visitActs(board) {
  const say = (lane, payload) => ({ kind: "say", visit: lane.visit, payload });

  function report(lane, view) {
    if (view.panel === "report") return board.toggle(lane.visit, null);
    return board.toggle(lane.visit, { panel: "report", draft: { ...REPORT } });
  }

  return {
    here(lane) {
      if (board.tooMany(1)) return null;
      return board.act([{ kind: "check_in", visit: lane.visit, payload: { ...WELL } }], `${lane.name} is here`, [say(lane, { status: "planned" })]);
    },
    ask(lane, view) {
      board.toggle(lane.visit, view.panel === "arrive" ? null : { panel: "arrive", draft: { ...BLANK } });
    },
    async arrived(lane, view) {
      const { refused, ...draft } = view.draft;
      delete draft.why;
      const wrong = wrongAnswers(draft);
      if (Object.keys(wrong).length) return board.toggle(lane.visit, { panel: "arrive", draft: view.draft, wrong });
      const here = lane.status === "checked_in";
      if (!here && board.tooMany(1)) return null;
      board.keepPanel(lane.visit, consequence(draft)?.code === "locked" ? { panel: "plan" } : null);
      await board.act([{ kind: here ? "answer" : "check_in", visit: lane.visit, payload: draft }], here ? `${lane.name}: answers kept` : `${lane.name} is here`);
      return board.letGo(refused);
    },
    "no-show"(lane) {
      return board.act([say(lane, { status: "no_show" })], `${lane.name}: no-show`, [say(lane, { status: "planned" })]);
    },
    why(lane, view, { why }) {
      return board.act([say(lane, { status: lane.status, why })], `${lane.name}: ${why.toLowerCase()}`, [say(lane, { status: lane.status })]);
    },
    "undo-say"(lane) {
      return board.act([say(lane, { status: "planned" })], `${lane.name}: taken back`);
    },
    stop(lane, view) {
      board.toggle(lane.visit, view.panel === "stop" ? null : { panel: "stop" });
    },
    "stop-now"(lane, view, { why }) {
      // What to do in an emergency stands in the lane at once, without another tap.
      board.keepPanel(lane.visit, { panel: "plan" });
      return board.act([{ kind: "stop", visit: lane.visit, payload: why ? { why } : {} }], `${lane.name} is stopped and locked`);
    },
    plan(lane, view) {
      board.toggle(lane.visit, view.panel === "plan" ? null : { panel: "plan" });
    },
    report,
    async "report-now"(lane, view) {
      const { refused, ...draft } = view.draft;
      delete draft.why;
      const wrong = wrongReport(draft);
      if (Object.keys(wrong).length) return board.toggle(lane.visit, { panel: "report", draft: view.draft, wrong });
      const payload = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== ""));
      board.keepPanel(lane.visit, null);
      await board.act([{ kind: "report", visit: lane.visit, entry: crypto.randomUUID(), payload }], `${lane.name}: ${wordOf(WHAT, draft.what).toLowerCase()} reported`);
      return board.letGo(refused);
    },
    reopen(lane) {
      return board.act([{ kind: "reopen", visit: lane.visit }], `${lane.name} is open again`);
    },
    close(lane) {
      board.toggle(lane.visit, null);
    },
  };
}

/** A draft of what was refused, to be said again in its own panel. */
export function draftOfRefused({ kind, seq, entry, payload, reason }) {
  const shared = { refused: seq, why: `Not taken: ${reason}` };
  if (kind === "check_in" || kind === "answer") return { panel: "arrive", draft: { ...BLANK, ...payload, ...shared } };
  if (kind === "report") return { panel: "report", draft: { ...REPORT, ...payload, ...shared } };
  const blank = { load: "", level: "", drop_cm: "", tolerated: "", rpe: "", technique: "", pain: "", pain_site: "", pain_kind: "" };
  return { panel: "edit", draft: { ...blank, ...payload, number: Number(payload.number ?? 0), ...(kind === "correct_set" ? { set: entry } : {}), ...shared } };
}
