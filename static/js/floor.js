// The set form: steps that the plates allow, and a Done button that says what it will record.
// Without this the load can be typed, and everything works.

function loadsOf(stepper) {
  return stepper.dataset.loads.split(" ").filter(Boolean).map(Number);
}

function typed(input) {
  const value = Number(input.value.trim().replace(",", "."));
  return input.value.trim() === "" || Number.isNaN(value) ? null : value;
}

function neighbour(loads, now, direction) {
  if (now === null) return direction > 0 ? loads[0] : undefined;
  return direction > 0 ? loads.find((load) => load > now) : loads.findLast((load) => load < now);
}

function draw(stepper) {
  const input = stepper.querySelector("input");
  const now = typed(input);
  for (const button of stepper.querySelectorAll("[data-step]")) {
    const to = neighbour(loadsOf(stepper), now, Number(button.dataset.step));
    button.hidden = false;
    button.setAttribute("aria-disabled", to === undefined ? "true" : "false");
    const step = to === undefined || now === null ? "" : String(Math.abs(Math.round((to - now) * 1000) / 1000));
    button.querySelector("small").textContent = step;
    button.setAttribute("aria-label", to === undefined ? "No further load" : `${to} kg`);
  }
  const word = stepper.closest("form").querySelector("[data-done-word]");
  if (!word) return;
  word.dataset.first ??= word.textContent;
  const done = word.closest("button");
  const changed = input.value.trim() !== input.defaultValue.trim();
  word.textContent = changed && now !== null ? `Done, ${now} kg × ${done.value}` : word.dataset.first;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const stepper = button.closest("[data-stepper]");
  const input = stepper.querySelector("input");
  const to = neighbour(loadsOf(stepper), typed(input), Number(button.dataset.step));
  if (to !== undefined) input.value = String(to);
  draw(stepper);
});

document.addEventListener("input", (event) => {
  const stepper = event.target.closest("[data-stepper]");
  if (stepper) draw(stepper);
});

function drawAll(root) {
  for (const stepper of root.querySelectorAll("[data-stepper]")) draw(stepper);
}

drawAll(document);
document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
