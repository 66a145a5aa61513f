/* Comfort at the desk: one key for each action, which presses the button that is there anyway; masks by a key on words;
   who else looks. Every page works without this file. */
"use strict";

const keysOf = document.body.dataset.keys ? JSON.parse(document.body.dataset.keys) : null;
const actionOf = keysOf ? Object.fromEntries(Object.entries(keysOf).map(([action, key]) => [key, action])) : {};
const help = document.getElementById("keys-help");

/* --- keys ------------------------------------------------------------------------------------------ */

const isTyping = (target) => target.closest("textarea, select, input:not([type=checkbox]):not([type=radio]), [contenteditable]");

function openFold(fold) {
  fold.open = true;
  const field = fold.querySelector("textarea, select, input:not([type=hidden])");
  if (field) field.focus();
}

/* An action's element, pressed as its kind asks for: a fold is opened, a field gets the focus, all else is clicked. */
function press(element) {
  if (element.tagName === "DETAILS") openFold(element);
  else if (element.matches("textarea, select, input")) {
    element.focus();
    if (element.select) element.select();
  } else if (element.matches("h2")) element.focus();
  else element.click();
}

const acts = {
  help: () => help && (help.open ? help.close() : help.showModal()),
  mask: () => maskChosen(),
  themes: () => tickAll([...document.querySelectorAll("[data-theme]")]),
  play: () => togglePlaying(),
  slower: () => changeSpeed(-1),
  faster: () => changeSpeed(1),
  zoom: () => pressFirst("[data-zoom]"),
  turn: () => pressFirst("[data-turn]"),
  next: () => document.querySelector(".rows") && stepRows(1),
  previous: () => document.querySelector(".rows") && stepRows(-1),
};

function pressFirst(selector) {
  const found = document.querySelector(selector);
  if (found) found.click();
}

function act(action) {
  const element = document.querySelector(`[data-action="${action}"]`);
  if (element && !(action in acts && ["themes", "help"].includes(action))) press(element);
  else if (acts[action]) acts[action]();
  else return false;
  return true;
}

function tickAll(boxes) {
  const all = boxes.every((one) => one.checked);
  for (const one of boxes) one.checked = !all;
  tell(boxes);
}

function tell(boxes) {
  for (const one of boxes) one.dispatchEvent(new Event("change", { bubbles: true }));
}

function stepRows(step) {
  const links = [...document.querySelectorAll(".row h2 a")];
  const at = links.indexOf(document.activeElement);
  const link = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step];
  if (link) link.focus();
}

/* A digit chooses a reason while these are shown, else keeps a theme. */
function digit(number) {
  const reasons = document.querySelector(".reasons[open]");
  const found = reasons ? reasons.querySelectorAll("[data-reason]")[number - 1] : document.querySelectorAll("[data-theme]")[number - 1];
  if (!found) return false;
  found.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && event.target.closest("[data-box]")) {
    event.preventDefault();
    act("publish");
    return;
  }
  if (event.key === "Escape") {
    const fold = event.target.closest("details.correct, details.add-theme, details.note-add, details.reasons, details.bulk-details, details.mask-more");
    if (fold && fold.open) {
      if (fold.matches(".reasons, .bulk-details")) fold.open = false;
      document.activeElement.blur();
      const summary = fold.querySelector("summary");
      if (summary) summary.focus();
      event.preventDefault();
    }
    return;
  }
  if (!keysOf || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (help && help.open && actionOf[event.key] !== "help") return;
  const action = actionOf[event.key.toLowerCase()] || actionOf[event.key];
  // A word has keys of its own, which inbox.js obeys.
  if (action === "doubt" && event.target.classList.contains("w")) return;
  const done = action ? act(action) : /^[1-9]$/.test(event.key) && digit(Number(event.key));
  if (done !== false && (action || done)) event.preventDefault();
});

/* The reasons: shown beside the button that opens them, closed by pressing elsewhere. */
const reasons = document.querySelector("details.reasons");
if (reasons) {
  reasons.addEventListener("toggle", () => {
    const first = reasons.open && reasons.querySelector("[data-reason]");
    if (first) first.focus();
  });
  document.addEventListener("click", (event) => {
    if (reasons.open && !reasons.contains(event.target)) reasons.open = false;
  });
}

/* --- recordings ------------------------------------------------------------------------------------- */

const SILENT_GAP = 1.2; // seconds between two words from which there is something to skip
const LEFT_OF_GAP = 0.3;

const players = [...document.querySelectorAll("[data-player]")].filter((holder) => holder.querySelector("audio"));

function togglePlaying() {
  const audio = players.length && players[0].querySelector("audio");
  if (audio) audio.paused ? audio.play() : audio.pause();
}

function changeSpeed(step) {
  const speed = players.length && players[0].querySelector("[data-speed]");
  if (!speed) return;
  speed.selectedIndex = Math.min(speed.options.length - 1, Math.max(0, speed.selectedIndex + step));
  tell([speed]);
}

for (const holder of players) {
  const audio = holder.querySelector("audio");
  const skips = holder.querySelector("[data-skip-silence]");
  const starts = [...document.querySelectorAll(`.w[data-word^="${holder.dataset.player}-"][data-start]`)].map((word) => Number(word.dataset.start));
  if (!skips || starts.length < 2) continue;
  audio.addEventListener("timeupdate", () => {
    if (!skips.checked || audio.paused) return;
    const following = starts.find((start) => start > audio.currentTime);
    const before = starts.filter((start) => start <= audio.currentTime).at(-1) ?? -SILENT_GAP;
    // A word is rarely longer than a second.
    if (following && following - audio.currentTime > LEFT_OF_GAP * 2 && audio.currentTime - before > SILENT_GAP) audio.currentTime = following - LEFT_OF_GAP;
  });
}

/* The picture so large that its words fill the frame, scrolled to where they begin. */
function cropToText(scan, on) {
  const canvas = scan.querySelector(".scan-canvas");
  const frame = scan.querySelector(".scan-frame");
  canvas.style.width = "";
  if (!on) return;
  scan.classList.remove("enlarged");
  const around = () => canvas.getBoundingClientRect();
  const words = [...scan.querySelectorAll("rect[data-word]")].map((one) => one.getBoundingClientRect());
  const [left, right] = [Math.min(...words.map((one) => one.left)), Math.max(...words.map((one) => one.right))];
  const whole = around();
  const wider = Math.min(4, Math.max(1, (whole.width * 0.94) / (right - left)));
  const top = Math.min(...words.map((one) => one.top)) - whole.top;
  canvas.style.width = `${100 * wider}%`;
  frame.scrollTo((left - whole.left) * wider - frame.clientWidth * 0.03, top * wider - 12);
}

for (const scan of document.querySelectorAll("[data-page]")) {
  const crop = scan.querySelector("[data-crop]");
  if (crop && scan.querySelector("rect[data-word]")) {
    crop.addEventListener("click", () => {
      const on = crop.getAttribute("aria-pressed") !== "true";
      crop.setAttribute("aria-pressed", String(on));
      cropToText(scan, on);
    });
  }
  const turn = scan.querySelector("[data-turn]");
  if (!turn) continue;
  turn.addEventListener("click", () => {
    const turned = (Number(scan.dataset.turned || 0) + 1) % 4;
    scan.dataset.turned = String(turned);
  });
}

/* --- two engines ------------------------------------------------------------------------------------- */

const others = [...document.querySelectorAll('[data-reading] input[name="other"]')];

/* Struck out are the words that are left, for whoever sees; a screen reader hears what was taken. */
function showTaken(box) {
  for (const word of document.querySelectorAll(`[data-reading] [data-disputed="${box.value}"]`)) word.classList.toggle("left", box.checked);
}

/* The other reading of the place that has the focus, and on to the next; from anywhere else to the first place. */
function takeOther() {
  if (!others.length) return;
  const here = lastDoubt && lastDoubt.dataset.disputed;
  const box = here && others.find((one) => one.value === here);
  const at = box ? others.indexOf(box) : -1;
  if (box) {
    box.checked = !box.checked;
    tell([box]);
    const said = document.querySelector("[data-said-other]");
    const words = box.nextElementSibling.lastChild.textContent;
    said.textContent = `${box.checked ? said.dataset.taken : said.dataset.kept} ${words}`;
  }
  const following = others[at + 1];
  const word = following && document.querySelector(`[data-reading] [data-disputed="${following.value}"]`);
  if (word) word.focus();
}

for (const box of others) {
  box.addEventListener("change", () => showTaken(box));
  showTaken(box);
}
const taking = document.querySelector("[data-take-other]");
if (taking) taking.addEventListener("click", takeOther);

/* --- masks ------------------------------------------------------------------------------------------ */

const chosen = document.querySelector("[data-chosen-masks]");
const proposals = [...document.querySelectorAll('.mask-list input[name="mask"]')];

const folded = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/* Every place of the words is covered at once, as it will be when the text is saved. */
function cover() {
  const masks = [...document.querySelectorAll('input[name="mask"]:checked')].map((one) => folded(one.value.slice(one.value.indexOf(":") + 1)));
  for (const mark of document.querySelectorAll("mark.personal")) mark.classList.toggle("masked", masks.includes(folded(mark.textContent)));
  const words = [...document.querySelectorAll("[data-reading] .w")];
  const parts = words.map((word) => folded(word.firstChild ? word.firstChild.textContent : ""));
  const hidden = new Set();
  for (const mask of masks) {
    const wanted = mask.split(" ");
    for (let at = 0; at + wanted.length <= parts.length; at += 1) {
      if (wanted.every((part, place) => parts[at + place] === part)) wanted.forEach((_part, place) => hidden.add(at + place));
    }
  }
  words.forEach((word, at) => {
    word.classList.toggle("masked", hidden.has(at));
    const box = document.querySelector(`.boxes rect[data-word="${word.dataset.word}"]`);
    if (box) box.classList.toggle("masked", hidden.has(at));
  });
}

function addMask(words) {
  const clean = words.replace(/\s+/g, " ").trim().slice(0, 200);
  if (!folded(clean) || !chosen) return;
  const known = [...document.querySelectorAll('input[name="mask"]')].find((one) => folded(one.value.slice(one.value.indexOf(":") + 1)) === folded(clean));
  if (known) {
    known.checked = !known.checked;
    tell([known]);
    return;
  }
  const line = document.createElement("li");
  line.className = "check";
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", name: "mask", value: `name:${clean}`, checked: true, id: `mask-own-${chosen.childElementCount}` });
  box.setAttribute("form", "desk");
  const label = document.createElement("label");
  label.htmlFor = box.id;
  const strong = document.createElement("strong");
  strong.textContent = clean;
  label.append(strong);
  line.append(box, label);
  chosen.append(line);
  cover();
}

/* The chosen words, else the word that has the focus, else everything that is proposed. */
function maskChosen() {
  const selection = String(getSelection()).trim();
  const within = getSelection().anchorNode && (getSelection().anchorNode.parentElement || document.body).closest(".text-sheet, .original");
  const word = document.activeElement.closest(".w");
  if (selection && within) addMask(selection);
  else if (word) addMask(word.firstChild.textContent);
  else if (proposals.length) tickAll(proposals);
  else openFold(document.querySelector(".mask-more") || document.createElement("details"));
}

document.addEventListener("change", (event) => {
  if (event.target.name === "mask") cover();
});
if (chosen) cover();

/* --- who else looks ---------------------------------------------------------------------------------- */

const EVERY = 50000; // milliseconds; somebody counts as looking for two minutes
const presence = document.querySelector("[data-looking]");

async function look() {
  if (document.visibilityState === "hidden") return;
  try {
    const body = new URLSearchParams({ csrf_token: presence.dataset.token });
    const answer = await fetch(presence.dataset.looking, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const { said } = await answer.json();
    const line = presence.querySelector("[data-said-others]");
    if (line.textContent !== said) line.textContent = said;
    presence.hidden = !said;
  } catch { /* shown when it can be known again */ }
}

if (presence) {
  look();
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}

/* --- the list ---------------------------------------------------------------------------------------- */

const counter = document.querySelector("[data-chosen]");
if (counter) {
  const boxes = [...document.querySelectorAll('input[name="id"][form="bulk"]')];
  const count = () => {
    const number = boxes.filter((one) => one.checked).length;
    counter.textContent = String(number);
    counter.hidden = number === 0;
  };
  for (const one of boxes) one.addEventListener("change", count);
  let last = null;
  for (const one of boxes) {
    one.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(one)].sort((a, b) => a - b);
        for (const between of boxes.slice(from, to + 1)) between.checked = one.checked;
      }
      last = one;
      count();
    });
  }
  count();
}
