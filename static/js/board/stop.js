// Stop: two taps, no required field. Then whom to call, the clinic's plan, and the report.

import { button, h, mark, picks } from "./elements.js";
import { SEVERITY, SITES, WHAT, YES_NO, clockTime } from "./words.js";

const QUICK = ["dizzy", "chest", "breath", "sharp", "back", "fall"];

/** A telephone number inside a line becomes one to tap. */
function callable(text) {
  const found = /\+?\d[\d ()/-]{5,}\d/.exec(text ?? "");
  if (!found) return [text];
  const call = h("a", { href: `tel:${found[0].replace(/[^\d+]/g, "")}`, data: { key: `call-${found[0]}` } }, found[0]);
  return [text.slice(0, found.index), call, text.slice(found.index + found[0].length)];
}

export function stopPanel(lane) {
  const why = WHAT.filter(([value]) => QUICK.includes(value));
  return h("div", { class: "lane-panel", role: "group", "aria-label": `Stop ${lane.name}` },
    h("p", {}, h("strong", {}, `Stop ${lane.name}?`), " It ends the visit and locks on every tablet, until a named clinician releases it. In an emergency call ", h("strong", {}, callable(lane.emergency)), "."),
    h("div", { class: "row" }, button("stop-now", [mark("stop"), "Stop and lock"], "btn-stop")),
    h("div", { class: "row", role: "group", "aria-label": "Stop and say why" }, h("span", { class: "hush" }, "or stop for"), why.map(([value, words]) => button("stop-now", words, "", { why: value, key: `stop-${value}`, label: `${words}: stop and lock` }))),
    h("div", { class: "row" }, button("close", "Back"), button("report", "Only write a report", "btn-quiet")));
}

/** A lane in which nothing is lifted: why, who may release, whom to call, what is due. */
export function stoppedLane(lane, view) {
  const { code, line, who, at = lane.stopped_at, why } = lane.stopped;
  const locked = code === "locked";
  const stopped = why === "stop" || /stopped on the floor/i.test(line);
  const title = code === "intake" ? "Intake first" : !locked ? "Re-screen first" : stopped ? `Stopped${at ? ` at ${clockTime(at)}` : ""}, locked` : "Locked";
  const reports = lane.reports ?? [];
  return [
    h("div", { class: "lane-said" }, h("strong", { class: `state ${locked ? "is-stop" : "is-hold"} said-title` }, mark(locked ? "stop" : "hold"), title),
      h("p", {}, line, who && !line.includes(who) ? ` ${who}` : ""),
      reports.length ? h("p", { class: "small" }, `Reported: ${reports.join("; ")}.`) : null),
    h("div", { class: "lane-do-wide" }, locked ? h("p", {}, "In an emergency call ", h("strong", {}, callable(lane.emergency))) : h("p", { class: "hush" }, "Nothing is prescribed until then."),
      h("div", { class: "row row-fill" }, locked ? button("plan", "Number and plan", "btn-stop", { expanded: view.panel === "plan", label: `Number and plan: ${lane.name}` }) : h("a", { class: "btn btn-main", href: code === "intake" ? view.address : `${view.address}#arrival`, data: { key: "look" } }, code === "intake" ? "See what is missing" : "Record the re-screen"),
        locked ? button("report", reports.length ? "Another report" : "Write the report", "btn-ghost", { expanded: view.panel === "report", label: `${reports.length ? "Another report" : "Write the report"}: ${lane.name}` }) : view.begun && lane.status === "planned" ? button("no-show", "No-show", "btn-ghost", { label: `No-show: ${lane.name}` }) : null)),
  ];
}

export function planPanel(lane, view) {
  const { emergency_plan: plan, phone, name } = view.clinic;
  return h("div", { class: "lane-panel", role: "group", "aria-label": `Emergency of ${lane.name}` },
    h("dl", { class: "facts-s" },
      h("div", {}, h("dt", {}, `${lane.name}: call`), h("dd", { class: "said-title" }, lane.emergency ? callable(lane.emergency) : "No contact is on file.")),
      phone ? h("div", {}, h("dt", {}, name), h("dd", { class: "said-title" }, callable(phone))) : null),
    plan ? h("div", { class: "plan-text" }, h("strong", {}, "The clinic’s plan"), plan.split(/\n+/).map((line) => h("p", {}, line)))
      : h("p", { class: "hush" }, "The clinic has written no emergency plan; an admin does that in the settings."),
    h("div", { class: "row" }, button("close", "Close")));
}

export function reportPanel(lane, view) {
  const { draft, wrong = {} } = view;
  return h("div", { class: "lane-panel lane-questions", role: "group", "aria-label": `Report of ${lane.name}` },
    h("p", {}, h("strong", {}, `Report: what happened to ${lane.name}?`), " Everything can be added later on the page of the visit.", draft.why ? h("span", { class: "wrong" }, draft.why) : null),
    picks("what", WHAT, draft.what, "What", { wrong: wrong.what }),
    picks("severity", SEVERITY, draft.severity, "How bad", { wrong: wrong.severity }),
    picks("site", SITES, draft.site, "Where, if anywhere"),
    picks("serious", YES_NO, draft.serious, ["Serious", h("span", { class: "small hush" }, " danger to life, hospital, disability")]),
    h("label", { class: "question" }, h("span", { class: "question-words" }, "In words, if there is time"), h("textarea", { rows: 2, maxlength: 2000, data: { draft: "described", key: "described" } }, draft.described ?? "")),
    h("div", { class: "row" }, button("report-now", "Record the report", "btn-main"), button("close", "Close"), Object.keys(wrong).length ? h("span", { class: "wrong" }, "One answer is missing above.") : null));
}

/** What a report cannot be without. */
export function wrongReport({ what, severity }) {
  const wrong = {};
  if (!what) wrong.what = "Choose what happened.";
  if (!severity) wrong.severity = "Choose how bad it was.";
  return wrong;
}
