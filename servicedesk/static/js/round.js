// The round: every answer is written down on this phone first, then sent; without a network it waits here.

const round = document.querySelector("[data-round]");
const words = round.dataset;
const RETRY_MS = 15000;
const PHOTO_SIDE = 1600; // enough to read a display; a camera's own size would hinder sending
let csrf = document.querySelector('meta[name="csrf-token"]').content;
let sending = false;
let again = false;

// A number of one's own for each answer: sent twice, it is still one answer. Plain http has no randomUUID.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("servicedesk-round", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("answers", { keyPath: "uuid" });
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

async function store(mode, act) {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("answers", mode);
    const request = act(transaction.objectStore("answers"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
  });
}
const keep = (entry) => store("readwrite", (answers) => answers.put(entry));
const forget = (entry) => store("readwrite", (answers) => answers.delete(entry.uuid));

// Of this round and this person, oldest first; another person's wait until they sign in.
async function waiting() {
  const all = await store("readonly", (answers) => answers.getAll());
  return all.filter((one) => one.run === words.round && one.user === words.user).sort((a, b) => a.at - b.at);
}

const formOf = (entry) => round.querySelector(`form[data-answer="${entry.answer}"]`);

function show(row, html) {
  const state = row.querySelector("[data-state]");
  state.innerHTML = html; // a part of a page, made by the server as any other
}

function complain(form, text) {
  const error = form.querySelector("[data-error]");
  error.textContent = text;
  error.hidden = !text;
}

async function tell() {
  const entries = await waiting();
  const queue = round.querySelector("[data-queue]");
  const count = entries.length === 1 ? words.waitingOne : words.waitingMany.replace("{n}", entries.length);
  const states = [entries.length ? count : "", navigator.onLine ? "" : words.offline];
  queue.textContent = states.filter(Boolean).join(" · ");
  queue.hidden = !queue.textContent;
  for (const old of round.querySelectorAll("[data-kept]")) old.remove();
  for (const entry of entries) {
    const form = formOf(entry);
    if (!form) continue;
    const mark = Object.assign(document.createElement("div"), { className: "round-conflict small" });
    mark.dataset.kept = "";
    const text = document.createElement("span");
    text.textContent = entry.words || words.kept;
    mark.append(text);
    if (entry.state === "conflict") mark.append(...choice(entry));
    if (entry.state === "closed") mark.append(button(words.discard, () => forget(entry)));
    form.before(mark);
  }
}

function button(label, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: label });
  made.addEventListener("click", async () => {
    await act();
    await tell();
    send();
  });
  return made;
}

function choice(entry) {
  const replace = async () => {
    await forget(entry);
    await keep({ ...entry, uuid: uuid(), seen: entry.theirs, state: "waiting", words: "" });
  };
  return [button(words.theirs, () => forget(entry)), button(words.mine, replace)];
}

function body(entry) {
  const data = new FormData();
  for (const name of ["uuid", "seen", "value", "said", "remark", "given_at"]) data.append(name, entry[name]);
  if (entry.photo) data.append("photo", entry.photo, "photo.jpg");
  return data;
}

async function post(entry) {
  const request = () =>
    fetch(entry.action, {
      method: "POST",
      body: body(entry),
      redirect: "manual",
      headers: { "X-CSRFToken": csrf, Accept: "application/json" },
    });
  let answer = await request();
  if (answer.status === 400) {
    // The page may be older than its token, above all when it was opened again without a network.
    const page = await fetch(location.pathname);
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
    csrf = fresh.querySelector('meta[name="csrf-token"]')?.content ?? csrf;
    answer = await request();
  }
  return answer;
}

async function deliver(entry) {
  const answer = await post(entry);
  if (answer.type === "opaqueredirect" || answer.status === 401) {
    await keep({ ...entry, words: words.signIn });
    return false;
  }
  if (answer.status >= 500 || answer.status === 400) return false;
  const told = await answer.json();
  const form = formOf(entry);
  if (told.state === "saved" || told.state === "repeated") await forget(entry);
  else if (told.state === "refused" || !told.state) await refused(entry, form, told.error);
  else await keep({ ...entry, state: told.state, words: told.words, theirs: told.version });
  if (form && told.html) {
    show(form.parentElement, told.html);
    form.elements.seen.value = told.version;
    round.querySelector("[data-done]").textContent = told.done;
    round.querySelector("progress").value = told.done;
    countPart(form.closest("section"));
  }
  return true;
}

// How many of a room are answered stands at its head, which is all one sees of it when it is folded.
function countPart(section) {
  const forms = [...section.querySelectorAll("form[data-answer]")];
  const answered = forms.filter((one) => Number(one.elements.seen.value) > 0).length;
  section.querySelector("[data-part-done]").textContent = `${answered} / ${forms.length}`;
}

// An address that leads to a folded room or an item in it, as a scanned label does, unfolds it.
function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const part = target && (target.closest(".round-part") ?? target.querySelector(".round-part"));
  if (!part || part.open) return;
  part.open = true;
  target.scrollIntoView();
}
unfold();
addEventListener("hashchange", unfold);

// What can never be accepted is not sent again; what was written still stands in the form.
async function refused(entry, form, words_) {
  await forget(entry);
  if (form) complain(form, words_ ?? "");
}

async function send() {
  again = true; // what is written, or a network that returns, while others are on their way: another turn
  if (sending) return;
  sending = true;
  while (again) {
    again = false;
    await turn();
  }
  sending = false;
  await tell();
}

async function turn() {
  try {
    for (const entry of await waiting()) {
      if (entry.state === "waiting" && !(await deliver(entry))) return;
    }
  } catch (error) {
    // TypeError is fetch's word for "no network": the answers stay here.
    if (!(error instanceof TypeError)) console.error("answers could not be sent:", error);
  }
}

async function smaller(file) {
  if (!file || !file.size) return null;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, PHOTO_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  } catch {
    return file; // no picture this browser can read: the server says what is wrong with it
  }
}

async function write(form) {
  const fields = new FormData(form);
  const number = form.dataset.answer;
  let photo = await smaller(fields.get("photo"));
  complain(form, "");
  for (const entry of await waiting()) {
    // What was not sent yet is replaced, but for its photo when there is no newer one.
    if (entry.answer !== number || entry.state !== "waiting") continue;
    photo ??= entry.photo;
    await forget(entry);
  }
  await keep({
    uuid: uuid(),
    at: Date.now(),
    run: words.round,
    user: words.user,
    answer: number,
    action: form.getAttribute("action"),
    seen: fields.get("seen"),
    value: fields.get("value") ?? "",
    said: fields.get("said") ?? "",
    remark: fields.get("remark") ?? "",
    photo,
    given_at: new Date().toISOString(),
    state: "waiting",
    words: "",
  });
  form.querySelector('[name="photo"]').value = "";
  await tell();
}

for (const form of round.querySelectorAll("form[data-answer]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await write(form);
    await send();
  });
  // A choice without a photo is an answer by itself.
  form.addEventListener("change", async (event) => {
    if (event.target.type !== "radio" || form.dataset.photo) return;
    form.requestSubmit();
  });
}

for (const form of round.querySelectorAll("form[data-all-normal]")) {
  form.hidden = !form.closest("section").querySelector(".round-choice");
  form.addEventListener("submit", async (event) => {
    if (!form.dataset.confirmed) return; // the page asks first
    event.preventDefault();
    for (const one of form.closest("section").querySelectorAll("form[data-answer]")) {
      const normal = one.querySelector(".round-ok input");
      if (!normal || one.dataset.photo || one.querySelector(".round-choice :checked") || one.elements.said.value) continue;
      normal.checked = true;
      await write(one);
    }
    delete form.dataset.confirmed;
    await send();
  });
}

// The page and what it is made of, so that it opens again in a room without signal. Over plain http no
// browser allows this; the answers themselves are kept all the same.
async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(words.worker);
  await navigator.serviceWorker.ready;
  const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")];
  const icons = document.querySelector("svg.icon use").getAttribute("href").split("#")[0];
  const kept = await caches.open("servicedesk-round");
  await kept.addAll([...new Set([location.pathname, icons, ...parts.map((part) => part.href || part.src)])]);
  round.dataset.opensOffline = "1";
}
if (navigator.onLine) keepPage().catch((error) => console.info("the round cannot be kept:", error.message));

addEventListener("offline", tell);
addEventListener("online", send);
setInterval(send, RETRY_MS);
send();
