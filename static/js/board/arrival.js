// The questions on arrival, in the lane: at most six, answered by taps, with or without a network.

import { button, h, mark, picks } from "./elements.js";
import { anything, consequence, wrongWith } from "./safety.js";
import { AWAY, KINDS, SCORES, SITES, YES_NO } from "./words.js";

function pain(name, words, answers, wrong) {
  const hurts = Number(answers[name] || 0) > 0;
  return [picks(name, SCORES, answers[name], words),
    hurts ? h("div", { class: "question-more" }, picks(`${name}_site`, SITES, answers[`${name}_site`], "Where"), picks(`${name}_kind`, KINDS, answers[`${name}_kind`], "What kind", { wrong: wrong[`${name}_kind`] })) : null];
}

function follows(lane, answers) {
  const found = consequence(answers);
  if (!found) return null;
  return h("p", { class: `note ${found.code === "locked" ? "note-stop" : "note-hold"} with-mark`, role: "status" }, mark(found.code === "locked" ? "stop" : "hold"), h("span", {}, h("strong", {}, found.line), ` ${found.who}`));
}

/** Whether there was a time before to ask about. */
const lifted = (lane) => lane.lifts.some((lift) => lift.last);

export function arrivalPanel(lane, view) {
  const { draft: answers, wrong = {} } = view;
  const here = lane.status === "checked_in";
  return h("div", { class: "lane-panel lane-questions", role: "group", "aria-label": `${lane.name}: what is new` },
    h("p", {}, h("strong", {}, `${lane.name}: what is new?`), " Tap what is; what nobody asks stays blank.", answers.why ? h("span", { class: "wrong" }, answers.why) : null),
    lifted(lane) ? pain("next_day", "Worst pain since last time", answers, wrong) : null,
    pain("now", "Pain now", answers, wrong),
    picks("away", AWAY, answers.away, "Since last time (a fall is also a slip or trip that ended on the floor or a lower level)"),
    h("div", { class: "questions-3" }, picks("fracture", YES_NO, answers.fracture, "A fracture"), picks("medicine", YES_NO, answers.medicine, "New medicine or procedure"), picks("dizzy", YES_NO, answers.dizzy, "Dizzy today")),
    follows(lane, answers),
    h("div", { class: "row" }, button("arrived", here ? "Keep the answers" : "Here, with these answers", "btn-main"), button("close", "Close"),
      Object.keys(wrong).length ? h("span", { class: "wrong" }, "One answer is missing above.") : null));
}

/** What is wrong with the answers; an answer to nothing is none. */
export function wrongAnswers({ why, ...answers }) {
  const wrong = wrongWith(answers);
  if (!anything(answers)) wrong.now = "Answer at least one of the questions.";
  return wrong;
}
