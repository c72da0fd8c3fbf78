// Small helpers of the pages. No inline code anywhere: the content security policy forbids it.

const csrf = document.querySelector('meta[name="csrf-token"]')?.content;

document.body.addEventListener("htmx:configRequest", (event) => {
  if (csrf) event.detail.headers["X-CSRFToken"] = csrf;
});

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
  if (form.method !== "post") return;
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

document.body.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
enhance(document);
const marked = document.querySelector(".evidence .marked");
if (marked) marked.scrollIntoView({ block: "center" });
