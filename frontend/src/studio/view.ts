// What the kernel says to the Studio and what the two share: the contract of the widget.
// A test on the Python side reads the field names of these interfaces, so each field keeps a line of its own.
import type { CardView, Problem } from "../shared/job-view";

/** What is asked for; each of its fields is also a trait of its own, written by both sides. */
export interface RequestView {
  /** What the video shows, verbatim. */
  prompt: string;
  /** A model's id. */
  model: string;
  /** Length in whole seconds. */
  duration: number;
  /** "16:9", "9:16", "1:1". */
  aspect_ratio: string;
  /** "480p", "720p", "1080p". */
  resolution: string;
  /** Reference images, videos and audio: https URLs, in order. */
  media_urls: string[];
  /** Every other option of `StudioView.options`; null where nothing is said. */
  [option: string]: unknown;
}

/** An option of the form, from the kernel's table: the page draws a plain field for one without a control of its own. */
export interface OptionView {
  /** "seed". */
  name: string;
  /** "Seed". */
  label: string;
  /** "choice", "integer", "urls", "url" or "json". */
  kind: string;
  /** What it means, in a few words. */
  help: string;
  /** "s", or "" where it has none. */
  unit: string;
  /** What is sent when nothing is said; null for nothing. */
  default: unknown;
}

/** The traits besides the request's. */
export interface StudioTraits {
  /** The id of the job on the stage, "" for none; written by both sides. */
  selected: string;
  /** "" or a CSS length; written by the kernel. */
  height: string;
  /** A name of this Studio that a reload of the page does not change; written by the kernel. */
  studio_id: string;
  /** Written by the kernel. */
  view: StudioView;
  /** Written by the kernel. */
  jobs_page: JobsView;
  /** The Compare on the stage instead of a clip, "IPY_MODEL_" and its id; written by the kernel. */
  compare: string | null;
  /** The grid of takes there, likewise. */
  takes: string | null;
  /** The newest clips; written by the kernel. */
  film: { clips: FilmView[] };
}

/** A clip of the filmstrip. */
export interface FilmView {
  /** Our name for the job. */
  job_id: string;
  /** The beginning of its prompt, on one line. */
  prompt: string;
  /** The clip's path below the server's base URL, quoted; null where the server cannot serve it. */
  url: string | null;
  /** That of its poster, likewise. */
  poster_url: string | null;
  /** Whether `poster` gets a picture. */
  has_poster: boolean;
  /** Whether a person starred it. */
  starred: boolean;
}

/** A model of the live list. */
export interface ModelView {
  /** "seedance-2.0". */
  id: string;
  /** "highest quality, multimodal"; "" when nobody said. */
  best_for: string;
  /** The lengths it takes, in whole seconds, in order. */
  durations: number[];
  /** The shapes it takes. */
  aspect_ratios: string[];
  /** The resolutions it takes. */
  resolutions: string[];
  /** US dollars for a second, by resolution; a resolution without a known price is left out. */
  usd_per_second: Record<string, number>;
}

/** A problem of one field, in the words of the Python error. */
export interface FieldProblem {
  /** "prompt", or the name of an option. */
  field: string;
  /** What is wrong and what to do, plain text. */
  text: string;
  /** Which media URL, from 0; null for the field as a whole. */
  index: number | null;
}

/** What a media URL is taken for. */
export interface MediaRole {
  /** The URL. */
  url: string;
  /** "image", "video", "audio", or null where its ending says nothing. */
  kind: string | null;
  /** "first frame", "last frame", "reference". */
  role: string;
}

/** One medium, as the kernel knows it. */
export interface MediaEntry {
  /** What goes into the form; "" for what was refused. */
  url: string;
  /** The name of its file, or what it is a picture of. */
  name: string;
  /** "image", "video" or "audio". */
  kind: string;
  /** A small JPEG as a data URI; "" for what has no picture. */
  thumbnail: string;
  /** What became of it, in sentences. */
  notes: string[];
  /** Why it was refused, or that its content is gone; "" where all is well. */
  problem: string;
}

/** The answer to the newest `check`. */
export interface CheckView {
  /** The check it answers. */
  click_id: string;
  /** What the service would not take; empty when all is well. */
  problems: FieldProblem[];
  /** The media in order. */
  media: MediaRole[];
  /** The estimated cost in US dollars, null where no price is known. */
  cost_usd: number | null;
}

/** What was spent; estimates in US dollars. */
export interface MoneyView {
  /** Since midnight. */
  today_usd: number;
  /** In this session. */
  session_usd: number;
  /** Jobs without a known price, which the sums leave out. */
  unknown: number;
  /** What is left of the cap, null where none is set. */
  cap_left_usd: number | null;
}

/** The caps on what may be spent, in US dollars, null for none; and the answer to the newest `caps`. */
export interface CapsView {
  /** For one job. */
  per_job_usd: number | null;
  /** For this session. */
  per_session_usd: number | null;
  /** From midnight to midnight. */
  per_day_usd: number | null;
  /** The `caps` that it answers; "" for none yet. */
  click_id: string;
  /** Why nothing was changed; empty when all is well. The field is the name of the cap. */
  problems: FieldProblem[];
}

/** What became of the newest submit. */
export interface OutcomeView {
  /** The submit it is about. */
  click_id: string;
  /** The job, once accepted or being sent. */
  job_id: string | null;
  /** Why it was refused. */
  problem: Problem | null;
  /** The field that the problem is about. */
  field: string | null;
  /** A question to answer first: "The same request was sent 4 s ago (job k3f9). Send it again?" */
  ask: string | null;
  /** What the button says that agrees, where it is not "Send again". */
  yes: string | null;
  /** The sweep of several takes. */
  sweep_id: string | null;
}

/** A selected job that the history does not have. */
export interface MissingView {
  /** The selected id. */
  job_id: string;
  /** The newest job instead, null in an empty history. */
  newest: string | null;
}

/** Everything but the list of jobs. */
export interface StudioView {
  /** Grows with every send; an older view never replaces a newer one. */
  rev: number;
  /** "api" or "simulator". */
  service: string;
  /** "Simulator: no key used, nothing charged" or "API at https://…"; always shown. */
  label: string;
  /** "loading", "ready" or "offline". */
  state: string;
  /** Why offline, in words. */
  problem: string | null;
  /** The options of the form, in the order of the table. */
  options: OptionView[];
  /** The models, in the order to show them. */
  models: ModelView[];
  /** The answer to the newest `check`. */
  check: CheckView | null;
  /** What was spent. */
  money: MoneyView;
  /** What may be spent. */
  caps: CapsView;
  /** Click ids of the submits under way. */
  sending: string[];
  /** What became of the newest submit. */
  outcome: OutcomeView | null;
  /** The selected job, also when it is not on the shown page of jobs. */
  stage: JobView | null;
  /** Why there is no stage, when something is selected. */
  missing: MissingView | null;
  /** Why no clip can be continued here; "" where it can. */
  cannot_continue: string;
  /** The largest file that is read, in bytes. */
  most_bytes: number;
}

/** One job: a card's view without the poster's bytes, and what only the Studio shows. */
export interface JobView extends Omit<CardView, "poster"> {
  /** When it was submitted, in seconds since 1970. */
  created_at: number;
  /** What was asked for, exactly. */
  request: RequestView;
  /** Whether `poster` gets a picture. */
  has_poster: boolean;
  /** Whether a person starred it. */
  starred: boolean;
  /** How good a person finds it, 1 to 5; null where nobody said. */
  rating: number | null;
  /** A person's words to find it by. */
  tags: string[];
  /** A person's note; "" for none. */
  note: string;
  /** The same request as a magic. */
  as_magic: string;
  /** The same request as Python. */
  as_python: string;
  /** The clip's path below the server's base URL, quoted: "files/x/seedance_clips/a.mp4". */
  url: string | null;
  /** The job that this one was made from. */
  parent_id: string | null;
  /** What it is of that: "variation", "continues" or "take". */
  relation: string;
}

/** One page of the history, newest first. */
export interface JobsView {
  /** Grows with every send. */
  rev: number;
  /** The text that was searched for. */
  text: string;
  /** The status that was asked for, "" for any. */
  status: string;
  /** The model that was asked for, "" for any. */
  model: string;
  /** Whether only starred jobs were asked for. */
  starred: boolean;
  /** The tag that was asked for, "" for any. */
  tag: string;
  /** The least rating that was asked for, 0 for any. */
  rating: number;
  /** Every tag that a job of the history has. */
  tags: string[];
  /** From 0. */
  page: number;
  /** How many pages there are. */
  pages: number;
  /** How many jobs fit the search. */
  total: number;
  /** The jobs of this page. */
  items: JobView[];
}

export const EMPTY_REQUEST: RequestView = {
  prompt: "",
  model: "",
  duration: 5,
  aspect_ratio: "16:9",
  resolution: "720p",
  media_urls: [],
};

export const EMPTY_STUDIO: StudioView = {
  rev: -1,
  service: "",
  label: "",
  state: "loading",
  problem: null,
  options: [],
  models: [],
  check: null,
  money: { today_usd: 0, session_usd: 0, unknown: 0, cap_left_usd: null },
  caps: { per_job_usd: null, per_session_usd: null, per_day_usd: null, click_id: "", problems: [] },
  sending: [],
  outcome: null,
  stage: null,
  missing: null,
  cannot_continue: "",
  most_bytes: 0,
};

export const EMPTY_JOBS: JobsView = { rev: -1, text: "", status: "", model: "", starred: false, tag: "", rating: 0, tags: [], page: 0, pages: 0, total: 0, items: [] };

type Loose<T> = Partial<T> | null | undefined;

/** The trait `view` as a complete one, whatever it holds. */
export function readStudio(trait: unknown): StudioView {
  const view = { ...EMPTY_STUDIO, ...(trait as Loose<StudioView>) };
  return { ...view, stage: view.stage && readJob(view.stage) };
}

/** The trait `jobs_page` as a complete one, whatever it holds. */
export function readJobs(trait: unknown): JobsView {
  const jobs = { ...EMPTY_JOBS, ...(trait as Loose<JobsView>) };
  return { ...jobs, items: jobs.items.map(readJob) };
}

// The kernel that sends a job has sent this code with it: all fields are there.
function readJob(job: JobView): JobView {
  // A job made elsewhere may leave an option to the server; the form has to show some value.
  const asked = Object.fromEntries(Object.entries(job.request).filter(([name, value]) => value !== null || !(name in EMPTY_REQUEST)));
  return { ...job, request: { ...EMPTY_REQUEST, ...asked } };
}
