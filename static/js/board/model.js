// What a lane asks for next, and what it offers after what was lifted. Pure: plain values in, plain
// values out. The rules are those of programs/offers.py.

import { locks } from "./safety.js";
import { number, standing } from "./standing.js";

export { standing };

/** Sets of one lift, in their order. */
export function done(lane, lift) {
  return lane.sets.filter((one) => one.lift === lift).sort((a, b) => a.number - b.number);
}

/** What to offer for the next set: a load, whether it is lower than asked, whether to stop. */
export function offer(lift, sets, limits) {
  const ends = ({ pain, pain_site: site, pain_kind: kind }) => pain > limits.pain_stop_over || locks(String(pain), site ?? "", kind ?? "");
  const stop = sets.find((one) => one.pain !== null && ends(one));
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

/** Whether the tick asks for more than load and reps: the last set, a new load, a gate. */
export function asksInFull(lift, place, sets, load) {
  if (lift.counts === "seconds") return false;
  if (place === lift.sets) return true;
  if (lift.kind === "impact") return place === 1 && newLanding(lift);
  if (lift.at_a_gate) return true;
  if (place === 1) return lift.new_load;
  const before = sets.findLast((one) => one.number < place);
  return before !== undefined && number(before.load) !== load;
}

/** Whether she has not landed at this level the last time. */
function newLanding(lift) {
  const before = /level (\d)/.exec(lift.last ?? "");
  return before === null || Number(before[1]) !== lift.level;
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
  const spoiled = offered.lowered || sets.some((one) => (one[lift.counts] ?? 0) < (lift.asked ?? 0) || one.tolerated === false);
  const hard = sets.some((one) => one.rpe !== null && one.rpe >= lane.limits.too_hard);
  return {
    ...current,
    lifts,
    left: place === null ? 0 : lift.sets - sets.length,
    asks: place !== null && asksInFull(lift, place, sets, offered.load),
    all: place !== null && !spoiled && !hard && lift.sets - sets.length > 1 && ready(lift, offered),
    toConfirm: lane.sets.find((one) => one.to_confirm),
    disputed: lane.sets.filter((one) => one.disputed && one.choices?.length),
    ready: place !== null && ready(lift, offered),
    over: lifts.every((one) => one.place === null),
  };
}

function ready(lift, offered) {
  return offered.load !== null || ["bodyweight", "impact"].includes(lift.load_type);
}

/** The sets that are still to come, by lift: [[title, how many], …]. */
export function unlogged(lane) {
  return lane.lifts
    .map((lift) => [lift.title, lift.available ? lift.sets - done(lane, lift.lift).length : 0])
    .filter(([, count]) => count > 0);
}
