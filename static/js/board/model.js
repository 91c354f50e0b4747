// A lane as it stands: what the server said, with the operations that it has not answered yet.
// Pure: plain values in, plain values out. The rules are those of programs/offers.py.

const number = (text) => (text === null || text === undefined || text === "" ? null : Number(text));

/** One operation's set as the server would keep it, until the server says so itself. */
function setOf(operation) {
  const { payload } = operation;
  return {
    uid: operation.entry,
    lift: payload.lift,
    number: Number(payload.number),
    load: payload.load || null,
    reps: number(payload.reps),
    seconds: number(payload.seconds),
    landings: number(payload.landings),
    level: number(payload.level),
    rpe: number(payload.rpe),
    clean: payload.technique ? payload.technique === "clean" : null,
    pain: number(payload.pain),
    revision: 1,
    to_confirm: false,
    outside: false,
    waiting: true,
  };
}

function applied(lane, operation) {
  const sets = [...lane.sets];
  const at = sets.findIndex((one) => one.uid === operation.entry);
  switch (operation.kind) {
    case "check_in":
      return { ...lane, status: "checked_in", asked: true };
    case "stop":
      return { ...lane, stopped: { code: "locked", line: "Stopped on the floor. Nothing more is lifted until a named clinician releases her." } };
    case "say":
      return { ...lane, status: operation.payload.status };
    case "complete":
      return { ...lane, status: "attended" };
    case "log_set":
      if (at < 0) sets.push(judged(lane, setOf(operation)));
      return { ...lane, status: lane.status === "planned" ? "checked_in" : lane.status, sets };
    case "correct_set":
      if (at >= 0) {
        const { lift, number: place, revision } = sets[at];
        const said = setOf({ ...operation, payload: { ...operation.payload, lift, number: place } });
        sets[at] = { ...judged(lane, said), revision: revision + 1 };
      }
      return { ...lane, sets };
    case "confirm_set":
      if (at >= 0) sets[at] = { ...sets[at], to_confirm: false, revision: sets[at].revision + 1, waiting: true };
      return { ...lane, sets };
    case "void_set":
      return { ...lane, sets: sets.filter((one) => one.uid !== operation.entry) };
    default:
      return lane;
  }
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
    .reduce(applied, lane);
}

/** Sets of one lift, in their order. */
export function done(lane, lift) {
  return lane.sets.filter((one) => one.lift === lift).sort((a, b) => a.number - b.number);
}

/** What to offer for the next set: a load, whether it is lower than asked, whether to stop. */
export function offer(lift, sets, limits) {
  const stop = sets.find((one) => one.pain !== null && one.pain > limits.pain_stop_over);
  if (stop) return { load: null, lowered: false, stopped: true, why: `Stop this lift: pain ${stop.pain} of 10.` };
  let load = number(lift.load);
  let ceiling = load;
  let why = "";
  for (const one of sets) {
    const lifted = number(one.load);
    if (lifted !== null && !one.to_confirm) {
      load = ceiling === null ? lifted : Math.min(lifted, ceiling);
      ceiling ??= load;
    }
    const made = one[lift.counts];
    const missed = lift.counts !== "landings" && made !== null && made < lift.asked;
    const hard = one.rpe !== null && one.rpe >= limits.too_hard;
    if ((missed || hard) && load !== null) {
      const below = lift.below[String(load)];
      const unit = lift.counts === "seconds" ? "seconds" : "reps";
      why = missed
        ? `Lower for the rest: ${made} of ${lift.asked} ${unit} on set ${one.number}.`
        : `Lower for the rest: RPE ${one.rpe} on set ${one.number}.`;
      if (below === undefined || below === null) why = "The lightest that this equipment makes. Choose another rung if it is too hard.";
      else load = ceiling = Number(below);
    }
  }
  const target = number(lift.load);
  const lowered = target !== null && load !== null && load < target;
  if (lowered && !why) why = "Same as the last set, which was lower.";
  if (!lowered && why.startsWith("Lower")) why = "";
  return { load, lowered, stopped: false, why };
}

/** The lift's next set number; null where none is to come. */
export function next(lift, sets) {
  const there = new Set(sets.map((one) => one.number));
  for (let place = 1; place <= lift.sets; place += 1) if (!there.has(place)) return place;
  return null;
}

/** Whether the tick asks for effort and technique: the last set, a new load, a gate. */
export function asksInFull(lift, place, sets, load) {
  if (lift.kind === "impact" || lift.counts === "seconds") return false;
  if (place === lift.sets || lift.at_a_gate) return true;
  if (place === 1) return lift.new_load;
  const before = sets.findLast((one) => one.number < place);
  return before !== undefined && number(before.load) !== load;
}

/** Everything that a lane shows of its open lift. */
export function view(lane, opened) {
  const lifts = lane.lifts.map((lift) => {
    const sets = done(lane, lift.lift);
    const offered = offer(lift, sets, lane.limits);
    const place = lift.available && !offered.stopped ? next(lift, sets) : null;
    return { lift, sets, offered, place };
  });
  const chosen = lifts.find((one) => one.lift.lift === opened);
  const current = chosen ?? lifts.find((one) => one.place !== null) ?? lifts.at(-1);
  const { lift, sets, offered, place } = current;
  const spoiled = offered.lowered || sets.some((one) => (one[lift.counts] ?? 0) < (lift.asked ?? 0));
  const hard = sets.some((one) => one.rpe !== null && one.rpe >= lane.limits.too_hard);
  return {
    ...current,
    lifts,
    left: place === null ? 0 : lift.sets - sets.length,
    asks: place !== null && asksInFull(lift, place, sets, offered.load),
    all: place !== null && !spoiled && !hard && lift.sets - sets.length > 1 && ready(lift, offered),
    toConfirm: lane.sets.find((one) => one.to_confirm),
    ready: place !== null && ready(lift, offered),
    over: lifts.every((one) => one.place === null),
  };
}

function ready(lift, offered) {
  return offered.load !== null || ["bodyweight", "impact"].includes(lift.load_type);
}

/** What a set says in a few signs: "57.5 × 5 @ 15". */
export function said(set, lift) {
  const load = set.load === null || set.load === undefined ? "" : `${Number(set.load)} kg × `;
  if (lift.counts === "landings") return `${set.landings} landings, level ${set.level}`;
  const made = lift.counts === "seconds" ? `${set.seconds} s` : `${set.reps}`;
  const effort = set.rpe === null ? "" : ` @ ${set.rpe}`;
  const clean = set.clean === null ? "" : set.clean ? ", clean" : ", not clean";
  return `${load}${made}${effort}${clean}`;
}
