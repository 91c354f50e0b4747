// Operations on their way to the server: in order, each until the server has answered for it.
// A lost answer is no matter, because the server knows an operation's id.

import * as store from "./store.js";

const PART = 50; // operations a request
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
const PATIENCE = 15_000;

const cookie = (name) => document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.split("=")[1] ?? "";

export class Queue {
  /** ``merge(lanes)`` gives the day with the lanes that the server sent; ``changed`` redraws. */
  constructor({ clinic, sendUrl, merge, changed }) {
    Object.assign(this, { clinic, sendUrl, merge, changed });
    this.operations = [];
    this.author = null;
    this.trouble = ""; // "", offline, server, login, other
    this.wait = FIRST_WAIT;
    this.timer = null;
    this.part = PART;
    addEventListener("online", () => this.soon(0));
    addEventListener("offline", () => this.say("offline"));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.soon(0);
    });
    // Another tab of this tablet wrote or sent something.
    this.channel = new BroadcastChannel("bonefit-floor");
    this.channel.onmessage = () => this.read().then(() => this.changed());
  }

  async read() {
    this.operations = await store.operations();
  }

  /** This author's operations in this clinic, the oldest first. */
  get mine() {
    return this.operations.filter((one) => one.clinic === this.clinic && one.author === this.author);
  }

  get waiting() {
    return this.mine.filter((one) => one.state === "waiting");
  }

  /** Operations that somebody else did on this tablet and that are not sent yet. */
  get ofOthers() {
    return this.operations.filter((one) => one.author !== this.author && one.state === "waiting");
  }

  /** Keep what was done; only then is it drawn. */
  async add(operations) {
    const at = new Date().toISOString();
    await store.keep(
      operations.map((one) => ({
        id: crypto.randomUUID(),
        clinic: this.clinic,
        author: this.author,
        author_name: this.authorName,
        entry: null,
        base_revision: null,
        payload: {},
        at,
        state: "waiting",
        reason: "",
        ...one,
      })),
    );
    await this.read();
    this.channel.postMessage("kept");
    this.soon(0);
  }

  async discard(operation) {
    await store.letGo([operation.seq]);
    await this.read();
    this.channel.postMessage("let go");
    this.changed();
  }

  soon(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), milliseconds);
  }

  say(trouble) {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    this.changed();
  }

  /** Send what waits. One tab of a tablet does it at a time. */
  async pump() {
    await navigator.locks.request("bonefit-send", { ifAvailable: true }, async (lock) => {
      if (!lock) return this.soon(FIRST_WAIT);
      await this.read();
      while (this.author !== null && this.waiting.length > 0) {
        if (!(await this.sendPart(this.waiting.slice(0, this.part)))) return null;
        this.wait = FIRST_WAIT;
        this.part = PART;
      }
      this.say("");
      return null;
    });
  }

  async sendPart(operations) {
    let response;
    try {
      response = await fetch(this.sendUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") },
        body: JSON.stringify({ author: this.author, operations: operations.map(asSent) }),
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      return this.later("offline");
    }
    if (response.redirected || response.status === 403 || response.status === 404) return this.later("login");
    if (response.status === 409) return this.later("other");
    if (!response.ok) {
      // One operation that the server cannot bear must not hold up the others for ever.
      this.part = Math.max(1, Math.floor(this.part / 2));
      return this.later("server", Number(response.headers.get("Retry-After")) * 1000);
    }
    let answer;
    try {
      answer = await response.json();
    } catch {
      return this.later("server");
    }
    await this.settle(operations, answer);
    return true;
  }

  async settle(operations, { results, lanes }) {
    const said = new Map(results.map((one) => [one.id, one]));
    const gone = [];
    const noted = [];
    for (const operation of operations) {
      const { outcome, reason = "", errors = {}, entry } = said.get(operation.id) ?? { outcome: "unknown" };
      if (outcome === "applied") gone.push(operation.seq);
      else if (outcome === "refused" || outcome === "conflict") {
        const words = Object.values(errors).join(" ") || reason;
        noted.push({ ...operation, state: outcome, reason: words, theirs: entry ?? null });
      }
    }
    await store.settle(this.clinic, this.merge(lanes), gone, noted);
    await this.read();
    this.channel.postMessage("sent");
    this.changed();
  }

  later(trouble, asked = 0) {
    this.soon(Math.max(asked || 0, this.wait));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.say(trouble);
    return false;
  }
}

function asSent({ id, kind, visit, entry, base_revision, payload, at }) {
  return { id, kind, visit, entry, base_revision, payload, at };
}
