// The strip above the lanes: which class, who is here, what was just done, what waits to be sent.

import { button, h, mark, same } from "./elements.js";

const UNDO_SECONDS = 12;
const ALOUD = {
  offline: "Offline. What is tapped is kept on this tablet.",
  server: "The server does not answer. What is tapped is kept on this tablet.",
  login: "Log in to send. What is tapped is kept on this tablet.",
  other: "Somebody else is logged in. What waits is kept on this tablet.",
  storage: "Nothing can be kept on this tablet.",
  "": "Connected again. Everything is sent.",
};

export class Strip {
  constructor(root, loginUrl) {
    this.part = (name) => root.querySelector(`[data-${name}]`);
    this.loginUrl = loginUrl;
    this.undo = null;
    this.aloud = "";
  }

  name(title, words) {
    this.part("title").textContent = title;
    this.part("count").textContent = words;
  }

  /** A tab for each class of the day; ``marked`` are classes with something that was not taken. */
  tabs(slots, current, marked) {
    const place = this.part("tabs");
    const tabs = slots.length < 2 ? [] : slots.map((one) => h("a", { class: "btn tab", href: `#${one.id}`, "aria-current": one.id === current ? "true" : null, "aria-label": `${one.title}${marked.has(one.id) ? ", something was not taken" : ""}`, data: { key: `slot-${one.id}` } },
      one.title.split(" ").at(-1), marked.has(one.id) ? h("span", { class: "tab-mark", "aria-hidden": "true" }, "!") : null));
    const drawn = h("div", { class: "tabs-row" }, tabs);
    if (place.firstElementChild && same(place.firstElementChild, drawn)) return;
    place.replaceChildren(drawn);
    place.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  /** What was just done, and for a while the way back. */
  sayDone(words, back) {
    clearTimeout(this.undo?.timer);
    const forget = () => {
      this.undo = null;
      this.part("toast").replaceChildren();
    };
    this.undo = { operations: back, timer: setTimeout(forget, UNDO_SECONDS * 1000) };
    this.part("toast").replaceChildren(h("div", { class: "toast" }, h("span", {}, words), back ? button("undo", "Undo") : null));
  }

  takeUndo() {
    const { operations = null } = this.undo ?? {};
    if (this.undo) this.undo.operations = null;
    return operations;
  }

  /** How much waits, for how long, and why. The count is for the eye; a change of state is said. */
  sayWaiting(queue) {
    const badge = queue.badge();
    this.announce(queue.trouble, queue.waiting.length);
    const place = this.part("sync");
    const text = badge ? JSON.stringify(badge) : "";
    if ((place.dataset.said ?? "") === text) return;
    place.dataset.said = text;
    if (!badge) return place.replaceChildren();
    const { title, lines, login, read } = badge;
    return place.replaceChildren(h("div", { class: "sync", title: lines.join(". ") }, mark("offline"), h("span", {}, h("span", {}, title), h("br"), h("span", { class: "small" }, lines.join(". ") || "Nothing waits")),
      login ? h("a", { class: "btn", href: this.loginUrl }, "Log in") : null, read ? button("held-read", "OK") : null));
  }

  announce(trouble, waiting) {
    if (this.aloud === trouble || (trouble === "" && waiting > 0)) return;
    this.aloud = trouble;
    this.part("live").textContent = ALOUD[trouble] ?? "";
  }
}
