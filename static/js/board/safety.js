// The questions on arrival, and what an answer asks for. Pure. The rules are those of
// programs/pain.py (judge_pain) and of sessions/on_visits.py: what locks, what is looked at again.

const SPINAL = new Set(["neck", "upper_back", "lower_back", "ribs", "groin"]);
const ALARMING = new Set(["night", "radiating"]);
const AFTER = { fall: "a fall", illness: "an illness", hospital: "a stay in hospital" };
export const CLINICIAN = "Any therapist of the clinic records the release on the client’s page, with the name of the clinician who has looked.";
export const THERAPIST = "Any therapist of the clinic looks again, and writes on the visit’s page what was found.";
const LOCKING = new Set(["back", "radiating", "crack", "bladder", "chest"]);

/** "Here, nothing new": every question answered with one tap. */
export const WELL = { next_day: "0", next_day_site: "", next_day_kind: "", now: "0", now_site: "", now_kind: "", away: "none", fracture: "no", medicine: "no", dizzy: "no" };
/** Every question, and nothing answered: a blank is no pass. */
export const BLANK = Object.fromEntries(Object.keys(WELL).map((name) => [name, ""]));

/** Whether one report of pain ends all loading. */
export function locks(score, site, kind) {
  if (score === "" || Number(score) === 0) return false;
  return ALARMING.has(kind) || (SPINAL.has(site) && kind !== "" && kind !== "known");
}

/** What is wrong with the answers, by question. */
export function wrongWith(answers) {
  const wrong = {};
  for (const name of ["next_day", "now", "pain"]) {
    const hurts = Number(answers[name] || 0) > 0;
    if (hurts && SPINAL.has(answers[`${name}_site`]) && !answers[`${name}_kind`]) wrong[`${name}_kind`] = "Back, ribs or groin: is it known, or new or changed?";
  }
  return wrong;
}

/** What the answers ask for: a lock, a second look, or nothing. Who may end it is said with it. */
export function consequence(answers) {
  const why = [];
  for (const [name, when] of [["next_day", "since last time"], ["now", "now"]]) {
    if (locks(answers[name] ?? "", answers[`${name}_site`] ?? "", answers[`${name}_kind`] ?? "")) why.push(`pain ${answers[name]} of 10 ${when}`);
  }
  if (answers.fracture === "yes") why.push("a fracture");
  if (answers.dizzy === "yes") why.push("dizzy today");
  if (why.length) return { code: "locked", line: `Locked: ${why.join(", ")}. Nothing is lifted today.`, who: CLINICIAN };
  const after = [AFTER[answers.away], answers.medicine === "yes" ? "a new medicine or procedure" : ""].filter(Boolean);
  if (after.length) return { code: "rescreen", line: `Re-screen first, after ${after.join(" and ")}.`, who: THERAPIST };
  return null;
}

/** Whether what is reported ends all loading, as sessions/on_reports.py has it. */
export const reportLocks = ({ what, serious }) => LOCKING.has(what) || serious === "yes";

/** Whether somebody has answered anything at all. */
export function anything(answers) {
  return Object.values(answers).some((value) => value !== "" && value !== undefined);
}

/** How many more are on the floor than its supervisors may look after. */
export function ratio(here, supervisors, { warn = Infinity, block = Infinity } = {}) {
  const each = Math.max(1, supervisors);
  return { warned: here > warn * each, blocked: here > block * each, most: block * each };
}
