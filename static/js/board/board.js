// The floor board: draws the lanes of one class, turns taps into operations, says what waits.

import { h, laneElement } from "./draw.js";
import { standing, view as viewOf } from "./model.js";
import { Queue } from "./queue.js";

const root = document.getElementById("board");
const { clinic, dayUrl, sendUrl, visitUrl, workerUrl } = root.dataset;
const part = (name) => root.querySelector(`[data-${name}]`);
const UNDO_SECONDS = 12;
const SHORT_REST = 240; // seconds; after it nobody rests, she waits
const READ_AGAIN = 60_000;

let day = null;
let undo = null;
const open = new Map(); // visit: the lift that was chosen
const panels = new Map(); // visit: {panel, draft}
const lastAt = new Map(Object.entries(JSON.parse(sessionStorage.getItem("rest") ?? "{}")));

const queue = new Queue({ clinic, sendUrl, merge, changed: () => { draw(); sayWaiting(); } });

function merge(lanes) {
  if (!day) return null;
  for (const slot of day.slots) slot.lanes = slot.lanes.map((lane) => lanes[lane.visit] ?? lane);
  return day;
}

function slot() {
  if (!day || day.slots.length === 0) return null;
  const wanted = Number(location.hash.slice(1));
  const now = new Date().toISOString();
  return day.slots.find((one) => one.id === wanted)
    ?? day.slots.find((one) => new Date(one.ends_at).toISOString() > now)
    ?? day.slots.at(-1);
}

// --- reading ---------------------------------------------------------------------------------

async function readDay() {
  let response;
  try {
    response = await fetch(dayUrl, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15_000) });
  } catch {
    return queue.say("offline");
  }
  if (response.redirected || response.status === 403 || response.status === 404) {
    // Nobody is logged in, or somebody who may not: what was read is wiped, what waits is kept.
    if (response.redirected) await queue.forgetDays();
    return queue.say("login");
  }
  if (!response.ok) return queue.say("server");
  const fresh = await response.json();
  day = fresh;
  queue.author = fresh.author.id;
  queue.authorName = fresh.author.name;
  await queue.keepDay(fresh);
  queue.soon(0);
  return draw();
}

async function begin() {
  await queue.read();
  day = await queue.keptDay();
  if (day) {
    queue.author = day.author.id;
    queue.authorName = day.author.name;
  }
  draw();
  sayWaiting();
  await readDay();
  draw();
  sayWaiting();
  setInterval(() => { if (!document.hidden && queue.waiting.length === 0) readDay(); }, READ_AGAIN);
  setInterval(tick, 1000);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(workerUrl).catch(() => {});
}

// --- drawing ---------------------------------------------------------------------------------

function laneOf(visit) {
  const lane = slot().lanes.find((one) => one.visit === visit);
  return standing(lane, queue.mine);
}

function viewFor(lane) {
  const view = viewOf(lane, open.get(lane.visit));
  const { panel = null, draft = null } = panels.get(lane.visit) ?? {};
  const rested = restedOf(lane.visit);
  const mine = queue.mine.filter((one) => one.visit === lane.visit);
  return {
    ...view,
    panel,
    draft,
    rested,
    resting: rested !== null && rested < SHORT_REST && view.sets.length > 0 && view.place !== null,
    address: visitUrl.replace(/today\/$/, `visits/${lane.visit}/`),
    conflicts: mine.filter((one) => one.state === "conflict"),
    refused: mine.filter((one) => one.state === "refused"),
  };
}

function restedOf(visit) {
  const at = lastAt.get(visit);
  if (!at) return null;
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  return seconds > 1800 ? null : seconds;
}

function drawLane(visit) {
  const element = root.querySelector(`.lane[data-visit="${visit}"]`);
  const focused = element?.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const lane = laneOf(visit);
  const drawn = laneElement(lane, viewFor(lane));
  element?.replaceWith(drawn);
  if (focused) (drawn.querySelector(`[data-key="${focused}"]`) ?? drawn.querySelector(".done, .rpe .btn, button"))?.focus();
  return drawn;
}

function draw() {
  const lanes = part("lanes");
  const now = slot();
  if (!now) {
    if (day) lanes.replaceChildren(h("p", { class: "note" }, "No classes today."));
    else if (queue.trouble) lanes.replaceChildren(h("p", { class: "note note-hold" }, "Nothing is kept on this tablet yet. Open the board once while there is a network."));
    return;
  }
  const visits = now.lanes.map((lane) => lane.visit);
  const drawn = [...lanes.querySelectorAll(".lane")].map((one) => one.dataset.visit);
  if (visits.join() === drawn.join()) visits.forEach(drawLane);
  else lanes.replaceChildren(...now.lanes.map((lane) => { const shown = standing(lane, queue.mine); return laneElement(shown, viewFor(shown)); }));
  part("title").textContent = `${now.title} class`;
  const here = now.lanes.map((lane) => standing(lane, queue.mine)).filter((lane) => lane.status === "checked_in" || lane.status.startsWith("attended")).length;
  part("count").textContent = `${here} of ${now.lanes.length} here, ${day.author.name}`;
  part("finish").hidden = false;
}

function tick() {
  const now = slot();
  if (!now) return;
  for (const { visit } of now.lanes) {
    const rested = restedOf(visit);
    const clock = root.querySelector(`.lane[data-visit="${visit}"] .clock`);
    if (clock && rested !== null) clock.textContent = `${Math.floor(rested / 60)}:${String(rested % 60).padStart(2, "0")}`;
  }
  sayWaiting();
}

function sayWaiting() {
  const place = part("sync");
  const badge = queue.badge();
  const text = JSON.stringify(badge);
  if (place.dataset.said === text) return;
  place.dataset.said = text;
  if (!badge) return place.replaceChildren();
  const { title, lines, login, read } = badge;
  return place.replaceChildren(h("div", { class: "sync" }, h("span", {}, title, h("br"), h("span", { class: "small" }, lines.join(". ") || "Everything is sent")),
    login ? h("a", { class: "btn", href: visitUrl }, "Log in") : "",
    read ? h("button", { type: "button", class: "btn", data: { act: "held-read" } }, "OK") : ""));
}

function sayDone(words, operations) {
  clearTimeout(undo?.timer);
  undo = operations ? { operations, timer: setTimeout(() => { undo = null; part("toast").replaceChildren(); }, UNDO_SECONDS * 1000) } : null;
  part("toast").replaceChildren(h("div", { class: "toast" }, h("span", {}, words), operations ? h("button", { type: "button", class: "btn", data: { act: "undo" } }, "Undo") : ""));
}

// --- acting ----------------------------------------------------------------------------------

async function act(operations, words, back = null) {
  try {
    await queue.add(operations);
  } catch (error) {
    if (!queue.storageTrouble) throw error;
    return sayDone(`Not recorded. ${queue.storageTrouble}`, null);
  }
  sayDone(words, back);
  for (const visit of new Set(operations.map((one) => one.visit))) drawLane(visit);
  return sayWaiting();
}

function logOf(lane, view, more = {}) {
  const { lift, offered, place } = view;
  const payload = { lift: lift.lift, number: String(place), technique: "", rpe: "", pain: "", ...more };
  if (lift.kind === "impact") Object.assign(payload, { landings: String(more.landings ?? lift.asked), level: String(more.level ?? lift.level) });
  else {
    payload.load ??= offered.load === null ? "" : String(offered.load);
    if (lift.counts === "seconds") payload.seconds ??= String(lift.asked);
    else payload.reps ??= String(lift.asked);
  }
  return { kind: "log_set", visit: lane.visit, entry: crypto.randomUUID(), payload };
}

function rest(visit) {
  lastAt.set(visit, Date.now());
  sessionStorage.setItem("rest", JSON.stringify(Object.fromEntries(lastAt)));
}

function voidOf(operation) {
  return { kind: "void_set", visit: operation.visit, entry: operation.entry };
}

function draftOf({ lift, offered, place, address }) {
  const load = offered.load === null ? "" : String(offered.load);
  return { number: place, load, level: lift.level, rpe: "", technique: "", pain: "", address };
}

const acts = {
  done(lane, view, { rpe = "", technique = "" }) {
    const operation = logOf(lane, view, { rpe, technique });
    rest(lane.visit);
    return act([operation], `${lane.name} set ${view.place} recorded`, [voidOf(operation)]);
  },
  all(lane, view) {
    const operations = [];
    for (let place = view.place; place <= view.lift.sets; place += 1) {
      if (!view.sets.some((one) => one.number === place)) operations.push(logOf(lane, { ...view, place }));
    }
    rest(lane.visit);
    return act(operations, `${lane.name}: ${operations.length} sets recorded`, operations.map(voidOf));
  },
  here(lane) {
    const operation = { kind: "check_in", visit: lane.visit, payload: { next_day: "0", now: "0" } };
    return act([operation], `${lane.name} is here`);
  },
  ask(lane, view) {
    location.assign(`${view.address}#arrival`);
  },
  "no-show"(lane) {
    const say = (status) => ({ kind: "say", visit: lane.visit, payload: { status } });
    return act([say("no_show")], `${lane.name}: no-show`, [say("planned")]);
  },
  "undo-say"(lane) {
    return act([{ kind: "say", visit: lane.visit, payload: { status: "planned" } }], `${lane.name}: taken back`);
  },
  sets(lane, view) {
    // Where the tick asks for effort there is no place for "Other", so it opens with the sets.
    toggle(lane.visit, view.panel === "sets" ? null : { panel: "sets", draft: view.asks ? draftOf(view) : null });
  },
  lift(lane, view, { lift }) {
    open.set(lane.visit, lift);
    toggle(lane.visit, null);
  },
  other(lane, view) {
    toggle(lane.visit, view.panel === "edit" ? null : { panel: "edit", draft: draftOf(view) });
  },
  edit(lane, view, { set }) {
    const one = lane.sets.find((item) => item.uid === set);
    const technique = one.clean === null ? "" : one.clean ? "clean" : "not_clean";
    toggle(lane.visit, { panel: "edit", draft: { ...one, set, technique, load: one.load ?? "", rpe: one.rpe ?? "", pain: one.pain ?? "", address: view.address } });
  },
  pick(lane, view, { name, value }) {
    const draft = { ...view.draft, [name]: String(view.draft[name]) === value ? "" : value };
    toggle(lane.visit, { panel: view.panel, draft });
  },
  step(lane, view, { to }) {
    toggle(lane.visit, { panel: view.panel, draft: { ...view.draft, load: to } });
  },
  stop(lane, view) {
    toggle(lane.visit, view.panel === "stop" ? null : { panel: "stop" });
  },
  "stop-now"(lane) {
    panels.delete(lane.visit);
    return act([{ kind: "stop", visit: lane.visit }], `${lane.name} is stopped and locked`);
  },
  close(lane) {
    toggle(lane.visit, null);
  },
  record(lane, view, { count }) {
    const { draft, lift } = view;
    const payload = { rpe: String(draft.rpe), technique: draft.technique, pain: String(draft.pain), load: String(draft.load), [lift.counts]: count };
    if (lift.kind === "impact") payload.level = String(draft.level);
    if (count === "0") payload.tried = "1";
    panels.delete(lane.visit);
    if (!draft.set) {
      const operation = logOf(lane, view, payload);
      rest(lane.visit);
      return act([operation], `${lane.name} set ${view.place} recorded`, [voidOf(operation)]);
    }
    const operation = { kind: "correct_set", visit: lane.visit, entry: draft.set, base_revision: draft.revision, payload: { ...payload, lift: lift.lift } };
    return act([operation], `${lane.name} set ${draft.number} corrected`);
  },
  void(lane, view, { set }) {
    panels.delete(lane.visit);
    return act([{ kind: "void_set", visit: lane.visit, entry: set }], `${lane.name}: set taken back`);
  },
  confirm(lane, view, { set }) {
    return act([{ kind: "confirm_set", visit: lane.visit, entry: set }], `${lane.name}: load confirmed`);
  },
  "correct-load"(lane, view, { set, load }) {
    const one = lane.sets.find((item) => item.uid === set);
    const payload = { lift: one.lift, load, reps: String(one.reps ?? ""), rpe: String(one.rpe ?? ""), technique: one.clean === null ? "" : one.clean ? "clean" : "not_clean", pain: String(one.pain ?? "") };
    return act([{ kind: "correct_set", visit: lane.visit, entry: set, base_revision: one.revision, payload }], `${lane.name}: set ${one.number} corrected`);
  },
  "keep-theirs"(lane, view, { seq }) {
    return queue.discard(view.conflicts.find((one) => String(one.seq) === seq));
  },
  async "keep-mine"(lane, view, { seq }) {
    const mine = view.conflicts.find((one) => String(one.seq) === seq);
    const theirs = lane.sets.find((one) => one.uid === mine.theirs);
    await act([{ kind: "correct_set", visit: lane.visit, entry: theirs.uid, base_revision: theirs.revision, payload: mine.payload }], `${lane.name}: this one counts`);
    return queue.discard(mine);
  },
  discard(lane, view, { seq }) {
    return queue.discard(view.refused.find((one) => String(one.seq) === seq));
  },
};

function toggle(visit, panel) {
  if (panel) panels.set(visit, panel);
  else panels.delete(visit);
  drawLane(visit);
}

root.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-act]");
  if (!button || button.getAttribute("aria-busy") === "true") return;
  const { act: name, ...data } = button.dataset;
  if (name === "undo") {
    const { operations } = undo ?? {};
    sayDone("Taken back", null);
    if (operations) await act(operations, "Taken back");
    return;
  }
  if (name === "held-read") return void queue.heldRead();
  const visit = button.closest(".lane")?.dataset.visit;
  if (!visit) return;
  button.setAttribute("aria-busy", "true"); // the second tap of a double tap
  const lane = laneOf(visit);
  try {
    await acts[name](lane, viewFor(lane), data);
  } finally {
    button.removeAttribute("aria-busy");
  }
});

part("finish").addEventListener("click", () => {
  const place = part("panel");
  if (place.firstChild) return place.replaceChildren();
  const lanes = slot().lanes.map((lane) => standing(lane, queue.mine));
  const left = lanes.filter((lane) => lane.sets.length > 0).map((lane) => {
    const missing = viewOf(lane).lifts.map((one) => [one.lift.title, one.lift.sets - one.sets.length]).filter(([, count]) => count > 0);
    return h("li", {}, h("strong", {}, lane.name), " ", missing.length ? h("span", {}, `not logged: ${missing.map(([title, count]) => `${title} ${count}`).join(", ")}`) : h("span", { class: "hush" }, "everything logged"));
  });
  const silent = lanes.filter((lane) => lane.sets.length === 0 && ["planned", "checked_in"].includes(lane.status));
  place.replaceChildren(h("section", { class: "sheet board-finish", "aria-label": "Finish the class" }, h("h2", {}, "Finish the class"),
    left.length ? h("ul", { class: "lines" }, left) : h("p", { class: "hush" }, "No set is logged yet."),
    silent.length ? h("p", {}, `Nothing is said of ${silent.map((lane) => lane.name).join(", ")} yet.`) : "",
    h("div", { class: "row" }, h("button", { type: "button", class: "btn btn-main", data: { sign: "" } }, `Complete as ${day.author.name}`), h("button", { type: "button", class: "btn", data: { back: "" } }, "Back to the floor"))));
  place.querySelector("[data-back]").addEventListener("click", () => place.replaceChildren());
  place.querySelector("[data-sign]").addEventListener("click", async () => {
    const operations = lanes.filter((lane) => lane.sets.length > 0 && !lane.status.startsWith("attended")).map((lane) => ({ kind: "complete", visit: lane.visit }));
    place.replaceChildren();
    if (operations.length) await act(operations, `${operations.length} visits completed`);
  });
  return place.querySelector("[data-sign]").focus();
});

addEventListener("hashchange", draw);
begin();
