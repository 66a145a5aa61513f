/* Comfort only: files are fetched without it. Says how far a long file is written. */
"use strict";

const told = document.querySelector("[data-progress]");
const bar = told.querySelector("progress");
const line = told.querySelector("[data-progress-line]");
let asking = 0;

async function ask(before) {
  const answer = await fetch(told.dataset.progress, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const now = await answer.json();
  if (now.id && now.id !== before) {
    told.hidden = false;
    bar.max = Math.max(now.of_all, now.done, 1);
    bar.value = now.done;
    line.textContent = now.said;
    if (now.ended) return;
  }
  if (Date.now() < asking) setTimeout(() => ask(before), 1000);
}

for (const link of document.querySelectorAll("a[data-file]")) {
  link.addEventListener("click", () => {
    asking = Date.now() + 3600 * 1000;
    setTimeout(() => ask(Number(told.dataset.newest)), 500);
  });
}
