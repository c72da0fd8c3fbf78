// Labels read one after the other on the page of a stock-taking: by the browser's own detector, else by ZXing
// (phones without Google's services, Safari, Firefox). Where no camera may be asked for, nothing of this is shown.

const AGAIN_MS = 3000; // the same label held before the camera is one label
const LOOK_MS = 200;
const WIDE_PX = 800; // a picture is read no wider than this
const WANTED = ["qr_code", "code_128", "code_39", "data_matrix", "ean_13"];

const scanner = document.getElementById("scanner");
const able = Boolean(navigator.mediaDevices?.getUserMedia); // over HTTPS, or on the machine itself
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
      look(await detector(root.dataset.reader));
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

// A detector of the browser, or one that is used like it.
async function detector(address) {
  const known = (await window.BarcodeDetector?.getSupportedFormats()) ?? [];
  const formats = WANTED.filter((one) => known.includes(one));
  if (formats.length) return new window.BarcodeDetector({ formats });
  await import(address);
  return reader(window.ZXing);
}

function reader(zxing) {
  const formats = WANTED.map((one) => zxing.BarcodeFormat[one.toUpperCase()]);
  const hints = new Map([[zxing.DecodeHintType.POSSIBLE_FORMATS, formats]]);
  // Each by itself: its MultiFormatReader warns in the console of every picture without a label.
  const eyes = [new zxing.QRCodeReader(), new zxing.MultiFormatOneDReader(hints), new zxing.DataMatrixReader()];
  const canvas = document.createElement("canvas");
  const drawn = canvas.getContext("2d", { willReadFrequently: true });
  return {
    async detect(video) {
      const scale = Math.min(1, WIDE_PX / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      drawn.drawImage(video, 0, 0, canvas.width, canvas.height);
      const light = new zxing.HTMLCanvasElementLuminanceSource(canvas);
      const picture = new zxing.BinaryBitmap(new zxing.HybridBinarizer(light));
      for (const eye of eyes) {
        try {
          return [{ rawValue: eye.decode(picture, hints).getText() }];
        } catch (error) {
          if (!(error instanceof zxing.Exception)) throw error; // else none of this kind, or not sharp enough
        }
      }
      return [];
    },
  };
}
