// Labels read by the browser's own detector, one after the other, on the page of a stock-taking. Where a
// browser has no detector or may not use a camera, nothing of this is shown.

const AGAIN_MS = 3000; // the same label held before the camera is one label
const LOOK_MS = 200;
const WANTED = ["qr_code", "code_128", "code_39", "data_matrix", "ean_13"];

const scanner = document.getElementById("scanner");
const able = "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);
if (scanner && able) prepare(scanner);

function prepare(root) {
  const form = document.getElementById("count-form");
  const [begin, view, video, told, stop] = ["begin", "view", "video", "told", "stop"].map((name) =>
    root.querySelector(`[data-scan-${name}]`),
  );
  let stream = null;
  let last = { text: "", at: 0 };
  let counted = false;

  const say = (tone, words) => {
    told.className = `note note-${tone}`;
    told.textContent = words;
  };

  async function detector() {
    const known = await window.BarcodeDetector.getSupportedFormats();
    const formats = WANTED.filter((one) => known.includes(one));
    return new window.BarcodeDetector(formats.length ? { formats } : undefined);
  }

  async function send(text) {
    const fields = new FormData(form);
    fields.set("text", text);
    const answer = await fetch(form.action, {
      method: "POST",
      body: fields,
      headers: { Accept: "application/json" },
    });
    const found = await answer.json();
    counted = counted || answer.ok;
    say(found.tone ?? "error", found.message ?? found.error);
    navigator.vibrate?.(answer.ok ? 80 : [80, 80, 80]);
  }

  async function look(eye) {
    if (!stream) return;
    try {
      const [label] = await eye.detect(video);
      const text = label?.rawValue.trim().slice(0, 300);
      if (text && (text !== last.text || Date.now() - last.at > AGAIN_MS)) {
        last = { text, at: Date.now() };
        await send(text);
        last.at = Date.now();
      }
    } catch {
      say("error", root.dataset.failed);
    }
    setTimeout(look, LOOK_MS, eye);
  }

  function end() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    if (counted) location.reload(); // the lists below say what was counted
    else [view.hidden, begin.hidden] = [true, false];
  }

  begin.addEventListener("click", async () => {
    [view.hidden, begin.hidden] = [false, true];
    say("info", root.dataset.asking);
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      await video.play();
      say("info", root.dataset.ready);
      look(await detector());
    } catch (error) {
      for (const track of stream?.getTracks() ?? []) track.stop();
      stream = null;
      const words = { NotAllowedError: "refused", NotFoundError: "none", NotReadableError: "taken" };
      say("error", root.dataset[words[error.name] ?? "failed"]);
      begin.hidden = false;
    }
  });
  stop.addEventListener("click", end);
  window.addEventListener("pagehide", () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
  });
  root.hidden = false;
}
