// What a tap above the lanes does: who supervises, all here, a walk-in, the sheets, the signature.

import { signable } from "./finish.js";
import { WELL } from "./safety.js";
import { count } from "./words.js";

export function classActs(board) {
  const say = (visit, status) => ({ kind: "say", visit, payload: { status } });
  const nameOf = (visit) => board.laneOf(visit).name;

  async function supervise({ id }) {
    const slot = board.slot();
    const now = board.supervisors();
    const here = new Set(now.filter((one) => one.here).map((one) => one.id));
    if (!here.delete(Number(id))) here.add(Number(id));
    const one = now.find((other) => other.id === Number(id));
    const members = (ids) => ({ kind: "supervise", visit: slot.lanes[0].visit, payload: { members: [...ids].join(" ") } });
    const before = now.filter((other) => other.here).map((other) => other.id);
    if (here.size === 0) return board.strip.sayDone("Nobody lifts alone: name another supervisor first.", null);
    board.refused = "";
    return board.act([members(here)], here.has(one.id) ? `${one.name} supervises` : `${one.name} has left the floor`, before.length ? [members(before)] : null);
  }

  async function readPeople() {
    const { id } = board.slot();
    board.people = { slot: id, people: null, trouble: "" };
    const answer = await board.ask(`people/?slot=${id}`);
    if (board.people.slot !== id) return;
    board.people = { slot: id, people: answer.people ?? null, trouble: answer.error ?? "" };
    board.draw();
  }

  return {
    supervise,
    "quit-ratio"() {
      board.refused = "";
      board.draw();
    },
    "all-here"() {
      const planned = board.lanes().filter((lane) => lane.status === "planned" && !lane.stopped && lane.sets.length === 0);
      if (planned.length === 0 || board.tooMany(planned.length)) return null;
      const operations = planned.map((lane) => ({ kind: "check_in", visit: lane.visit, payload: { ...WELL } }));
      return board.act(operations, `${count(planned.length, "client is", "clients are")} here`, planned.map((lane) => say(lane.visit, "planned")));
    },
    async "walk-in"({ client, slot }) {
      if (board.tooMany(1)) return;
      const answer = await board.ask("walk-in/", { slot: Number(slot), client: Number(client), uid: crypto.randomUUID() });
      if (answer.lane) {
        const wanted = board.day.slots.find((one) => one.id === Number(slot));
        if (!wanted.lanes.some((lane) => lane.visit === answer.lane.visit)) wanted.lanes.push(answer.lane);
        await board.keep();
        board.openSheet(null);
        board.strip.sayDone(`${answer.lane.name} has joined the class`, null);
      } else {
        board.people = { ...board.people, trouble: answer.error };
        board.draw();
      }
    },
    async sheet({ sheet }) {
      board.openSheet(board.sheet === sheet ? null : sheet);
      if (board.sheet === "people") await readPeople();
    },
    "close-sheet": () => board.openSheet(null),
    async prepare() {
      try {
        board.take(await board.queue.prepare());
        board.strip.sayDone("Prepared: the day is kept here, and what is done can be sent for a week", null);
      } catch (error) {
        board.strip.sayDone(error.message, null);
      }
      board.draw();
    },
    "held-read": () => board.queue.heldRead(),
    sound() {
      board.rests.turnSound();
      board.draw();
    },
    "say-of": ({ visit, status }) => board.act([say(visit, status)], `${nameOf(visit)}: ${status.replace("_", "-")}`, [say(visit, "planned")]),
    "reopen-of": ({ visit }) => board.act([{ kind: "reopen", visit }], `${nameOf(visit)} is open again`),
    "write-report"({ visit }) {
      board.openSheet(null);
      board.toggle(visit, { panel: "report", draft: { what: "", severity: "", site: "", serious: "", described: "" } });
      board.laneElement(visit)?.scrollIntoView({ block: "center" });
      board.laneElement(visit)?.querySelector(".lane-panel button")?.focus();
    },
    sign() {
      const visits = signable(board.lanes()).map((lane) => lane.visit);
      return board.act(visits.map((visit) => ({ kind: "complete", visit })), `${count(visits.length, "visit")} signed`, visits.map((visit) => ({ kind: "reopen", visit })));
    },
    discard: ({ seq }) => board.queue.discard(board.queue.mine.find((one) => String(one.seq) === seq)),
    async undo() {
      const operations = board.strip.takeUndo();
      if (operations) await board.act(operations, "Taken back");
    },
  };
}
