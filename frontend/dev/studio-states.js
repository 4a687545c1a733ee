// What the Studio can show: for each state the traits, and how the fake kernel behaves.
const MODELS = [
  {
    id: "seedance-2.0",
    best_for: "highest quality, multimodal",
    durations: [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    aspect_ratios: ["16:9", "9:16", "1:1"],
    resolutions: ["480p", "720p", "1080p"],
    usd_per_second: { "480p": 0.05, "720p": 0.1, "1080p": 0.2 },
  },
  {
    id: "seedance-2.0-fast",
    best_for: "faster turnaround",
    durations: [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    aspect_ratios: ["16:9", "9:16", "1:1"],
    resolutions: ["480p", "720p", "1080p"],
    usd_per_second: {},
  },
  { id: "seedance-1.5-pro", best_for: "lower cost", durations: [5, 10], aspect_ratios: ["16:9", "9:16", "1:1"], resolutions: ["480p", "720p"], usd_per_second: { "720p": 0.06 } },
];
const NOW_S = 1_790_000_000;
const PROMPTS = [
  "A paper boat crosses a puddle in heavy rain, seen from just above the water, neon signs reflected in it",
  "Wide shot. A courier cycles through wet neon streets at night, the camera tracking low beside the wheel. Steam rises from a grate; a tram passes and its light sweeps over the wall. She looks up, smiles, and turns into an alley hung with laundry.",
  "A quiet lighthouse at dusk",
  "Macro: a drop of ink unfolds in a glass of water, slow motion",
  "قارب ورقي يعبر بركة ماء تحت المطر الغزير",
  "An old tram climbs a hill in Lisbon, seen from the rear window",
];
export const EMPTY = { prompt: "", model: "seedance-2.0", duration: 5, aspect_ratio: "16:9", resolution: "720p", media_urls: [] };
const PLAIN = { ...EMPTY, prompt: PROMPTS[0] };
const MEDIA = ["https://images.example.com/boats/paper%20boat.jpg", "https://images.example.com/boats/harbour-at-night-with-very-long-name-of-a-file.png"];
export const ready = {
  rev: 1,
  service: "simulator",
  label: "Simulator: no key used, nothing charged",
  state: "ready",
  problem: null,
  models: MODELS,
  check: null,
  money: { today_usd: 3.2, session_usd: 0.5, unknown: 0, cap_left_usd: null },
  caps: { per_job_usd: null, per_session_usd: null, per_day_usd: null, click_id: "", problems: [] },
  sending: [],
  outcome: null,
  stage: null,
  most_bytes: 100_000_000,
};
const api = { service: "api", label: "API at https://api.seedance.example", money: { today_usd: 3.2, session_usd: 0.5, unknown: 2, cap_left_usd: 6.8 }, caps: { ...ready.caps, per_day_usd: 10 } };
const ESTIMATE = { elapsed_s: 52, median_s: 90, p90_s: 140, source: "from 12 earlier jobs like this" };
const SIZES = { "16:9": [1280, 720], "9:16": [720, 1280], "1:1": [960, 960] };

let count = 0;
export function job(part = {}) {
  count += 1;
  const request = { ...PLAIN, prompt: PROMPTS[count % PROMPTS.length], ...part.request };
  const id = part.job_id ?? (0xa1b2c3d4 + count * 7919 * 65537).toString(36).slice(-8);
  return {
    rev: 1,
    job_id: id,
    request_id: `req_7d41c0e9b2f8${String(count).padStart(4, "0")}`,
    service: "simulator",
    prompt: request.prompt,
    options: [["Model", request.model], ["Duration", `${request.duration} s`], ["Aspect ratio", request.aspect_ratio], ["Resolution", request.resolution]],
    status: "processing",
    status_text: "Generating",
    final: false,
    elapsed_s: 72,
    estimate: ESTIMATE,
    cost_usd: request.duration * 0.1,
    credits_charged: null,
    cancel: "available",
    cancel_note: null,
    download: null,
    clip: null,
    problem: null,
    notice: null,
    resume: `%seedance_show ${id}`,
    created_at: NOW_S - count * 60,
    has_poster: false,
    starred: false,
    rating: null,
    tags: [],
    note: "",
    as_magic: `%seedance ${request.prompt} --duration ${request.duration}`,
    as_python: `session.submit(${JSON.stringify(request.prompt)}, duration=${request.duration})`,
    url: null,
    parent_id: null,
    relation: "variation",
    rating: null,
    tags: [],
    cancel_at_once: [],
    ...part,
    request,
  };
}
export function done(part = {}) {
  const made = job({ status: "succeeded", status_text: "Succeeded", final: true, estimate: null, cancel: "unavailable", credits_charged: 40, elapsed_s: 104, has_poster: true, ...part });
  const [width, height] = SIZES[made.request.aspect_ratio];
  const clip = { filename: `paper-boat-${made.job_id}.mp4`, size_bytes: 2_431_906, width, height, duration_s: made.request.duration + 0.04, has_audio: true };
  return { ...made, clip, url: part.url === undefined ? `files/seedance_clips/paper%20boat-${made.job_id}.mp4` : part.url };
}
const FILTER = { title: "The prompt was refused by the content filter", what: "The server says: “Input text may contain a real person’s name.”", charged: "Nothing was charged.", next: "Change the prompt and submit again." };
const failed = (part) => job({ status: "failed", status_text: "Failed", final: true, estimate: null, cancel: "unavailable", credits_charged: 0, problem: FILTER, ...part });
const cancelled = () => job({ status: "cancelled", status_text: "Cancelled", final: true, estimate: null, cancel: "unavailable", elapsed_s: 31, request: { aspect_ratio: "1:1" } });
const queued = () => job({ status: "queued", status_text: "Waiting in the queue", elapsed_s: 8, estimate: { elapsed_s: 8, median_s: 60, p90_s: 150, source: "a first guess; no earlier jobs" } });
const saving = () => job({ status: "succeeded", status_text: "Saving the clip", estimate: null, cancel: "unavailable", credits_charged: 40, download: { received_bytes: 3_210_000, size_bytes: 12_400_000, problem: null } });
const stuck = () => job({ status: "succeeded", status_text: "Succeeded, but the clip could not be saved", estimate: null, cancel: "unavailable", download: { received_bytes: 3_210_000, size_bytes: 12_400_000, problem: "The connection broke after 3.2 MB." } });
const unconfirmed = () => job({ status: "unconfirmed", status_text: "Unconfirmed: the server's answer was lost", request_id: null, estimate: null, cancel: "unavailable", problem: { title: "The line broke after the request was sent", what: "The server may or may not have started this job. It is not sent again by itself.", charged: "You may have been charged.", next: "Look at the account. If the job is there, run `job.adopt(request_id)`." } });

const hero = done({ job_id: "k3f9x2ab", starred: true, rating: 4, tags: ["rain", "hero shot"], note: "the reflection is right, the boat too large", request: { prompt: PROMPTS[0] } });
const portrait = done({ job_id: "p0rtra1t", rating: 2, tags: ["rain"], request: { aspect_ratio: "9:16", prompt: PROMPTS[1], duration: 9 } });
const running = job({ job_id: "runn1ng0", request: { prompt: PROMPTS[3] } });
const mixed = [job(), queued(), saving(), stuck(), hero, portrait, failed(), unconfirmed(), cancelled(), done({ request: { aspect_ratio: "1:1" } })];
const many = Array.from({ length: 214 }, (_, i) => done({ starred: i % 9 === 0, request: { aspect_ratio: Object.keys(SIZES)[i % 3], media_urls: i % 4 ? [] : MEDIA } }));

export const STATES = {
  "before the first word": { view: {}, jobs: {}, request: { ...EMPTY, model: "" }, mute: true },
  loading: { view: { ...ready, state: "loading", models: [] }, jobs: {}, request: { ...EMPTY, prompt: "A paper boat" }, mute: true },
  empty: { view: ready, jobs: [], request: EMPTY },
  offline: { view: { ...ready, ...api, state: "offline", problem: "The server was never reached: the name api.seedance.example is not known. Nothing was sent, nothing was charged. Check the network and `SEEDANCE_BASE_URL`." }, jobs: [hero, portrait], request: PLAIN },
  "form with problems": {
    view: ready,
    jobs: [],
    request: { ...EMPTY, duration: 20, media_urls: [MEDIA[0], "http://example.com/a.mp4", "C:\\Users\\me\\boat photo.png", "https://images.example.com/sound.mp3", "https://10.0.0.7/private.png", "https://images.example.com/one-too-many.jpg"] },
    press: true,
  },
  "not enough credits": { view: { ...ready, ...api, money: { today_usd: 9.7, session_usd: 9.7, unknown: 1, cap_left_usd: 0.3 } }, jobs: [hero], request: PLAIN, refuse: true, press: true },
  ask: { view: ready, jobs: [running], request: { ...PLAIN, prompt: PROMPTS[3] }, ask: true, press: true },
  "kernel is busy": { view: ready, jobs: [running], request: PLAIN, mute: true, press: true, older: 22_000 },
  "pictures in the form": {
    view: ready,
    jobs: [done({ job_id: "next0001", parent_id: "k3f9x2ab", relation: "continues" }), hero],
    request: { ...PLAIN, media_urls: [`media:${"a1".repeat(32)}.png`, `media:${"b7".repeat(32)}.png`] },
    selected: "k3f9x2ab",
  },
  "media that could not be fetched": {
    view: { ...ready, ...api },
    jobs: [failed({ job_id: "unfetch1", problem: { title: "The server could not fetch the media", what: "Job unfetch1 failed: mediaUrls[0] could not be fetched (HTTP 403).", charged: "The API does not say whether credits come back.", next: "The link may have expired while the job waited.", details: "", fix: "again" } }), hero],
    request: { ...PLAIN, media_urls: ["htps://images.example.com/boat.png", "https://images.example.com/sound.mp3"] },
    selected: "unfetch1",
  },
  "running jobs": { view: ready, jobs: mixed, request: { ...PLAIN, media_urls: MEDIA }, selected: mixed[0].job_id },
  "finished with stage": { view: { ...ready, ...api }, jobs: [hero, portrait, failed(), cancelled()], request: PLAIN, selected: "k3f9x2ab" },
  "finished, portrait, from chunks": { view: ready, jobs: [portrait, hero], request: { ...PLAIN, aspect_ratio: "9:16", model: "seedance-1.5-pro", duration: 10 }, selected: "p0rtra1t", byChunks: true },
  "failed on stage": { view: ready, jobs: [failed({ job_id: "fa11ed00" }), hero], request: PLAIN, selected: "fa11ed00" },
  "many jobs": { view: { ...ready, ...api }, jobs: many, request: PLAIN, total: 10_214 },
  "no job fits": { view: ready, jobs: many, request: PLAIN, search: "submarine" },
};
