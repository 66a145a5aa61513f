/* The keying desk by keys: the next one stands there at once, answers go out behind it, every letter is kept.
   Without this file each answer is a form that leads to the next. */
"use strict";

{
const KEEP_AFTER = 400; // milliseconds without a key pressed
const TRY_AGAIN_AFTER = 3000;
const FEW = 6; // things left at which more are asked for

const tasks = document.querySelector("[data-tasks]");
if (tasks) {
  const shownDone = document.querySelector("[data-done]");
  const empty = document.querySelector("[data-empty]");
  const before = [];
  const known = new Set();
  let done = 0;
  let asking = false;
  let over = false;

  const now = () => tasks.querySelector(".task");
  const formOf = (task) => task.querySelector("form");
  const field = (form, name) => form.elements[name];
  for (const task of tasks.children) known.add(task.dataset.task);

  /* --- what goes out ------------------------------------------------------------------------ */

  const queue = [];
  let sending = false;

  async function post(address, fields, keepalive = false) {
    try {
      const answer = await fetch(address, { method: "POST", body: fields, keepalive, credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.redirected || answer.status === 401 || answer.status === 403) {
        location.reload(); // the session has ended: what was typed is kept, and shown again after signing in
        return true;
      }
      return answer.status < 500;
    } catch {
      return false;
    }
  }

  async function send() {
    if (sending) return;
    sending = true;
    while (queue.length) {
      const { address, fields } = queue[0];
      if (await post(address, fields)) queue.shift();
      else {
        tell(now(), tasks.dataset.lost);
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_AFTER));
      }
    }
    sending = false;
  }

  addEventListener("beforeunload", (event) => {
    if (!queue.length) return;
    event.preventDefault();
    event.returnValue = "";
  });

  const tell = (task, words) => {
    const line = task && task.querySelector("[data-kept]");
    if (line) line.textContent = words;
  };

  /* --- what is being typed ------------------------------------------------------------------ */

  const timers = new WeakMap();

  async function keep(form, keepalive = false) {
    clearTimeout(timers.get(form));
    if (form.dataset.keptNumber === form.dataset.number) return;
    const number = form.dataset.number;
    const fields = new URLSearchParams({ csrf_token: field(form, "csrf_token").value, body: field(form, "body").value, number });
    if (await post(form.dataset.draft, fields, keepalive)) {
      form.dataset.keptNumber = number;
      if (form.dataset.number === number) tell(form.closest(".task"), tasks.dataset.saved);
    } else {
      tell(form.closest(".task"), tasks.dataset.lost);
      timers.set(form, setTimeout(() => keep(form), TRY_AGAIN_AFTER));
    }
  }

  tasks.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || event.target.name !== "body") return;
    form.dataset.typed = "1";
    form.dataset.number = String(Number(form.dataset.number) + 1);
    tell(form.closest(".task"), "");
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => keep(form), KEEP_AFTER));
  });
  addEventListener("pagehide", () => {
    const task = now();
    if (task && formOf(task).dataset.typed) keep(formOf(task), true);
  });

  /* --- one after the other ------------------------------------------------------------------ */

  function focus() {
    const task = now();
    empty.hidden = Boolean(task) || !over;
    if (!task) return;
    const body = field(formOf(task), "body");
    if (body) {
      body.focus();
      if (body.hasAttribute("data-suggested")) body.select();
      else body.setSelectionRange(body.value.length, body.value.length);
    } else task.querySelector("button.primary").focus({ preventScroll: true });
  }

  async function more() {
    if (asking || over) return;
    asking = true;
    // What has been answered must be there before more is asked for, or it would be handed out again.
    await send();
    try {
      const answer = await fetch(tasks.dataset.more, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) {
        const holder = document.createElement("ol");
        holder.innerHTML = await answer.text();
        const fresh = [...holder.querySelectorAll(".task")].filter((task) => !known.has(task.dataset.task));
        for (const task of fresh) known.add(task.dataset.task);
        const none = !now();
        tasks.append(...fresh);
        over = !fresh.length;
        if (none) focus();
      }
    } catch { /* asked again with the next answer */ }
    asking = false;
    if (over && !now()) focus();
  }

  function say(form, value) {
    if (value === "keyed" && !field(form, "body").value.trim()) {
      field(form, "body").focus();
      return;
    }
    clearTimeout(timers.get(form));
    form.dataset.keptNumber = form.dataset.number;
    const fields = new URLSearchParams(new FormData(form));
    fields.set("said", value);
    queue.push({ address: form.action, fields });
    send();
    const task = form.closest(".task");
    before.push(task);
    task.remove();
    done += 1;
    shownDone.textContent = shownDone.dataset.words.replace("{number}", done);
    focus();
    if (tasks.children.length < FEW) more();
  }

  function back() {
    const task = before.pop();
    if (!task) return;
    tasks.prepend(task);
    done -= 1;
    shownDone.textContent = shownDone.dataset.words.replace("{number}", done);
    focus();
  }

  tasks.addEventListener("submit", (event) => {
    event.preventDefault();
    say(event.target, event.submitter ? event.submitter.value : "keyed");
  });

  addEventListener("keydown", (event) => {
    const task = now();
    if (!task || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const isTyping = event.target.name === "body";
    if (event.key === (field(formOf(task), "body") ? "PageUp" : "Backspace")) {
      event.preventDefault();
      back();
      return;
    }
    if (isTyping && event.key === "Enter" && event.shiftKey) return;
    for (const control of task.querySelectorAll("[data-keys]")) {
      if (!control.dataset.keys.split(" ").includes(event.key.length === 1 ? event.key.toLowerCase() : event.key)) continue;
      if (event.key === "Enter" && !isTyping) return; // on a button, it presses that one
      event.preventDefault();
      if (event.repeat && !isTyping) return;
      if (control.type === "checkbox") control.checked = !control.checked;
      else say(formOf(task), control.value);
      return;
    }
  });

  focus();
  if (tasks.children.length < FEW) more();
}
}
