// A lane as it stands: what the server said, with the operations that it has not answered yet.
// Pure: plain values in, plain values out.

import { CLINICIAN, consequence, locks, reportLocks } from "./safety.js";
import { SEVERITY, WHAT, wordOf } from "./words.js";

export const number = (text) => (text === null || text === undefined || text === "" ? null : Number(text));
const yesNo = (text) => (text ? text === "yes" : null);

/** One operation's set as the server would keep it, until the server says so itself. */
function setOf(operation, lane) {
  const { payload } = operation;
  const level = number(payload.level);
  return {
    uid: operation.entry,
    lift: payload.lift,
    number: Number(payload.number),
    load: payload.load || null,
    reps: number(payload.reps),
    seconds: number(payload.seconds),
    landings: number(payload.landings),
    level,
    drop_cm: number(payload.drop_cm),
    tolerated: yesNo(payload.tolerated),
    rpe: number(payload.rpe),
    clean: payload.technique ? payload.technique === "clean" : null,
    pain: number(payload.pain),
    pain_site: payload.pain_site ?? "",
    pain_kind: payload.pain_kind ?? "",
    revision: 1,
    to_confirm: false,
    outside: (level !== null && level > (lane.cleared ?? 0)) || ["locked", "intake"].includes(lane.stopped?.code),
    disputed: false,
    choices: [],
    earlier: [],
    waiting: true,
  };
}

/** A set as the payload of an operation that says it again. */
export function payloadOf(set) {
  const text = (value) => (value === null || value === undefined ? "" : String(value));
  const felt = set.tolerated === null || set.tolerated === undefined ? "" : set.tolerated ? "yes" : "no";
  const technique = set.clean === null || set.clean === undefined ? "" : set.clean ? "clean" : "not_clean";
  const shared = { lift: set.lift, technique, pain: text(set.pain), pain_site: text(set.pain_site), pain_kind: text(set.pain_kind) };
  if (set.landings !== null && set.landings !== undefined) return { ...shared, landings: text(set.landings), level: text(set.level), drop_cm: text(set.drop_cm), tolerated: felt };
  return { ...shared, load: text(set.load), unit: "kg", reps: text(set.reps), seconds: text(set.seconds), rpe: text(set.rpe), ...(set.reps === 0 || set.seconds === 0 ? { tried: "1" } : {}) };
}

function answered(lane, operation) {
  const here = operation.kind === "check_in" ? "checked_in" : lane.status;
  const stopped = consequence(operation.payload) ?? lane.stopped ?? null;
  return { ...lane, status: here, asked: true, stopped };
}

const CHANGES = {
  check_in: answered,
  answer: answered,
  stop(lane, { payload, at }) {
    const why = payload.why ? `, ${wordOf(WHAT, payload.why).toLowerCase()}` : "";
    const line = `Stopped on the floor${why}. Nothing more is lifted.`;
    return { ...lane, status: lane.status === "planned" ? "checked_in" : lane.status, stopped: { code: "locked", line, who: CLINICIAN, at, why: "stop" }, report_due: true };
  },
  say: (lane, { payload }) => ({ ...lane, status: payload.status, said_why: payload.why ?? "" }),
  complete: (lane, { at }) => ({ ...lane, status: "attended", signed_at: at, signing: true }),
  reopen: (lane) => ({ ...lane, status: "checked_in", signed_at: null, reopen_until: null }),
  report(lane, { payload }) {
    const words = `${wordOf(WHAT, payload.what)}, ${wordOf(SEVERITY, payload.severity).toLowerCase()}`;
    const locked = { code: "locked", line: `Locked: ${words.toLowerCase()}. Nothing more is lifted.`, who: CLINICIAN };
    return { ...lane, report_due: false, reports: [...(lane.reports ?? []), words], stopped: lane.stopped ?? (reportLocks(payload) ? locked : null) };
  },
  log_set(lane, operation) {
    if (lane.sets.some((one) => one.uid === operation.entry)) return lane;
    const set = judged(lane, setOf(operation, lane));
    const status = ["planned", "unrecorded"].includes(lane.status) ? "checked_in" : lane.status;
    return hurt({ ...lane, status, sets: [...lane.sets, set] }, set);
  },
  correct_set(lane, operation) {
    const after = changed(lane, operation, (set) => {
      const payload = { ...operation.payload, lift: set.lift, number: set.number };
      const earlier = [...(set.earlier ?? []), set];
      return { ...judged(lane, setOf({ ...operation, payload }, lane)), earlier, revision: set.revision };
    });
    const set = after.sets.find((one) => one.uid === operation.entry);
    return set ? hurt(after, set) : after;
  },
  confirm_set: (lane, operation) => changed(lane, operation, (set) => ({ ...set, to_confirm: false, waiting: true })),
  void_set: (lane, operation) => ({ ...lane, sets: lane.sets.filter((one) => one.uid !== operation.entry) }),
};

function changed(lane, operation, change) {
  const after = (set) => {
    const said = change(set);
    return { ...said, revision: said.revision + 1 };
  };
  const sets = lane.sets.map((set) => (set.uid === operation.entry ? after(set) : set));
  return { ...lane, sets };
}

/** Pain that ends all loading locks her at once, here as on the server. */
function hurt(lane, { pain, pain_site: site, pain_kind: kind }) {
  if (lane.stopped || pain === null || !locks(String(pain), site, kind)) return lane;
  return { ...lane, stopped: { code: "locked", line: `Locked: pain ${pain} of 10. Nothing more is lifted.`, who: CLINICIAN } };
}

/** A load far above its target is kept and asked about once. */
function judged(lane, set) {
  const target = number(lane.lifts.find((one) => one.lift === set.lift)?.load);
  const load = number(set.load);
  if (target === null || load === null) return set;
  const over = load - target;
  const { confirm_kg: kilos, confirm_percent: percent } = lane.limits;
  return { ...set, to_confirm: over > Number(kilos) || over * 100 > target * Number(percent) };
}

/** The lane after the operations that wait, in their order. Refused ones change nothing. */
export function standing(lane, operations) {
  return operations
    .filter((one) => one.visit === lane.visit && one.state === "waiting")
    .reduce((now, operation) => CHANGES[operation.kind]?.(now, operation) ?? now, lane);
}

/** Who is on the floor of a slot: as the server said, after what waits to be sent. */
export function supervisors(slot, operations, therapists) {
  const known = new Map((slot.supervisors ?? []).map((one) => [one.id, one]));
  const visits = new Set(slot.lanes.map((lane) => lane.visit));
  const said = operations.findLast((one) => one.kind === "supervise" && one.state === "waiting" && visits.has(one.visit));
  const named = said && new Set(said.payload.members.split(" ").filter(Boolean).map(Number));
  for (const { id, name } of therapists) known.set(id, { id, name, here: false, planned: known.has(id), ...known.get(id) });
  return [...known.values()].map((one) => (named ? { ...one, here: named.has(one.id) } : one));
}
