// How long each client has rested: from the moment of the tick, so that nothing is lost with the
// page. Only a tick starts it; what is corrected leaves it alone. No sound unless asked for.

const KEY = "bonefit-rest";
const SOUND = "bonefit-sound";
const FORGET = 12 * 3600_000; // milliseconds; another day has no use for it
const LONGEST = 1800; // seconds; after it nobody rests

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {}; // somebody else's words under our name
  }
}

export class Rests {
  constructor() {
    const now = Date.now();
    const kept = Object.entries(read()).filter(([, at]) => at <= now && now - at < FORGET);
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
    this.sound = localStorage.getItem(SOUND) === "on";
    this.rung = new Set(); // rests whose end has been said
  }

  start(visit) {
    const now = Date.now();
    localStorage.setItem(KEY, JSON.stringify({ ...read(), [visit]: now }));
    this.rung.delete(visit);
  }

  /** Seconds since the last tick; null where nobody rests, or where the clock was set back. */
  of(visit) {
    const at = read()[visit];
    if (!at) return null;
    const seconds = Math.floor((Date.now() - at) / 1000);
    return seconds < 0 || seconds > LONGEST ? null : seconds;
  }

  turnSound() {
    this.sound = !this.sound;
    localStorage.setItem(SOUND, this.sound ? "on" : "off");
    if (this.sound) this.ring();
  }

  /** Sound once when a rest is over; a rest that was over before the page was opened is silent. */
  over(visit, seconds, restFor) {
    if (seconds === null || seconds < restFor || this.rung.has(visit)) return;
    this.rung.add(visit);
    if (this.sound && seconds < restFor + 5) this.ring();
  }

  ring() {
    this.audio ??= new AudioContext();
    this.audio.resume();
    const tone = this.audio.createOscillator();
    const volume = this.audio.createGain();
    tone.frequency.value = 660;
    volume.gain.setValueAtTime(0.15, this.audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, this.audio.currentTime + 0.4);
    tone.connect(volume).connect(this.audio.destination);
    tone.start();
    tone.stop(this.audio.currentTime + 0.4);
  }
}
