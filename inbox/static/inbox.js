/* Comfort only: every page works without this file.
   Words of a machine's reading can be clicked to be heard or seen, doubtful ones found one after the other. */
"use strict";

const LEAD_IN = 0.4; // seconds heard before a word, so that it is not cut

document.documentElement.classList.add("scripted");
for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;

const summary = document.querySelector(".summary");
const outcome = document.getElementById("outcome");
if (summary) summary.focus();
else if (outcome && outcome.childElementCount) outcome.focus();

/* Pictures that nobody has scrolled to are fetched first: on paper, nobody scrolls. */
async function printWhole() {
  const late = [...document.images].filter((image) => !image.complete);
  for (const image of late) image.loading = "eager";
  await Promise.all(late.map((image) => image.decode().catch(() => null)));
  window.print();
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) printWhole();
});

/* --- words, recordings and pages ------------------------------------------------------------- */

const words = [...document.querySelectorAll(".w")];
for (const word of words) if (!word.hasAttribute("href")) word.tabIndex = -1;

const mediumOf = (word) => word.dataset.word.split("-")[0];
const playerOf = (word) => document.querySelector(`[data-player="${mediumOf(word)}"] audio`);
const boxOf = (word) => document.querySelector(`.boxes rect[data-word="${word.dataset.word}"]`);

function mark(word) {
  for (const other of document.querySelectorAll(".w.now, .boxes rect.now")) other.classList.remove("now");
  if (!word) return;
  word.classList.add("now");
  const box = boxOf(word);
  if (box) box.classList.add("now");
}

function show(word) {
  mark(word);
  const box = boxOf(word);
  if (box) scrollToBox(box);
  const player = playerOf(word);
  if (player && word.dataset.start) {
    player.currentTime = Math.max(0, Number(word.dataset.start) - LEAD_IN);
    player.play();
  }
}

/* Moves only the frame around the page, never the window: the reader keeps their place in the text. */
function scrollToBox(box) {
  const frame = box.closest(".scan-frame");
  const there = box.getBoundingClientRect();
  const here = frame.getBoundingClientRect();
  frame.scrollTop += there.top + there.height / 2 - here.top - here.height / 2;
  frame.scrollLeft += there.left + there.width / 2 - here.left - here.width / 2;
}

function nextDoubt(from) {
  const doubts = words.filter((word) => word.classList.contains("doubt") && word.closest("[data-reading]"));
  if (!doubts.length) return;
  const after = from ? doubts.find((word) => words.indexOf(word) > words.indexOf(from)) : doubts[0];
  const word = after || doubts[0];
  word.focus();
  mark(word);
  const box = boxOf(word);
  if (box) scrollToBox(box);
}

for (const word of words) {
  word.addEventListener("click", (event) => {
    event.preventDefault();
    show(word);
  });
  word.addEventListener("focus", () => mark(word));
  word.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const neighbour = step && words[words.indexOf(word) + step];
    if (neighbour) neighbour.focus();
    else if (event.key === "Enter" || event.key === " ") show(word);
    else if (event.key === "n" || event.key === "N") nextDoubt(word);
    else return;
    event.preventDefault();
  });
}

let lastDoubt = null;
document.addEventListener("focusin", (event) => {
  if (event.target.classList.contains("w")) lastDoubt = event.target;
});
for (const button of document.querySelectorAll("[data-next-doubt]")) button.addEventListener("click", () => nextDoubt(lastDoubt));

for (const holder of document.querySelectorAll("[data-player]")) {
  const player = holder.querySelector("audio");
  if (!player) continue;
  const heard = words.filter((word) => word.dataset.start && mediumOf(word) === holder.dataset.player && word.closest("[data-reading]"));
  player.addEventListener("timeupdate", () => {
    if (player.paused) return;
    mark(heard.filter((word) => Number(word.dataset.start) <= player.currentTime).at(-1));
  });
  holder.querySelector("[data-back]").addEventListener("click", (event) => {
    player.currentTime = Math.max(0, player.currentTime - Number(event.currentTarget.dataset.back));
    player.play();
  });
  holder.querySelector("[data-speed]").addEventListener("change", (event) => {
    player.playbackRate = Number(event.target.value);
  });
}

for (const scan of document.querySelectorAll("[data-page]")) {
  const image = scan.querySelector("img");
  const boxes = scan.querySelector(".boxes");
  if (!image && !boxes) continue;
  if (image) {
    /* Boxes are measured in the picture's own pixels, which only the loaded picture knows. */
    const fit = () => boxes && image.naturalWidth && boxes.setAttribute("viewBox", `0 0 ${image.naturalWidth} ${image.naturalHeight}`);
    if (image.complete) fit();
    image.addEventListener("load", fit);
  }
  scan.querySelector("[data-zoom]").addEventListener("click", (event) => {
    const enlarged = scan.classList.toggle("enlarged");
    event.currentTarget.setAttribute("aria-pressed", String(enlarged));
  });
  if (boxes) boxes.addEventListener("click", (event) => {
    const word = words.find((candidate) => candidate.dataset.word === event.target.dataset.word && candidate.closest("[data-reading]"));
    if (word) word.focus();
  });
}

/* The rest of the menu closes by itself: a press elsewhere, or Escape. */
const morePages = document.querySelector(".more-pages");
if (morePages) {
  document.addEventListener("click", (event) => { if (!morePages.contains(event.target)) morePages.open = false; });
  morePages.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    morePages.open = false;
    morePages.querySelector("summary").focus();
  });
}
