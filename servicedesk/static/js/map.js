// A map of devices: larger and smaller, found by words, and whose line is whose. Without this it is a drawing
// whose boxes are links.

const LEAST = 0.2;
const MOST = 3;
const READABLE = 0.55; // of full size: smaller, names cannot be read

function begin(pane) {
  const map = pane.querySelector("svg");
  const width = map.viewBox.baseVal.width;
  const height = map.viewBox.baseVal.height;
  let scale = 1;

  const show = (wanted) => {
    const middle = { x: (pane.scrollLeft + pane.clientWidth / 2) / scale, y: (pane.scrollTop + pane.clientHeight / 2) / scale };
    scale = Math.min(MOST, Math.max(LEAST, wanted));
    map.setAttribute("width", width * scale);
    map.setAttribute("height", height * scale);
    pane.scrollTo(middle.x * scale - pane.clientWidth / 2, middle.y * scale - pane.clientHeight / 2);
  };
  const whole = () => Math.min(1, pane.clientWidth / width, pane.clientHeight / height);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-map-zoom]");
    if (!button) return;
    show({ in: scale * 1.25, out: scale / 1.25, fit: whole() }[button.dataset.mapZoom]);
  });
  pane.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    show(scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
  }, { passive: false });

  const devices = [...map.querySelectorAll("[data-id]")];
  const lines = [...map.querySelectorAll("[data-ends]")].map((line) => [line, new Set(line.dataset.ends.split(" "))]);
  const mark = (number) => lines.forEach(([line, ends]) => line.classList.toggle("near", ends.has(number)));
  devices.forEach((device) => {
    ["pointerenter", "focus"].forEach((kind) => device.addEventListener(kind, () => mark(device.dataset.id)));
    ["pointerleave", "blur"].forEach((kind) => device.addEventListener(kind, () => mark("")));
  });

  document.getElementById("map-find").addEventListener("input", (event) => {
    const text = event.target.value.trim().toLowerCase();
    const found = text ? devices.filter((device) => device.dataset.find.includes(text)) : [];
    devices.forEach((device) => device.classList.toggle("dim", Boolean(text) && !found.includes(device)));
    if (found.length) found[0].scrollIntoView({ block: "center", inline: "center" });
  });

  show(Math.max(READABLE, Math.min(1, pane.clientWidth / width)));
  pane.scrollTo((width * scale - pane.clientWidth) / 2, 0);
}

document.querySelectorAll("[data-map]").forEach(begin);
