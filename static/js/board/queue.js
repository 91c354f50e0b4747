// The board's queue: what was done on it, kept before it is drawn, and on its way to the server.
// sender.js sends; store.js keeps.
//
//   mine, waiting, ofOthers, trouble, author, authorName; read, add, discard, soon, say
//
// and beside these
//
//   stuck             of mine, what the server fails on, or needs its author's log-in: `words` says why
//   held              {author_name: number} that the server keeps for the clinic's admin, to be said
//                     once; `heldRead()` when somebody has read it
//   storageTrouble    why this tablet keeps nothing; `add` rejects then, and nothing is drawn
//   keptDay(), keepDay(day), forgetDays()    as store.js has them for this clinic; where the tablet
//                     keeps nothing that is said, and they give null
//   prepare()         "Prepare for today": keeps the day and the leave to send it; gives the day
//   badge()           {title, lines, login, read} for the strip, or null where there is nothing to say
//
// `add` rejects with a StorageTrouble, whose message is for the person. What was read is wiped when
// its day is over (`wiped`, which loads the page again unless the board says otherwise).

import { alone, byLogIn, FIRST_WAIT, keyOf, post, Sender } from "./sender.js";
import * as store from "./store.js";

const WIPE_EVERY = 60_000;
const PREPARE_EVERY = 60_000;
const LOST = new Set(["offline", "server", "login", "other"]);

export class Queue {
  /** ``merge(lanes)`` gives the day with the lanes that the server sent; ``changed`` redraws. */
  constructor({ clinic, sendUrl, merge, changed, wiped = () => location.reload() }) {
    Object.assign(this, { clinic, sendUrl, merge, changed, wiped });
    this.prepareUrl = sendUrl.replace(/operations\/$/, "prepare/");
    this.operations = [];
    this.tokens = [];
    this.held = {};
    this.author = null;
    this.authorName = "";
    this.trouble = ""; // "", offline, server, login, other, storage
    this.storageTrouble = "";
    this.failedAt = ""; // reading or writing
    this.timer = null;
    this.news = 0; // counts what was last asked, or heard of the network
    this.preparedAt = 0;
    this.sender = new Sender({ board: () => this.board(), settled: () => this.settled() });
    addEventListener("online", () => this.soon(0));
    addEventListener("offline", () => {
      this.news += 1;
      this.say("offline");
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.wipe();
      this.soon(0);
    });
    this.tried(() => store.forgetWhatIsOver()); // what is over is not drawn in the first place
    setInterval(() => this.wipe(), WIPE_EVERY);
    // Another tab of this tablet wrote or sent something.
    this.channel = new BroadcastChannel("bonefit-floor");
    this.channel.onmessage = () => this.read().then(() => this.changed());
  }

  board() {
    if (this.author === null) return null;
    return { clinic: this.clinic, author: this.author, url: this.sendUrl, merge: this.merge };
  }

  /** Read what the tablet keeps. Where it keeps nothing that is said, and the board goes on. */
  async read() {
    try {
      [this.operations, this.tokens, this.held] = await Promise.all([store.operations(), store.tokens(), store.heldSoFar()]);
      this.canKeep("reading");
    } catch (error) {
      this.cannotKeep(error, "reading");
    }
  }

  keptDay() {
    return this.tried(() => store.dayOf(this.clinic));
  }

  keepDay(day) {
    return this.tried(() => store.keepDay(this.clinic, day));
  }

  forgetDays() {
    return this.tried(() => store.forgetDays());
  }

  async tried(work) {
    try {
      return (await work()) ?? null;
    } catch (error) {
      this.cannotKeep(error, "reading");
      return null;
    }
  }

  cannotKeep(error, doing) {
    if (!(error instanceof store.StorageTrouble)) throw error;
    this.storageTrouble = error.message;
    this.failedAt = doing;
    this.say("storage");
  }

  /** What could not be written is said until something could. */
  canKeep(doing) {
    if (!this.storageTrouble || this.failedAt !== doing) return;
    this.storageTrouble = "";
    this.say("");
  }

  // --- what there is -------------------------------------------------------------------------

  /** This author's operations in this clinic, the oldest first. */
  get mine() {
    return this.operations.filter((one) => one.clinic === this.clinic && one.author === this.author);
  }

  /** Of these, what the server does not have yet. */
  get waiting() {
    return this.mine.filter(isWaiting);
  }

  get stuck() {
    return this.waiting.filter((one) => one.stuck || one.needs_login).map((one) => ({ ...one, words: one.stuck ?? one.needs_login }));
  }

  /** Operations that somebody else did on this tablet and that are not sent yet. */
  get ofOthers() {
    return this.operations.filter((one) => (one.author !== this.author || one.clinic !== this.clinic) && isWaiting(one));
  }

  hasToken(operation) {
    const now = Date.now();
    return this.tokens.some((one) => keyOf(one) === keyOf(operation) && Date.parse(one.expires_at) > now);
  }

  // --- what is done --------------------------------------------------------------------------

  /** Keep what was done; only then is it drawn. Rejects where the tablet cannot keep it. */
  async add(operations) {
    const at = new Date().toISOString();
    try {
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
    } catch (error) {
      this.cannotKeep(error, "writing");
      throw error;
    }
    this.canKeep("writing");
    await this.read();
    this.channel.postMessage("kept");
    this.soon(0);
  }

  async discard(operation) {
    await store.letGo([operation.seq]);
    await this.settled();
  }

  async heldRead() {
    await store.sayHeld([]);
    await this.settled();
  }

  async settled() {
    await this.read();
    this.channel.postMessage("changed");
    this.changed();
  }

  /** Forget the days that are over; the board that shows one of them starts anew. */
  async wipe() {
    const clinics = await this.tried(() => store.forgetWhatIsOver());
    if (clinics?.includes(this.clinic)) this.wiped();
  }

  say(said) {
    const trouble = this.storageTrouble ? "storage" : said;
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    this.changed();
  }

  // --- sending -------------------------------------------------------------------------------

  soon(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), milliseconds);
  }

  /** Send what waits. One tab of a tablet does it at a time. */
  async pump() {
    this.news += 1;
    const asked = this.news;
    try {
      const result = await alone(() => this.sender.run());
      if (!result) return this.soon(FIRST_WAIT);
      let { trouble } = result;
      // With nothing to send nobody has asked yet whether the server answers, and whom.
      if (!trouble && LOST.has(this.trouble) && this.author !== null) trouble = await this.probed();
      await this.read();
      // The network went while this was asked, or a later question is out: that one tells.
      if (asked !== this.news) return this.soon(FIRST_WAIT);
      this.say(trouble);
      if (result.after !== null) this.soon(result.after);
      if (!trouble) await this.prepareQuietly();
    } catch (error) {
      this.cannotKeep(error, "reading");
    }
    return null;
  }

  async probed() {
    const kind = await this.sender.probe(this.board());
    return kind === "ok" ? "" : this.trouble;
  }

  // --- the leave to send without a log-in ----------------------------------------------------

  /** Keep the day and the leave to send it for a week without a log-in. Throws where it fails. */
  async prepare() {
    const answer = await this.askForLeave(false);
    if (answer === null) throw new Error("This tablet could not be prepared. Is there a network, and are you logged in?");
    await store.keepDay(this.clinic, answer.day);
    await this.settled();
    return answer.day;
  }

  /** The same for a board that has just read its day: whoever opens it may send what she does. */
  async prepareQuietly() {
    if (this.author === null || Date.now() - this.preparedAt < PREPARE_EVERY) return;
    const day = await store.dayOf(this.clinic);
    if (!day || day.author.id !== this.author || this.isPreparedFor(day)) return;
    this.preparedAt = Date.now();
    await this.askForLeave(true);
    await this.read();
    await store.askToStay();
  }

  isPreparedFor(day) {
    const token = this.tokens.find((one) => keyOf(one) === keyOf(this.board()));
    if (!token || token.day !== day.day) return false;
    return day.slots.every((slot) => token.covers.includes(slot.id));
  }

  async askForLeave(silent) {
    const { kind, answer } = await post(this.prepareUrl, { device: await store.device(), silent }, byLogIn());
    if (kind !== "ok") return null;
    // Under the author that the server says: a token never sends what somebody else did.
    const { author, token, expires_at, covers } = answer;
    const day = answer.day?.day ?? (await store.dayOf(this.clinic))?.day;
    await store.keepToken({ clinic: this.clinic, author, token, expires_at, covers, day });
    return answer;
  }

  // --- in words ------------------------------------------------------------------------------

  badge() {
    const { trouble, waiting, stuck } = this;
    const lines = [];
    if (waiting.length > 0) {
      const minutes = Math.floor((Date.now() - new Date(waiting[0].at)) / 60_000);
      lines.push(`${waiting.length} ${waiting.length === 1 ? "entry waits" : "entries wait"}, the oldest ${minutes} min`);
    }
    if (stuck.length > 0) lines.push(`${stuck.length} of them ${stuck.length === 1 ? "is" : "are"} stuck. ${stuck[0].words}`);
    lines.push(...this.linesOfOthers());
    for (const [name, count] of Object.entries(this.held)) {
      lines.push(`${count} of ${name} ${count === 1 ? "is" : "are"} kept for the clinic’s admin, who decides whether ${count === 1 ? "it counts" : "they count"}`);
    }
    if (!trouble && lines.length === 0) return null;
    const title = trouble === "login" && waiting.length === 0 ? "Log in to go on" : TITLES[trouble] ?? (waiting.length > 0 ? "Sending" : "Everything of yours is sent");
    if (trouble === "storage") lines.unshift(this.storageTrouble);
    return { title, lines, login: trouble === "login" || trouble === "other", read: Object.keys(this.held).length > 0 };
  }

  linesOfOthers() {
    const others = this.ofOthers;
    return [...new Set(others.map((one) => one.author_name))].map((name) => {
      const all = others.filter((one) => one.author_name === name);
      const stays = all.some((one) => one.needs_login || one.stuck || !this.hasToken(one));
      const waits = all.length === 1 ? "waits" : "wait";
      return stays ? `${all.length} of ${name} ${waits} until ${name} logs in on this tablet` : `${all.length} of ${name} ${waits} to be sent`;
    });
  }
}

const TITLES = {
  offline: "Offline",
  server: "The server does not answer",
  login: "Log in to send",
  other: "Somebody else is logged in",
  storage: "Nothing can be kept on this tablet",
};

const isWaiting = (one) => one.state === "waiting" && !one.sent_at;
