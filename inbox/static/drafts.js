/* What is typed about a contribution is kept while it is typed: by the gateway, and while that cannot be reached
   in this browser, sealed with a key that only the contribution's page holds. Without this file the text goes
   along with whatever button is pressed. */
"use strict";

const PREFIX = "portevoix-draft-";
const KEEP_EVERY = 150; // milliseconds between two while somebody types: what a browser that dies may lose
const KEEP_AFTER = 700; // milliseconds without a key pressed, while the gateway cannot be reached
const TRY_AGAIN_AFTER = 5000;
const MOST_KEPT_ALIVE = 60000; // bytes a browser sends after its page is gone (Fetch standard: 64 KiB in all)

const keepAddress = document.body.dataset.drafts;

/* Resolves to {kept, is_new, signed_in}, or null while the gateway cannot say: then it is tried again. */
async function handIn(fields, keepalive = false) {
  try {
    const answer = await fetch(keepAddress, { method: "POST", body: new URLSearchParams(fields), keepalive, credentials: "same-origin" });
    if (answer.status !== 200 && answer.status !== 410) return null;
    return await answer.json();
  } catch {
    return null;
  }
}

/* --- copies this browser keeps ------------------------------------------------------------------ */

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

function base64Of(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 8192) letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(letters);
}

/* Web Crypto is there in secure contexts only; without it nothing is kept here, and leaving is asked about. */
async function sealed(text, key) {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, new TextEncoder().encode(text));
  const whole = new Uint8Array(12 + cipher.byteLength);
  whole.set(nonce);
  whole.set(new Uint8Array(cipher), 12);
  return base64Of(whole);
}

function copies() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

/* Hands in what could not be handed in before; true when any of it is about this contribution. */
async function handInCopies(contribution) {
  let about = false;
  for (const name of copies()) {
    const written = localStorage.getItem(name);
    let copy = null;
    try {
      copy = JSON.parse(written);
    } catch { /* not one of ours: removed below */ }
    if (!copy) {
      localStorage.removeItem(name);
      continue;
    }
    const answer = await handIn({ sheet: copy.sheet, typed: copy.typed, sealed: copy.sealed });
    if (!answer) continue;
    // The page it comes from may be open in another tab, and have written more meanwhile.
    if (localStorage.getItem(name) === written) localStorage.removeItem(name);
    about ||= Boolean(answer.is_new) && copy.contribution === contribution;
  }
  return about;
}

/* --- the box ------------------------------------------------------------------------------------- */

class Box {
  constructor(holder) {
    this.holder = holder;
    this.area = holder.querySelector("textarea");
    this.form = this.area.form;
    this.sheet = this.form.elements.sheet.value;
    this.counter = this.form.elements.typed;
    this.count = 0; // rises with every change
    this.there = 0; // what the gateway has
    this.here = 0; // what this browser has
    this.name = PREFIX + this.sheet.slice(-27); // the signature tells pages apart
    this.timer = null;
    this.sending = null;
    this.leaving = false;
    this.shown = this.area.value;
    this.key = null;
    if (holder.dataset.localKey && crypto.subtle) {
      this.key = crypto.subtle.importKey("raw", bytesOf(holder.dataset.localKey), "AES-GCM", false, ["encrypt"]);
    }
    this.area.addEventListener("input", () => this.changed());
    this.form.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("click", (event) => this.clicked(event));
    addEventListener("online", () => this.flush());
    addEventListener("pagehide", () => this.last());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.last());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.leaving = false;
    });
    addEventListener("beforeunload", (event) => {
      if (this.isSafe) return;
      event.preventDefault();
      event.returnValue = ""; // what browsers before 2023 go by
    });
  }

  get isUntouched() {
    return this.count === 0;
  }

  get isSafe() {
    return this.leaving || this.there === this.count || this.here === this.count || this.fits;
  }

  /* Whether what is left to send can still be sent while the page goes, as far as the gateway is known to be there. */
  get fits() {
    return !this.isLost && new TextEncoder().encode(this.area.value).length * 3 < MOST_KEPT_ALIVE;
  }

  get fields() {
    return { sheet: this.sheet, typed: String(this.count), body: this.area.value };
  }

  changed() {
    this.leaving = false; // a button was pressed, and its answer stopped before it came
    this.count += 1;
    this.counter.value = String(this.count);
    this.tell("kept", false);
    this.relabel();
    this.copy();
    if (this.timer && !this.isLost) return;
    this.later(this.isLost ? KEEP_AFTER : KEEP_EVERY);
  }

  /* A timer that has run is none any more, also when something is being sent just then. */
  later(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush();
    }, milliseconds);
  }

  /* The button says what it will do with what was typed. */
  relabel() {
    const typed = this.area.value.trim() !== this.shown.trim();
    for (const button of document.querySelectorAll("[data-typed-label]")) {
      button.dataset.label ??= button.textContent;
      button.textContent = typed ? button.dataset.typedLabel : button.dataset.label;
    }
  }

  async copy() {
    if (!this.key) return;
    const count = this.count;
    try {
      const text = await sealed(this.area.value, await this.key);
      if (count !== this.count || count === this.there) return;
      localStorage.setItem(this.name, JSON.stringify({ sheet: this.sheet, typed: String(count), sealed: text, contribution: this.holder.dataset.contribution }));
      this.here = count;
    } catch { /* full, or forbidden: then leaving is asked about */ }
  }

  /* Sends until the gateway has what stands in the box; true once it has. */
  flush() {
    this.sending ??= this.send().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  async send() {
    clearTimeout(this.timer);
    this.timer = null;
    while (this.there !== this.count) {
      const count = this.count;
      const answer = await handIn(this.fields);
      if (!answer) {
        this.lost(true);
        this.later(TRY_AGAIN_AFTER);
        return false;
      }
      this.lost(false);
      this.there = count;
      this.tell("gone", !answer.kept);
      this.tell("signed-out", answer.kept && !answer.signed_in);
      this.tell("kept", answer.kept && count === this.count && this.area.value.trim() !== "");
    }
    try {
      localStorage.removeItem(this.name);
    } catch { /* there is none */ }
    return true;
  }

  /* While the page goes: what is not there yet, if a browser still sends so much. */
  last() {
    if (this.leaving || this.there === this.count || !this.fits) return;
    const count = this.count;
    handIn(this.fields, true).then((answer) => {
      if (answer) this.there = Math.max(this.there, count);
    });
  }

  lost(isLost) {
    this.isLost = isLost;
    this.tell("not-kept", isLost);
  }

  tell(what, isSo) {
    const line = this.holder.querySelector(`[data-${what}]`);
    if (line.hidden === isSo) line.hidden = !isSo;
  }

  /* A button takes the text along; one pressed while the gateway cannot be reached would show an empty window. What
     is kept nowhere yet is kept first, for only then is it known whether the gateway is there. */
  async submitted(event) {
    const isKept = this.there === this.count || (this.here === this.count && !this.isLost);
    if (isKept) {
      this.leaving = true;
      return;
    }
    event.preventDefault();
    if (await this.flush()) this.form.requestSubmit(event.submitter);
  }

  /* A link waits for what was typed. */
  async clicked(event) {
    const link = event.target.closest("a[href]");
    if (!link || link.target || link.hasAttribute("download") || link.getAttribute("href").startsWith("#")) return;
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (this.there === this.count) return;
    event.preventDefault();
    await this.flush();
    location.href = link.href;
  }
}

const holder = document.querySelector("[data-box]");
const box = holder && new Box(holder);
handInCopies(holder ? holder.dataset.contribution : null).then((about) => {
  if (about && box && box.isUntouched) location.replace(holder.dataset.page);
  else if (holder) holder.dataset.settled = ""; // this page stays
});
