// The floor board: reads the day, draws the lanes of one class, turns taps into operations.
// What is drawn stands in lane.js and its panels; what a tap does in acts_*.js.

import { classActs } from "./acts_class.js";
import { setActs } from "./acts_sets.js";
import { draftOfRefused, visitActs } from "./acts_visit.js";
import { Floor } from "./floor.js";
import { focusAgain, focusedIn, same } from "./elements.js";
import { boardIsHere } from "../floor_device.js";
import { Queue } from "./queue.js";
import { Rests } from "./rests.js";
import { byLogIn } from "./sender.js";
import { supervisors as supervisorsOf } from "./standing.js";
import { Strip } from "./strip.js";
import { speakAs } from "./words.js";

const root = document.getElementById("board");
const { clinic, dayUrl, sendUrl, visitUrl, workerUrl } = root.dataset;
const part = (name) => root.querySelector(`[data-${name}]`);
const READ_AGAIN = 60_000;
const PATIENCE = 15_000;
const ONCE = new Set(["done", "all", "all-here", "here", "record", "extra", "sign", "stop-now", "report-now", "arrived", "walk-in", "choose"]);

boardIsHere();
const queue = new Queue({ clinic, sendUrl, merge, changed });
const rests = new Rests();
const strip = new Strip(root, location.pathname);
const floor = new Floor({ root, queue, rests, visitUrl });

/** What the acts work with. */
const board = Object.assign(floor, { strip, act, ask, correct, keep, letGo, openSheet, redraw: draw, take, tooMany, toggle });
const acts = { ...setActs(board), ...visitActs(board) };
const aboveLanes = classActs(board);

// --- reading ---------------------------------------------------------------------------------

let merged = 0; // how often the server's lanes have come with an answer

function merge(lanes) {
  merged += 1;
  if (!board.day) return null;
  // Lanes say nothing of their class: who supervises is taken as it was sent, and read again.
  const named = queue.waiting.filter((one) => one.kind === "supervise" && one.visit in lanes);
  for (const slot of board.day.slots) {
    if (named.length) slot.supervisors = supervisorsOf(slot, named, board.day.therapists ?? []);
    slot.lanes = slot.lanes.map((lane) => lanes[lane.visit] ?? lane);
  }
  if (named.length) setTimeout(readDay);
  return board.day;
}

function keep() {
  return queue.keepDay(board.day);
}

function take(day) {
  board.day = day;
  if (!day) return;
  speakAs(day);
  queue.author = day.author.id;
  queue.authorName = day.author.name;
}

/** A GET, or a POST of ``body``; its answer, or an error in words. Only with a network. */
async function ask(path, body = null) {
  const sent = body && { method: "POST", body: JSON.stringify(body), headers: { ...byLogIn().headers, "Content-Type": "application/json", Accept: "application/json" } };
  try {
    const response = await fetch(dayUrl.replace(/day\/$/, path), { headers: { Accept: "application/json" }, ...sent, signal: AbortSignal.timeout(PATIENCE) });
    if (response.redirected || response.status === 403) return { error: "Log in again; a walk-in needs it." };
    const answer = await response.json().catch(() => ({}));
    if (body && response.ok) merged += 1; // a day that was read meanwhile does not have it yet
    return response.ok ? answer : { error: answer.error ?? "The server could not do this. Try again in a moment." };
  } catch {
    return { error: "A walk-in needs a network, because nothing of other clients is kept on this tablet. Write the name down, and add the visit when the network is back." };
  }
}

async function readDay() {
  const before = merged;
  let response;
  try {
    response = await fetch(dayUrl, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
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
  // Something was sent while this was read: the answer to that is newer than this day.
  if (merged !== before) return readDay();
  // The server's clock says which class is on; the tablet's may be wrong.
  fresh.skew = Date.parse(fresh.read_at) - Date.now();
  take(fresh);
  await keep();
  queue.soon(0);
  return draw();
}

async function begin() {
  await queue.read();
  take(await queue.keptDay());
  changed();
  await readDay();
  changed();
  setInterval(() => { if (!document.hidden && queue.waiting.length === 0) readDay(); }, READ_AGAIN);
  setInterval(tick, 1000);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(workerUrl).catch(() => {});
}

/** Something was kept, sent or read. */
function changed() {
  draw();
  sayWaiting();
}

// --- drawing ---------------------------------------------------------------------------------

let pressed = false; // a finger is on the board: what it is on stays under it
let late = false;

function draw() {
  if (pressed) {
    late = true;
    return;
  }
  floor.draw();
}

function release() {
  // After the click that belongs to it.
  setTimeout(() => {
    pressed = false;
    if (late) draw();
    late = false;
  });
}

root.addEventListener("pointerdown", () => { pressed = true; });
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, release);

function drawLane(visit) {
  const element = board.laneElement(visit);
  const focused = focusedIn(element);
  const drawn = board.laneDrawn(visit);
  if (!element || same(element, drawn)) return;
  element.replaceWith(drawn);
  if (focused !== null) focusAgain(drawn, focused);
}

function tick() {
  floor.tick();
  sayWaiting();
}

function sayWaiting() {
  strip.sayWaiting(queue);
}

// --- acting ----------------------------------------------------------------------------------

/** Keep operations, and only then draw what they do; ``back`` takes them back. */
async function act(operations, words, back = null) {
  if (operations.length === 0) return;
  try {
    await queue.add(operations.map((one) => ({ ...one, who: board.laneOf(one.visit)?.name ?? "" })));
  } catch (error) {
    if (!queue.storageTrouble) throw error;
    // The tablet keeps nothing: then nothing is drawn either, and it is said.
    strip.sayDone(`Not recorded. ${queue.storageTrouble}`, null);
    return;
  }
  strip.sayDone(words, back);
  for (const { visit } of operations) board.goOn(visit);
  pressed = false;
  floor.draw();
  sayWaiting();
}

function toggle(visit, panel) {
  board.keepPanel(visit, panel);
  drawLane(visit);
}

function openSheet(sheet) {
  const before = board.sheet;
  board.sheet = sheet;
  floor.draw();
  if (sheet) part("panel").querySelector("button, a")?.focus();
  else if (before) root.querySelector(`[data-sheet="${before}"]`)?.focus();
}

/** Whether more would be on the floor than the supervisors may look after; says what to do. */
function tooMany(more) {
  board.refused = board.blockedBy(more);
  if (!board.refused) return false;
  floor.draw();
  const bar = part("start");
  bar.scrollIntoView({ block: "nearest" });
  bar.querySelector("button")?.focus();
  return true;
}

/** Open what was refused in its own panel, filled with what was sent. */
function correct(lane, refused) {
  const opened = draftOfRefused(refused);
  const { draft } = opened;
  if (opened.panel === "edit") {
    const set = lane.sets.find((one) => one.uid === draft.set);
    const lift = set?.lift ?? refused.payload.lift ?? lane.lifts[0].lift;
    if (!set) delete draft.set;
    // What is no number cannot stand in the stepper: there the load that was asked for stands again.
    if (!Number.isFinite(Number(draft.load))) draft.load = lane.lifts.find((one) => one.lift === lift)?.load ?? "";
    if (!draft.number) draft.number = set?.number ?? 1 + lane.sets.filter((one) => one.lift === lift).length;
    board.open.set(lane.visit, lift);
  }
  toggle(lane.visit, opened);
}

async function letGo(seq) {
  const refused = seq === undefined ? null : queue.mine.find((one) => one.seq === seq);
  if (refused) await queue.discard(refused);
}

root.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-act]");
  if (!button || button.getAttribute("aria-busy") === "true" || button.getAttribute("aria-disabled") === "true") return;
  const { act: name, key, ...data } = button.dataset;
  if (event.detail > 1 && ONCE.has(name)) return; // the second tap of a double tap
  const visit = button.closest(".lane")?.dataset.visit;
  button.setAttribute("aria-busy", "true");
  try {
    if (!visit) await aboveLanes[name](data);
    else {
      const lane = board.laneOf(visit);
      await acts[name](lane, board.viewFor(lane), data);
    }
  } finally {
    button.removeAttribute("aria-busy");
  }
});

root.addEventListener("input", (event) => {
  const visit = event.target.closest(".lane")?.dataset.visit;
  const name = event.target.dataset.draft;
  if (visit && name) board.panels.get(visit).draft[name] = event.target.value;
});

root.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const visit = event.target.closest(".lane")?.dataset.visit;
    if (visit && board.panels.has(visit)) toggle(visit, null);
    else if (board.sheet) openSheet(null);
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const lane = event.target.closest(".lane");
  if (!step || !lane || event.target instanceof HTMLTextAreaElement) return;
  const lanes = [...root.querySelectorAll(".lane")];
  const next = lanes[lanes.indexOf(lane) + step];
  if (!next) return;
  event.preventDefault();
  focusAgain(next, event.target.dataset.key);
  next.scrollIntoView({ block: "nearest" });
});

addEventListener("hashchange", () => {
  board.sheet = null;
  draw();
});
// Back from another page, by a swipe or a button: the page may be an old one out of memory.
addEventListener("pageshow", (event) => {
  if (event.persisted) queue.read().then(readDay).then(changed);
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) changed(); });
begin();
