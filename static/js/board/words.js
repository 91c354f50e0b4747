// What things are called, and how figures are written: in the clinic's unit and its time zone.

const KG_PER_LB = 0.45359237;
let unit = "kg";
let zone;

/** The clinic's unit and time zone, from the day that was read. */
export function speakAs(day) {
  unit = day?.clinic?.unit ?? "kg";
  zone = day?.timezone;
}

export const SITES = [
  ["neck", "Neck"], ["upper_back", "Upper or middle back"], ["lower_back", "Lower back"], ["ribs", "Ribs"], ["groin", "Groin"],
  ["shoulder", "Shoulder"], ["arm", "Elbow or arm"], ["hand", "Wrist or hand"], ["hip", "Hip, outside"], ["thigh", "Thigh"],
  ["knee", "Knee"], ["leg", "Lower leg"], ["foot", "Ankle or foot"],
];
export const KINDS = [["known", "Known and unchanged"], ["new", "New or changed"], ["night", "At night"], ["radiating", "Spreads into an arm or a leg"]];
export const AWAY = [["none", "Nothing"], ["fall", "A fall"], ["illness", "An illness"], ["hospital", "Hospital"]];
export const YES_NO = [["no", "No"], ["yes", "Yes"]];
export const SCORES = Array.from({ length: 11 }, (_, score) => [String(score), String(score)]);
export const WHAT = [
  ["dizzy", "Dizzy or faint"], ["chest", "Chest pain or pressure"], ["breath", "Short of breath"], ["nausea", "Nausea"], ["weak", "Weak or unsteady"],
  ["palpitations", "Palpitations"], ["sharp", "Sharp pain"], ["back", "Sudden back or rib pain"], ["radiating", "Pain or numbness down a leg"],
  ["bladder", "Loss of bladder or bowel control"], ["crack", "Felt a crack"], ["bar", "Uncontrolled drop of the bar"], ["fall", "A fall"], ["other", "Something else"],
];
export const SEVERITY = [["mild", "Mild"], ["moderate", "Moderate"], ["severe", "Severe"]];
export const ABSENT = { no_show: "No-show", late_cancel: "Cancelled late", excused: "Excused", cancelled_client: "Cancelled by the client", clinic_cancelled: "Cancelled by the clinic", holiday_closed: "Clinic closed" };
export const NO_SHOW_WHY = ["Ill", "Forgot", "Transport", "Family", "Not reached"];
export const COUNTED = { reps: "reps", seconds: "seconds", landings: "landings" };

export const wordOf = (list, value) => list.find(([known]) => known === value)?.[1] ?? value;

/** The figure of a load, without its unit. */
export function figure(kg) {
  const value = unit === "lb" ? Number(kg) / KG_PER_LB : Number(kg);
  return String(Math.round(value * 100) / 100);
}

export const unitWord = () => unit;
export const weight = (kg) => `${figure(kg)} ${unit}`;

/** A sentence of the server, whose loads are in kilograms, in the clinic's unit. */
export function inUnit(text) {
  return unit === "kg" || !text ? text : text.replace(/(\d+(?:\.\d+)?) kg/g, (_, kg) => weight(kg));
}

/** What a set says in a few signs: "57.5 kg × 5 @ 15, clean". */
export function said(set, lift) {
  const extra = [set.clean === null ? "" : set.clean ? "clean" : "not clean", set.pain === null || set.pain === undefined ? "" : `pain ${set.pain}`, set.outside ? "outside clearance" : ""];
  const rest = extra.filter(Boolean).map((words) => `, ${words}`).join("");
  if (lift.counts === "landings") {
    const from = set.drop_cm ? ` from ${set.drop_cm} cm` : "";
    const felt = set.tolerated === null || set.tolerated === undefined ? "" : set.tolerated ? ", tolerated" : ", not tolerated";
    return `${set.landings} landings, level ${set.level}${from}${felt}${rest}`;
  }
  const load = set.load === null || set.load === undefined ? "" : `${weight(set.load)} × `;
  const made = lift.counts === "seconds" ? `${set.seconds} s` : `${set.reps}`;
  const effort = set.rpe === null || set.rpe === undefined ? "" : ` @ ${set.rpe}`;
  return `${load}${made}${effort}${rest}`;
}

/** "Mira K., Sam D. and Jo W." */
export function listed(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A moment as the clinic's wall clock shows it: "9:12". */
export function clockTime(moment) {
  return new Intl.DateTimeFormat("en-GB", { hour: "numeric", minute: "2-digit", timeZone: zone }).format(new Date(moment)).replace(/^0/, "");
}

/** A date as it is read: "Tuesday 24 November". */
export function dayWords(day) {
  return new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${day}T12:00:00Z`));
}

/** Which date it is in the clinic at a moment, as "2026-11-24". */
export function dateIn(moment) {
  return new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: zone }).format(new Date(moment));
}

export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}
