/* Comfort only: without this file the same buttons put a passage below what is written, and save the draft.
   In the box of an answer, Alt and a number put a passage where the cursor is. */
"use strict";

function insert(box, words) {
  if (!words) return;
  const before = box.value.slice(0, box.selectionStart);
  const after = box.value.slice(box.selectionEnd);
  const gap = before && !/\s$/.test(before) ? (before.includes("\n") || before.length > 80 ? "\n\n" : " ") : "";
  box.focus();
  /* As if it were typed, so that it can be undone as such. */
  if (!document.execCommand("insertText", false, gap + words)) {
    box.value = before + gap + words + after;
    box.selectionStart = box.selectionEnd = (before + gap + words).length;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

for (const button of document.querySelectorAll("button[data-passage]")) {
  button.addEventListener("click", (event) => {
    const box = document.getElementById(button.dataset.into);
    if (!box) return;
    event.preventDefault();
    insert(box, button.dataset.passage);
  });
}

for (const box of document.querySelectorAll("textarea[data-passages]")) {
  box.addEventListener("keydown", (event) => {
    /* By the key's place: with Alt, some keyboards make another letter of it. */
    const digit = event.altKey && !event.ctrlKey && !event.metaKey && /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    const button = digit && document.querySelector(`button[data-into="${box.id}"][data-key="${digit[1]}"]`);
    if (!button) return;
    event.preventDefault();
    insert(box, button.dataset.passage);
  });
}
