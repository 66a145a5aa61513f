/* Covering a place of a page or a stretch of a recording by hand: the mouse, a finger and what plays fill the fields, which do
   it all without this file. With the keyboard the arrows in a field move the drawn place. */
"use strict";

const percent = (value) => Math.round(Math.min(100, Math.max(0, value)) * 10) / 10;

function drawBox(layer, kind, numbers) {
  const box = document.createElement("div");
  box.className = kind;
  const [left, top, width, height] = numbers;
  Object.assign(box.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` });
  layer.append(box);
}

function numbersOf(fields) {
  const values = [...fields.querySelectorAll("input")].map((one) => one.value);
  return values.every((value) => value !== "") ? values.map(Number) : null;
}

function fill(fields, numbers) {
  [...fields.querySelectorAll("input")].forEach((field, at) => { field.value = String(numbers[at]); });
  fields.dispatchEvent(new Event("input", { bubbles: true }));
}

function coverPage(holder, canvas) {
  const layer = document.createElement("div");
  layer.className = "cover-layer";
  layer.setAttribute("aria-hidden", "true"); // what it shows stands in the fields and the list
  canvas.append(layer);
  const covered = [...document.querySelectorAll(`[data-cover="${holder.dataset.cover}"] + .covered-list [data-covered]`)];
  const groups = () => [...holder.querySelectorAll("[data-cover-fields]")];
  const draw = () => {
    layer.replaceChildren();
    for (const one of covered) drawBox(layer, "covered", one.dataset.covered.split(" ").map(Number));
    for (const fields of groups()) {
      const numbers = numbersOf(fields);
      if (numbers) drawBox(layer, "covering", numbers);
    }
  };
  const place = (event) => [100 * event.offsetX / layer.clientWidth, 100 * event.offsetY / layer.clientHeight];
  let from = null;
  layer.addEventListener("pointerdown", (event) => {
    if (!holder.open || event.button !== 0) return;
    from = place(event);
    layer.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  layer.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = place(event).map(percent);
    const start = from.map(percent);
    const corner = [0, 1].map((at) => Math.min(start[at], to[at]));
    fill(groups().at(-1), [...corner, ...[0, 1].map((at) => percent(Math.abs(start[at] - to[at])))]);
  });
  for (const end of ["pointerup", "pointercancel"]) layer.addEventListener(end, () => { from = null; });
  holder.addEventListener("input", draw);
  holder.addEventListener("toggle", () => {
    layer.classList.toggle("drawing", holder.open);
    // The arrows of the keyboard begin with something to move.
    if (holder.open) canvas.closest("[data-page]").scrollIntoView({ block: "nearest" });
  });
  draw();
}

function coverSound(holder) {
  const audio = document.querySelector(`[data-player="${holder.dataset.cover}"] audio`);
  holder.addEventListener("click", (event) => {
    const now = event.target.closest("[data-cover-now]");
    if (!now || !audio) return;
    const field = now.previousElementSibling.querySelector("input");
    field.value = String(Math.round(audio.currentTime * 10) / 10);
    field.focus();
  });
}

for (const holder of document.querySelectorAll("[data-cover]")) {
  const canvas = document.querySelector(`[data-page="${holder.dataset.cover}"] .scan-canvas`);
  if (holder.dataset.coverKind === "sound") coverSound(holder);
  else if (canvas) coverPage(holder, canvas);
  holder.querySelector("[data-cover-more]").addEventListener("click", () => {
    const last = [...holder.querySelectorAll("[data-cover-fields]")].at(-1);
    if (!numbersOf(last)) return last.querySelector("input").focus();
    const more = last.cloneNode(true);
    for (const field of more.querySelectorAll("input")) field.value = "";
    last.after(more);
    more.querySelector("input").focus();
  });
}
