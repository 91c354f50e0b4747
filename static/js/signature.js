// A signature drawn with a finger, a pen or a mouse. What is drawn is kept as numbers in a field of
// the form; without this script the typed name is the signature.

const MOST_POINTS = 4000;
const NEAR = 2; // points closer than this say nothing new

function begin(place) {
  if (place.dataset.begun) return;
  place.dataset.begun = "yes";
  const canvas = place.querySelector("canvas");
  const field = document.getElementById(place.dataset.sign);
  const pen = canvas.getContext("2d");
  let strokes = [];
  try {
    strokes = JSON.parse(field.value || "[]");
  } catch {
    strokes = [];
  }

  function draw() {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) pen.lineTo(...point);
      pen.stroke();
    }
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    const x = Math.round(((event.clientX - box.left) / box.width) * canvas.width);
    const y = Math.round(((event.clientY - box.top) / box.height) * canvas.height);
    return [Math.min(Math.max(x, 0), canvas.width), Math.min(Math.max(y, 0), canvas.height)];
  }

  const full = () => strokes.reduce((sum, stroke) => sum + stroke.length, 0) >= MOST_POINTS;
  const keep = () => { field.value = strokes.length ? JSON.stringify(strokes) : ""; };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 0 || full()) return;
    canvas.setPointerCapture(event.pointerId);
    strokes.push([at(event)]);
    draw();
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId) || full()) return;
    const stroke = strokes.at(-1);
    const [x, y] = stroke.at(-1);
    const point = at(event);
    if (Math.abs(point[0] - x) + Math.abs(point[1] - y) < NEAR) return;
    stroke.push(point);
    draw();
  });
  for (const over of ["pointerup", "pointercancel"]) canvas.addEventListener(over, keep);
  place.querySelector("button").addEventListener("click", () => {
    strokes = [];
    keep();
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  place.hidden = false;
  draw();
}

function everywhere() {
  for (const place of document.querySelectorAll("[data-sign]")) begin(place);
}

document.addEventListener("htmx:load", everywhere);
everywhere();
