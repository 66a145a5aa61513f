/* Comfort only: every page works without this file. Says how far an errand is; tries a theme's words while typing. */
"use strict";

for (const place of document.querySelectorAll("[data-errand]")) {
  const words = place.querySelector("[data-errand-words]");
  const bar = place.querySelector("[data-errand-percent]");
  const look = async () => {
    try {
      const answer = await fetch(place.dataset.errand);
      const told = await answer.json();
      if (!told.open) { window.location.reload(); return; }
      words.textContent = told.words;
      if (bar && told.percent !== null) bar.value = told.percent;
    } catch { /* the network is gone for a moment: it is asked again */ }
    window.setTimeout(look, 1500);
  };
  window.setTimeout(look, 1000);
}

const themes = document.querySelector("form[data-try]");
if (themes) {
  let waits = 0;
  const tryWords = async (box) => {
    const token = themes.querySelector("input[name=csrf_token]").value;
    const form = new URLSearchParams({ csrf_token: token });
    for (const words of box.querySelectorAll("textarea")) form.set(words.name.replace(/^themes\.\d+\./, ""), words.value);
    const answer = await fetch(themes.dataset.try, { method: "POST", body: form });
    if (answer.ok) box.querySelector("[data-trial]").innerHTML = await answer.text();
  };
  themes.addEventListener("input", (event) => {
    const box = event.target.closest(".theme-box");
    if (!box || event.target.tagName !== "TEXTAREA") return;
    window.clearTimeout(waits);
    waits = window.setTimeout(() => tryWords(box), 400);
  });
  for (const button of themes.querySelectorAll("[data-try-button]")) {
    button.addEventListener("click", (event) => { event.preventDefault(); tryWords(button.closest(".theme-box")); });
  }
}
