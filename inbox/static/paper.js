/* Comfort only: batches that are still being read follow by themselves; files are dropped, taken with a camera and sent
   with their progress shown. Every page works without this file. */
"use strict";

{
const LOOK_EVERY = 2000; // milliseconds

/* --- a batch that is being read --------------------------------------------------------------- */

async function follow() {
  const shown = document.querySelector("[data-live]");
  if (!shown || shown.dataset.live !== "open") return;
  // Nobody's typing or opened menu is taken away.
  const busy = shown.contains(document.activeElement) || shown.querySelector("details[open]");
  if (!busy && document.visibilityState === "visible") {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("[data-live]");
        const head = page.querySelector(".page-head");
        if (fresh) shown.replaceWith(fresh);
        if (head) document.querySelector(".page-head").replaceWith(head);
        for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
      }
    } catch { /* the gateway is away for a moment: the next look finds it */ }
  }
  setTimeout(follow, LOOK_EVERY);
}
setTimeout(follow, LOOK_EVERY);

/* --- handing in ------------------------------------------------------------------------------- */

const upload = document.querySelector("[data-upload]");
if (upload) {
  const input = upload.querySelector('input[type="file"][name="files"]');
  const drop = upload.querySelector("[data-drop]");
  const list = upload.querySelector("[data-chosen]");
  const chosen = new DataTransfer();

  const show = () => {
    input.files = chosen.files;
    list.replaceChildren(
      ...[...chosen.files].map((file, number) => {
        const line = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = file.name;
        const remove = document.createElement("button");
        remove.type = "button";
        remove.className = "button quiet small";
        remove.textContent = list.dataset.remove;
        const unseen = document.createElement("span");
        unseen.className = "unseen";
        unseen.textContent = ` ${file.name}`;
        remove.append(unseen);
        remove.addEventListener("click", () => {
          chosen.items.remove(number);
          show();
        });
        line.append(name, remove);
        return line;
      }),
    );
  };
  const add = (files) => {
    for (const file of files) chosen.items.add(file);
    show();
  };

  for (const other of upload.querySelectorAll("[data-adds]")) {
    other.addEventListener("change", () => {
      add(other.files);
      other.value = "";
    });
  }
  input.addEventListener("change", () => {
    const fresh = [...input.files].filter((file) => ![...chosen.files].some((one) => one.name === file.name && one.size === file.size && one.lastModified === file.lastModified));
    add(fresh);
  });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    add(await filesOf(event.dataTransfer));
  });

  /* One by one, so that a lost connection costs one file; what was sent is not sent again. */
  const sent = new Map();
  let batch = "";
  upload.addEventListener("submit", async (event) => {
    if (!chosen.files.length) return;
    event.preventDefault();
    const progress = upload.querySelector("[data-progress]");
    const bar = progress.querySelector("progress");
    const said = progress.querySelector("[data-said]");
    const button = upload.querySelector("button.primary");
    const files = [...chosen.files];
    progress.hidden = false;
    button.disabled = true;
    let next = null;
    for (const [number, file] of files.entries()) {
      if (!sent.has(file)) {
        said.textContent = progress.dataset.sending.replace("{number}", number + 1).replace("{all}", files.length).replace("{name}", file.name);
        const answer = await send(upload, file, batch, (share) => {
          bar.value = (number + share) / files.length;
        });
        if (answer === "refused") {
          upload.submit(); // as every form is sent: the page says what is wrong
          return;
        }
        if (!answer) {
          said.textContent = progress.dataset.failed;
          button.disabled = false;
          return;
        }
        sent.set(file, answer);
        batch ||= answer.is_new ? String(answer.batch) : "";
      }
      const told = sent.get(file);
      if (!next || told.is_new) next = told.next;
      bar.value = (number + 1) / files.length;
    }
    const known = [...sent.values()].filter((one) => !one.is_new).length;
    location.href = known ? `${next}?known=${known}` : next;
  });
}

/* Resolves to what the gateway says of the file, to "refused", or to null while it cannot be reached. */
function send(form, file, batch, progressed) {
  return new Promise((resolve) => {
    const fields = new FormData(form);
    fields.delete("files");
    fields.append("files", file, file.name);
    if (batch) fields.append("batch", batch);
    const request = new XMLHttpRequest();
    request.open("POST", location.href);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (sent) => sent.lengthComputable && progressed(sent.loaded / sent.total));
    request.addEventListener("load", () => resolve(request.status === 200 ? request.response : request.status < 500 ? "refused" : null));
    request.addEventListener("error", () => resolve(null));
    request.send(fields);
  });
}

/* The files that were dropped, those of folders as well. */
async function filesOf(dropped) {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) return [...dropped.files];
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const one of some.sort((a, b) => a.name.localeCompare(b.name))) await walk(one);
    }
  };
  for (const entry of entries) await walk(entry);
  return found.filter((file) => !file.name.startsWith("."));
}
}
