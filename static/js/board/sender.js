// Sends what waits on this tablet, each author's operations in the order they were done in: by her
// log-in, or where that is gone by her token, never as anybody else. A lost answer is no matter,
// because the server knows an operation's id. One tab of a tablet sends at a time.
//
// What is noted beside an operation that waits:
//   sent_at      the server has it, by token; it is drawn until its lane is read again
//   needs_login  the server did not take it by token; it is sent again when its author logs in
//   stuck        the server fails on it alone; why, in words. It is tried again, ever more rarely.

import * as store from "./store.js";

export const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
const PATIENCE = 15_000;
const PART = 50; // operations a request
const ALONE = 3; // so often an operation may fail by itself while others get through
const STUCK_WAIT = 30_000;
const LONGEST_STUCK = 600_000;
const UPLOAD_URL = "/upload/";

const FAILS = "The server fails on this entry. It stays here and is tried again. Note it on paper.";
const LARGE = "This entry is too large for the server. Discard it and enter it again, shorter.";
const UNREADABLE = "The server cannot read this entry. Discard it and enter it again.";

// The name differs with the site's settings; the cookie's value changes with each log-in.
const csrfToken = () => {
  const named = `${document.documentElement.dataset.csrfCookie}=`;
  return document.cookie.split("; ").find((one) => one.startsWith(named))?.slice(named.length) ?? "";
};
export const keyOf = ({ clinic, author }) => `${clinic}/${author}`;

/** Do the work while no other tab of this tablet sends; false where another one does. */
export function alone(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("bonefit-send", { ifAvailable: true }, (lock) => (lock ? work() : false));
}

// --- one request -----------------------------------------------------------------------------

const KINDS = { 400: "unreadable", 401: "unknown", 403: "login", 404: "login", 409: "other", 413: "large", 429: "busy", 500: "failed" };

function retryAfter(response) {
  const asked = response.headers.get("Retry-After");
  if (!asked) return 0;
  const seconds = Number(asked);
  const wait = Number.isNaN(seconds) ? Date.parse(asked) - Date.now() : seconds * 1000;
  return Math.min(Math.max(wait || 0, 0), LONGEST_STUCK);
}

/** POST some JSON. ``kind`` is ok, offline, login, down (no answer that can be read), or of KINDS. */
export async function post(url, body, options) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      redirect: "manual", // a redirect is the log-in page
      signal: AbortSignal.timeout(PATIENCE),
      ...options,
      headers: { "Content-Type": "application/json", ...options.headers },
    });
  } catch {
    return { kind: "offline", after: 0 };
  }
  const after = retryAfter(response);
  if (response.type === "opaqueredirect") return { kind: "login", after };
  if (!response.ok) return { kind: KINDS[response.status] ?? "down", after };
  try {
    const at = Date.parse(response.headers.get("Date") ?? "") || Date.now();
    return { kind: "ok", after, answer: await response.json(), at };
  } catch {
    return { kind: "down", after };
  }
}

export const byLogIn = () => ({ headers: { "X-CSRFToken": csrfToken() } });
const byToken = (token) => ({ headers: { Authorization: `Bearer ${token}` }, credentials: "omit" });

function asSent({ id, kind, visit, entry, base_revision, payload, at }) {
  return { id, kind, visit, entry, base_revision, payload, at };
}

// --- the sender ------------------------------------------------------------------------------

export class Sender {
  /** ``board()`` is {clinic, author, url, merge} of the board that is open, or null; ``settled`` is
   * called after each answer. */
  constructor({ board = () => null, settled = async () => {} } = {}) {
    Object.assign(this, { board, settled });
    this.wait = FIRST_WAIT;
    this.part = PART;
    this.quietUntil = 0; // the server asked for it
    this.failed = new Map(); // seq: {times, until, since}
    this.gotThrough = 0; // when a request last did
  }

  /** Send what can be sent now. ``trouble`` stands in the way; ``after`` milliseconds try again. */
  async run() {
    if (Date.now() < this.quietUntil) return { trouble: "server", after: this.quietUntil - Date.now() };
    const board = this.board();
    const mine = board ? keyOf(board) : null;
    const here = { trouble: "", after: null };
    if (board) Object.assign(here, await this.ofBoard(board));
    const afters = [here.after];
    for (const key of await this.keys()) {
      if (key === mine || here.trouble === "offline") continue;
      const { trouble, after } = await this.byToken(key);
      here.trouble ||= trouble;
      afters.push(after);
    }
    const due = afters.filter((one) => one !== null);
    return { trouble: here.trouble, after: due.length ? Math.min(...due) : null };
  }

  async keys() {
    return [...new Set((await store.operations()).map(keyOf))];
  }

  /** The operations of the board's author: by her log-in, and where that is gone by her token. */
  async ofBoard(board) {
    const key = keyOf(board);
    const first = await this.drain({
      due: (one) => keyOf(one) === key,
      send: (body) => post(board.url, { author: board.author, ...body }, byLogIn()),
      settle: (part, reply) => this.settleByLogIn(board, part, reply.answer),
    });
    if (first.trouble !== "login" && first.trouble !== "other") return first;
    const then = await this.byToken(key);
    const left = (await store.operations()).some((one) => keyOf(one) === key && one.state === "waiting");
    return { trouble: first.trouble, after: left ? (then.after ?? first.after) : null };
  }

  async byToken(key) {
    const token = (await store.tokens()).find((one) => keyOf(one) === key && Date.parse(one.expires_at) > Date.now());
    if (!token) return { trouble: "", after: null };
    const board = this.board();
    const drawn = board !== null && keyOf(board) === key;
    return this.drain({
      due: (one) => keyOf(one) === key && !one.sent_at && !one.needs_login,
      send: async (body) => {
        const reply = await post(UPLOAD_URL, body, byToken(token.token));
        if (reply.kind === "unknown") await store.dropToken(token);
        return ["login", "other"].includes(reply.kind) ? { ...reply, kind: "down" } : reply;
      },
      settle: (part, reply) => this.settleByToken(drawn, part, reply),
    });
  }

  /** Is the log-in of the board still good? Asked with a list of nothing. */
  async probe({ url, author }) {
    return (await post(url, { author, operations: [] }, byLogIn())).kind;
  }

  async drain({ due, send, settle }) {
    for (;;) {
      const { part, next } = this.choose((await store.operations()).filter((one) => one.state === "waiting" && due(one)));
      if (part.length === 0) return { trouble: "", after: next };
      const reply = await send({ operations: part.map(asSent) });
      const stop = await this.heed(reply, part, settle);
      if (stop) return stop;
    }
  }

  /** What goes next: the oldest, those that failed by themselves last and alone. */
  choose(waiting) {
    const now = Date.now();
    const good = [];
    const again = [];
    const behind = new Set(); // what is said of a set waits for the set
    let next = null;
    for (const one of waiting) {
      const until = this.until(one);
      if (until > now || behind.has(one.entry)) {
        if (one.entry) behind.add(one.entry);
        if (until > now) next = Math.min(next ?? Infinity, until - now);
      } else if (one.stuck || this.failed.has(one.seq)) {
        if (one.entry) behind.add(one.entry);
        again.push(one);
      } else good.push(one);
    }
    return { part: good.length ? good.slice(0, this.part) : again.slice(0, 1), next };
  }

  until(one) {
    const aside = this.failed.get(one.seq)?.until ?? 0;
    if (!one.stuck) return aside;
    return Math.max(aside, one.stuck_at + Math.min(STUCK_WAIT * 2 ** (one.tries - 1), LONGEST_STUCK));
  }

  /** What an answer means: null to go on, else what stands in the way and for how long. */
  async heed({ kind, after, ...reply }, part, settle) {
    switch (kind) {
      case "ok":
        return this.gotOne(part, await settle(part, reply));
      case "offline":
      case "login":
      case "other":
        return this.later(kind);
      case "unknown":
        return { trouble: "", after: null };
      case "large":
      case "unreadable":
      case "failed":
        return this.smaller(kind, part);
      default: // busy, down
        if (after) this.quietUntil = Date.now() + after;
        return this.later("server", after);
    }
  }

  async gotOne(part, progress) {
    await this.settled();
    if (!progress) return this.later("server"); // it answered, and for none of these
    for (const { seq } of part) this.failed.delete(seq);
    this.gotThrough = Date.now();
    this.wait = FIRST_WAIT;
    this.part = PART;
    return null;
  }

  /** One operation that the server cannot bear must not hold up the others. */
  async smaller(kind, part) {
    if (part.length > 1) {
      this.part = Math.floor(part.length / 2);
      return { trouble: "server", after: FIRST_WAIT };
    }
    const [one] = part;
    const { times = 0, since = Date.now() } = this.failed.get(one.seq) ?? {};
    this.failed.set(one.seq, { times: times + 1, since, until: Date.now() + this.wait });
    const others = this.gotThrough > since;
    if (kind !== "failed" || one.stuck || times + 1 >= (others ? ALONE : 2 * ALONE)) {
      const words = { large: LARGE, unreadable: UNREADABLE, failed: FAILS }[kind];
      await store.note({ ...one, stuck: words, stuck_at: Date.now(), tries: (one.tries ?? 0) + 1 });
      await this.settled();
    }
    return this.later("server");
  }

  later(trouble, asked = 0) {
    const after = Math.max(asked, this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    return { trouble, after };
  }

  // --- what became of them -------------------------------------------------------------------

  /** By log-in the lanes come along: they are kept before an operation is let go. */
  async settleByLogIn({ clinic, merge }, part, { results = [], lanes = {} }) {
    const { gone, noted, held } = sorted(part, results, (operation, { reason = "", errors = {}, entry = null }) => ({
      ...operation,
      state: "refused",
      reason: Object.values(errors).join(" ") || reason,
      theirs: entry,
    }));
    if (held.length) await store.sayHeld(held);
    await store.settle(clinic, merge(lanes), gone.map((one) => one.seq), noted);
    return gone.length + noted.length > 0;
  }

  /** By token nothing comes along: what the board draws stays until its lane is read again. */
  async settleByToken(drawn, part, { answer: { results = [] }, at }) {
    const { gone, noted, held } = sorted(part, results, (operation, { reason }) => ({ ...operation, needs_login: reason || "It was not taken." }));
    if (held.length) await store.sayHeld(held);
    const kept = drawn ? gone.filter((one) => !held.includes(one)) : [];
    // The server's clock, to the next full second: a day that was read later has it.
    const sent = kept.map((one) => ({ ...one, sent_at: at + 1000, stuck: undefined }));
    await store.settle(null, null, gone.filter((one) => !kept.includes(one)).map((one) => one.seq), [...noted, ...sent]);
    return gone.length + noted.length > 0;
  }
}

/** Which of them the server has, holds, or refuses. What it does not answer for waits on. */
function sorted(part, results, refused) {
  const said = new Map(results.map((one) => [one.id, one]));
  const found = { gone: [], noted: [], held: [] };
  for (const operation of part) {
    const answer = said.get(operation.id) ?? {};
    // A conflict stands in the lane with its choices, on every tablet.
    if (["applied", "conflict", "held"].includes(answer.outcome)) found.gone.push(operation);
    if (answer.outcome === "held") found.held.push(operation);
    if (answer.outcome === "refused") found.noted.push(refused(operation, answer));
  }
  return found;
}

// --- where nobody is logged in ---------------------------------------------------------------

/** Forget what was read and send what waits, by token. ``said`` hears how much cannot be sent. */
export async function sendWithoutALogIn(said) {
  await store.forgetRead();
  const sender = new Sender();
  const channel = new BroadcastChannel("bonefit-floor");
  const run = async () => {
    const result = await alone(() => sender.run());
    channel.postMessage("sent");
    const { after } = result || { after: FIRST_WAIT };
    if (after !== null) setTimeout(run, after);
    const left = (await store.operations()).filter((one) => one.state === "waiting").length;
    said(left);
  };
  await run();
  addEventListener("online", run);
}
