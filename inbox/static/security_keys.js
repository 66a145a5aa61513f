/* Security keys: asks the browser for a key's answer, and sends it with the form. Without this file, and in browsers
   without keys, the button stays away; the code of the telephone and recovery codes work without it. */
"use strict";

const fromUrlSafe = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toUrlSafe = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function inBytes(options) {
  const read = { ...options, challenge: fromUrlSafe(options.challenge) };
  if (options.user) read.user = { ...options.user, id: fromUrlSafe(options.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (options[list]) read[list] = options[list].map((one) => ({ ...one, id: fromUrlSafe(one.id) }));
  }
  return read;
}

function inText(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toUrlSafe(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id, rawId: toUrlSafe(credential.rawId), type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(), response,
  });
}

for (const form of document.querySelectorAll("form[data-key-options]")) {
  if (!window.PublicKeyCredential) continue;
  const refused = form.querySelector("[data-key-refused]");
  form.hidden = false;
  for (const one of document.querySelectorAll("[data-without-keys]")) one.hidden = true;
  form.addEventListener("submit", async (event) => {
    const field = form.querySelector("input[name=credential]");
    if (field.value) return;
    event.preventDefault();
    refused.hidden = true;
    const publicKey = inBytes(JSON.parse(form.dataset.keyOptions));
    try {
      const made = form.dataset.keyNew !== undefined
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
      field.value = inText(made);
    } catch {
      refused.hidden = false; // nobody touched the key, it is none of these, or it is registered already
      refused.focus();
      return;
    }
    form.submit();
  });
}
