// Pictures and clips of a paper boat, drawn here so that nothing has to be fetched.

/** A frame of the given shape at a moment from 0 to 1; `hue` tells one job's picture from another's. */
export function paint(width, height, { t = 0.3, hue = 210 } = {}) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  draw(canvas, t, hue);
  return canvas;
}

export function draw(canvas, t, hue = 210) {
  const pen = canvas.getContext("2d");
  const sky = pen.createLinearGradient(0, 0, 0, canvas.height);
  sky.addColorStop(0, `hsl(${hue} 40% 18%)`);
  sky.addColorStop(0.6, `hsl(${hue} 35% 38%)`);
  sky.addColorStop(1, `hsl(${hue} 45% 9%)`);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#f2ead8";
  const unit = Math.min(canvas.width, canvas.height) / 360;
  const [x, y] = [canvas.width * (0.3 + 0.3 * t), canvas.height * 0.62];
  pen.beginPath();
  for (const [dx, dy] of [[-60, 0], [60, 0], [36, 30], [-36, 30]]) pen.lineTo(x + dx * unit, y + dy * unit);
  pen.moveTo(x - 30 * unit, y), pen.lineTo(x, y - 55 * unit), pen.lineTo(x + 30 * unit, y);
  pen.fill();
}

/** A short clip, as bytes. */
export async function record(canvas, hue, seconds = 2) {
  const recorder = new MediaRecorder(canvas.captureStream(25));
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start();
  for (let i = 0; i < seconds * 25; i++) {
    draw(canvas, i / (seconds * 25), hue);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  recorder.stop();
  await stopped;
  return new Blob(parts).arrayBuffer();
}

export async function jpeg(canvas) {
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.7));
  return blob.arrayBuffer();
}
