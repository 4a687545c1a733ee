// One view for each thing the card can show.
const base = {
  rev: 1,
  job_id: "k3f9x2ab",
  request_id: "req_7d41c0e9b2f84a6f",
  service: "api",
  prompt: "A paper boat crosses a puddle in heavy rain, seen from just above the water, neon signs reflected in it",
  options: [["Model", "seedance-2.0"], ["Duration", "5 s"], ["Aspect ratio", "16:9"], ["Resolution", "720p"]],
  status: "processing",
  status_text: "Generating",
  final: false,
  elapsed_s: 72,
  estimate: { elapsed_s: 52, median_s: 90, p90_s: 140, source: "from 12 earlier jobs like this" },
  cost_usd: 0.5,
  credits_charged: null,
  cancel: "available",
  cancel_note: null,
  download: null,
  clip: null,
  poster: null,
  problem: null,
  notice: null,
  resume: "%seedance_show k3f9x2ab",
};
const clip = { filename: "paper-boat-k3f9x2ab.mp4", size_bytes: 2_431_906, width: 1280, height: 720, duration_s: 5.04, has_audio: true };
const done = { status: "succeeded", status_text: "Succeeded", final: true, estimate: null, cancel: "unavailable", credits_charged: 40, elapsed_s: 104, clip };
const simulator = { service: "simulator", notice: "Simulator: no key used, nothing charged", cost_usd: 0 };
const long = `Wide shot. A courier cycles through wet neon streets at night, the camera tracking low beside the wheel.
Steam rises from a grate; a tram passes and its light sweeps over the wall. She looks up, smiles, and turns into an alley hung with laundry. Rain begins.
Cut to: the parcel, tied with red string, on the doorstep. The door opens. Warm light. Nobody there.`;

export const STATES = {
  "before the first view": null,
  submitting: { ...base, request_id: null, status: "submitting", status_text: "Sending the request", estimate: null, elapsed_s: 1, cancel: "unavailable" },
  "queued, a first guess": { ...base, ...simulator, status: "queued", status_text: "Waiting in the queue", elapsed_s: 8, estimate: { elapsed_s: 8, median_s: 60, p90_s: 150, source: "a first guess, no earlier jobs" } },
  processing: base,
  "later than usual": { ...base, elapsed_s: 140, estimate: { ...base.estimate, elapsed_s: 112 } },
  "later than nine in ten": { ...base, elapsed_s: 251, estimate: { ...base.estimate, elapsed_s: 210 } },
  "cancel asked, busy cell": { ...base, cancel: "asked", cancel_note: "Takes effect when the running cell ends" },
  "a status we do not know": { ...base, status: "upscaling", status_text: "The server says: upscaling", cancel: "unavailable", cancel_note: null },
  "long prompt": { ...base, prompt: long },
  "right to left, one long word": { ...base, prompt: "قارب ورقي يعبر بركة ماء تحت المطر الغزير " + "o".repeat(120), request_id: "req_" + "0123456789abcdef".repeat(4) },
  "no word from the kernel": { ...base, silent: true },
  "saving the clip": { ...base, status: "succeeded", status_text: "Saving the clip", estimate: null, cancel: "unavailable", credits_charged: 40, download: { received_bytes: 3_210_000, size_bytes: 12_400_000, problem: null } },
  "saving got stuck": { ...base, status: "succeeded", status_text: "Succeeded, but the clip could not be saved", estimate: null, cancel: "unavailable", credits_charged: 40, download: { received_bytes: 3_210_000, size_bytes: 12_400_000, problem: "The connection broke after 3.2 MB. The clip is kept at the server until tomorrow, 14:20." } },
  "succeeded, loading": { ...base, ...done, poster: true, answers: "half" },
  "succeeded, no poster, kernel refuses": { ...base, ...done, answers: "problem" },
  "succeeded, plays": { ...base, ...done, ...simulator, poster: true, answers: "video" },
  "succeeded, portrait": { ...base, ...done, clip: { ...clip, width: 720, height: 1280, has_audio: false }, poster: true, answers: "half" },
  failed: { ...base, status: "failed", status_text: "Failed", final: true, estimate: null, cancel: "unavailable", credits_charged: 0, problem: { title: "The prompt was refused by the content filter", what: "The server says: “Input text may contain a real person’s name.”", charged: "Nothing was charged.", next: "Change the prompt and run the cell again. `%seedance_doctor` shows what the server expects." } },
  cancelled: { ...base, status: "cancelled", status_text: "Cancelled", final: true, estimate: null, cancel: "unavailable", credits_charged: 0, elapsed_s: 31 },
  unconfirmed: { ...base, request_id: null, status: "unconfirmed", status_text: "Unconfirmed: the server's answer was lost", estimate: null, cancel: "unavailable", problem: { title: "The line broke after the request was sent", what: "The server may or may not have started this job. It is not sent again by itself, so that nothing is paid for twice.", charged: "Not known; up to 40 credits if it was accepted.", next: "Look at the account. If the job is there, run `job.adopt(request_id)`; if not, run the cell again." } },
};
