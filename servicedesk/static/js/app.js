// Small helpers of the pages. No inline code anywhere: the content security policy forbids it.

const csrf = document.querySelector('meta[name="csrf-token"]')?.content;

document.body.addEventListener("htmx:configRequest", (event) => {
  if (csrf) event.detail.headers["X-CSRFToken"] = csrf;
});

// A text was not kept: since two people wrote it (409, the answer shows both) or since it is none (422). Whoever
// types on must see it, so the answer is shown like any other.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (![409, 422].includes(event.detail.xhr.status) || !event.detail.target.matches("[data-conflict]")) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

// Signed out: pages kept for a walk without a network are not for whoever comes next.
if (document.body.classList.contains("app-plain") && "caches" in window) caches.delete("servicedesk-round");

// The menu on a phone.
const toggle = document.querySelector(".nav-toggle");
if (toggle) {
  const set = (open) => {
    document.body.classList.toggle("nav-open", open);
    toggle.setAttribute("aria-expanded", String(open));
  };
  toggle.addEventListener("click", () => set(!document.body.classList.contains("nav-open")));
  document.addEventListener("keydown", (event) => event.key === "Escape" && set(false));
  document.querySelector("main").addEventListener("click", () => set(false));
}

// The menu is longer than most screens: the entry of this page is in sight.
const here = document.querySelector('.sidebar a[aria-current="page"]');
if (here) {
  const menu = document.getElementById("sidebar");
  if (here.offsetTop + here.offsetHeight > menu.clientHeight) menu.scrollTop = here.offsetTop - menu.clientHeight / 2;
}

// Menus close when one clicks elsewhere or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
});

// Fields that mean something only beside a certain answer of another one.
function dependent(root) {
  for (const part of root.querySelectorAll("[data-when]")) {
    const form = part.closest("form");
    const ruler = form?.elements[part.dataset.when];
    if (!ruler || part.dataset.bound) continue;
    part.dataset.bound = "1";
    const values = part.dataset.whenValues.split(" ");
    // A box that is not ticked says nothing; what hides the ruler hides what it rules.
    const answer = () => (ruler.type === "checkbox" ? (ruler.checked ? "yes" : "") : ruler.value);
    const update = () => (part.hidden = Boolean(ruler.closest("[hidden]")) || !values.includes(answer()));
    form.addEventListener("change", update);
    update();
  }
}

// A canned reply goes where the answer is written; what stands there already stays.
document.addEventListener("change", (event) => {
  const select = event.target.closest?.("[data-macro]");
  if (!select || !select.value) return;
  const text = select.form.elements[select.dataset.macro];
  text.value = text.value.trim() ? `${text.value.trimEnd()}\n\n${select.value}` : select.value;
  select.value = "";
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
});

// What is typed into an answer is kept on the server a moment later.
function keepDraft(holder) {
  const text = holder.querySelector("textarea");
  const state = holder.closest("form").querySelector("[data-draft-state]");
  if (!text || holder.dataset.bound) return;
  holder.dataset.bound = "1";
  let timer = 0;
  text.addEventListener("input", () => {
    clearTimeout(timer);
    state.textContent = "";
    timer = setTimeout(async () => {
      const body = new URLSearchParams({ text: text.value });
      try {
        const answer = await fetch(holder.dataset.draft, { method: "POST", body, headers: { "X-CSRFToken": csrf } });
        if (answer.ok && text.value) state.textContent = state.dataset.saved;
      } catch {
        state.textContent = ""; // without a connection the text is still in the page
      }
    }, 800);
  });
}

// Ticked rows open the bar of what to do with them.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches?.("[data-tick-all]")) {
    for (const one of box.closest("table").querySelectorAll("td.tick input, td[data-tick] input")) one.checked = box.checked;
  }
  if (!box.matches?.("[data-tick-all], td.tick input")) return;
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return; // a form of its own stands below the list
  const count = document.querySelectorAll("td.tick input:checked").length;
  bar.hidden = count === 0;
  if (count) bar.dispatchEvent(new Event("ticked"));
  bar.querySelector("[data-count]").textContent = count;
});

// Keyboard: j and k go through a list, Enter opens, a answers, / searches, n reports.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select, [contenteditable]")) return;
  const go = (step) => {
    const rows = [...document.querySelectorAll("tbody tr td.name a")];
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus();
  };
  const act = {
    j: () => go(1),
    k: () => go(-1),
    a: () => document.querySelector("#answer textarea")?.focus(),
    "/": () => document.querySelector("#topbar-q")?.focus(),
    n: () => document.querySelector("[data-new]")?.click(),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// Ctrl-K: find tickets, devices and pages from anywhere, with the keyboard alone.
let palette = null;
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || !document.body.dataset.search) return;
  event.preventDefault();
  palette ??= makePalette();
  if (!palette.open) palette.showModal();
  palette.querySelector("input").select();
});

function makePalette() {
  const dialog = document.createElement("dialog");
  dialog.className = "palette";
  const words = document.body.dataset.searchWords;
  const input = Object.assign(document.createElement("input"), { type: "search", placeholder: words, maxLength: 100 });
  input.setAttribute("aria-label", words);
  const list = document.createElement("div");
  dialog.append(input, list);
  document.body.append(dialog);
  let asked = 0;
  let timer = 0;
  const rows = () => [...list.querySelectorAll("a")];
  const choose = (step) => {
    const all = rows();
    const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = Math.max(0, Math.min(all.length - 1, at + step));
    all.forEach((row, place) => row.setAttribute("aria-selected", String(place === next)));
    all[next]?.scrollIntoView({ block: "nearest" });
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked;
      const url = new URL(document.body.dataset.search, location.href);
      url.searchParams.set("list", "1");
      url.searchParams.set("q", input.value);
      const answer = await fetch(url);
      // A late answer to an earlier question is not shown; the server has escaped every word.
      if (mine !== asked || !answer.ok) return;
      list.innerHTML = await answer.text();
      choose(1);
    }, 150);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      (rows().find((row) => row.getAttribute("aria-selected") === "true") ?? rows()[0])?.click();
    }
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return dialog;
}

// A button sends once; what cannot be undone asks first.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = form.dataset.confirm;
  if (question && !form.dataset.confirmed) {
    event.preventDefault();
    ask(question, event.submitter?.textContent.trim() ?? "OK").then((yes) => {
      if (!yes) return;
      form.dataset.confirmed = "1";
      form.requestSubmit(event.submitter ?? undefined);
    });
    return;
  }
  if (form.method !== "post" || "stays" in form.dataset) return;
  setTimeout(() => {
    for (const button of form.querySelectorAll('button[type="submit"], button:not([type])')) button.disabled = true;
  });
});
// Coming back with the browser's button must not find dead buttons.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("form button:disabled")) button.disabled = false;
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

function ask(question, verb) {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.textContent = question;
  const row = document.createElement("form");
  row.method = "dialog";
  row.className = "form-end";
  const yes = Object.assign(document.createElement("button"), { className: "button primary", value: "yes" });
  yes.textContent = verb;
  const no = Object.assign(document.createElement("button"), { className: "button", value: "" });
  no.textContent = document.body.dataset.cancel;
  row.append(yes, no);
  dialog.append(text, row);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}

function enhance(root) {
  if (window.TomSelect) {
    for (const select of root.querySelectorAll("select[data-remote]:not(.tomselected)")) {
      new window.TomSelect(select, {
        maxOptions: 30,
        load: async (typed, done) => {
          const url = new URL(select.dataset.remote, location.href);
          url.searchParams.set("q", typed);
          const answer = await fetch(url, { headers: { Accept: "application/json" } });
          done(answer.ok ? await answer.json() : []);
        },
        score: () => () => 1, // the server has chosen already
        render: { no_results: () => noResults(document.body.dataset.noResults) },
      });
    }
    for (const select of root.querySelectorAll("select[data-select]:not(.tomselected)")) {
      if (select.multiple || select.options.length > 12) {
        const words = document.body.dataset;
        new window.TomSelect(select, {
          maxOptions: 2000,
          plugins: select.multiple ? { remove_button: { title: words.remove } } : {},
          render: { no_results: () => noResults(words.noResults) },
        });
      }
    }
  }
  dependent(root);
  for (const holder of root.querySelectorAll("[data-draft]")) keepDraft(holder);
  for (const chart of root.querySelectorAll("[data-chart]:not([data-drawn])")) draw(chart);
  for (const kind of root.querySelectorAll("select[data-shows]")) {
    const update = () => {
      for (const part of document.querySelectorAll("[data-shown-for]")) {
        part.hidden = !part.dataset.shownFor.split(" ").includes(kind.value);
      }
    };
    kind.addEventListener("change", update);
    update();
  }
}

function noResults(words) {
  const element = document.createElement("div");
  element.className = "no-results";
  element.textContent = words;
  return element;
}

async function draw(element) {
  element.dataset.drawn = "1";
  const answer = await fetch(element.dataset.chart, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const data = await answer.json();
  if (data.times.length < 2) {
    element.textContent = element.dataset.empty;
    return;
  }
  new window.uPlot(
    {
      width: element.clientWidth,
      height: 220,
      series: [{}, { label: data.unit || element.dataset.label, stroke: "#17514f", width: 2, points: { size: 4 } }],
      axes: [{}, { size: 56 }],
    },
    [data.times, data.values],
    element,
  );
}

document.body.addEventListener("htmx:load", (event) => {
  enhance(event.detail.elt);
  // An address may name a card that comes after the page.
  const wanted = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (wanted && event.detail.elt !== document.body && event.detail.elt.contains(wanted)) wanted.scrollIntoView();
});
enhance(document);
// A form that came back is gone on with where something is wrong.
const wrong = document.querySelector("main .has-error :is(input:not([type=hidden]), select, textarea)");
if (wrong) {
  (wrong.tomselect ?? wrong).focus();
  wrong.closest(".has-error").scrollIntoView({ block: "center" });
}
const marked = document.querySelector(".evidence .marked");
if (marked) marked.scrollIntoView({ block: "center" });
