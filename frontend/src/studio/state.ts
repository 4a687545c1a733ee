// What one view of the Studio knows. Pure; times are milliseconds of one clock.
import { SILENT_AFTER_S } from "../shared/clock";
import type { Problem } from "../shared/job-view";
import type { Pull } from "../shared/pull";
import { type Pending, secondsLeft } from "../shared/undo";
import { confirmed, type Draft, EMPTY_DRAFT } from "./draft";
import { capsWords, priceOf } from "./cost";
import { answers, ANY, type Known, meet, type Pressed, type Query, reconcile, UNKNOWN } from "./jobs";
import type { ExportedAnswer, PromptsView } from "./host";
import { type Field, sameValue } from "./request";
import type { Coming } from "./uploads";
import { acknowledge, type Click, isOnItsWay, NO_SUBMITS, rests, type Submits } from "./submit";
import {
  type CheckView, EMPTY_JOBS, EMPTY_STUDIO, type FieldProblem, type FilmView, type JobsView, type JobView, type MediaEntry, type ModelView,
  type OutcomeView, type RequestView, type StudioView,
} from "./view";

export interface StudioState {
  view: StudioView;
  jobs: JobsView;
  film: FilmView[];
  selected: string;
  height: string;
  now: number;
  /** When the kernel last said anything. */
  heardAt: number;
  draft: Draft;
  /** Fields a person has been at: only there is something missing a problem. */
  touched: ReadonlySet<string>;
  /** The newest check that was sent: its click id, and what it asked about. */
  asked: { click_id: string; request: RequestView } | null;
  /** Checks of this view that a newer one has replaced. */
  outdated: ReadonlySet<string>;
  /** The newest answer, and the request it is about. */
  checked: { answer: CheckView; request: RequestView } | null;
  submits: Submits;
  /** Click ids of the newest commands about jobs. */
  orders: string[];
  /** The outcome that a person has put away. */
  dismissed: string;
  query: Query;
  /** Whether the shown list is not yet the one that was asked for. */
  searching: boolean;
  known: Record<string, Known>;
  /** Object URLs of posters by job id; null where there is none to be had. */
  posters: Record<string, string | null>;
  /** The clip on the stage, when it comes piece by piece. */
  pull: Pull;
  /** The job whose clip that is. */
  pullOf: string;
  /** The job whose clip does not play from its URL. */
  urlFailed: string;
  /** What the page has done to the form by itself, with a way back. */
  remark: { text: string; before: RequestView | null } | null;
  /** Whether the caps are open. */
  capsOpen: boolean;
  /** How many takes a click makes. */
  takes: number;
  /** The job whose last frame the next clip begins with. */
  goesOn: JobView | null;
  /** What the kernel has told of media, by what the form holds of them. */
  media: Record<string, MediaEntry>;
  /** Files on their way into the media, and those that were refused. */
  coming: Coming[];
  /** The jobs whose clips are chosen to be compared, in that order. */
  chosen: string[];
  /** The jobs that are being deleted. */
  deleting: Pending[];
  /** The id of the widget on the stage instead of a clip, "" for none. */
  compare: string;
  /** Whether that is a grid of takes. */
  isTakes: boolean;
  /** The saved prompts, once they were asked for. */
  prompts: PromptsView | null;
  /** Whether they are open. */
  promptsOpen: boolean;
  /** The newest export of chosen jobs. */
  exported: ExportedAnswer | null;
  /** For the one live region. */
  said: string;
}

export function firstState(now: number): StudioState {
  return {
    view: EMPTY_STUDIO, jobs: EMPTY_JOBS, film: [], selected: "", height: "", now, heardAt: now, draft: EMPTY_DRAFT, touched: new Set(),
    asked: null, outdated: new Set(), checked: null, submits: NO_SUBMITS, orders: [], dismissed: "", query: ANY, searching: false, known: {},
    posters: {}, pull: { phase: "idle" }, pullOf: "", urlFailed: "", remark: null, capsOpen: false, takes: 1, goesOn: null, media: {}, coming: [], chosen: [], deleting: [], compare: "", isTakes: false, prompts: null, promptsOpen: false, exported: null, said: "",
  };
}

/** A new `view` came. An older one is still a sign of life. */
export function hearView(state: StudioState, view: StudioView, now: number): StudioState {
  const heard = { ...state, now, heardAt: now };
  if (view.rev < state.view.rev) return heard;
  const [stage = null] = view.stage ? reconcile(state.view.stage ? [state.view.stage] : [], [view.stage]) : [];
  const next = hearJobs({ ...heard, view: { ...view, stage }, submits: acknowledge(state.submits, view) }, state, stage ? [stage] : []);
  return sayCaps(sayOutcome(takeCheck(next), state), state);
}

/** A new page of `jobs` came. */
export function hearList(state: StudioState, jobs: JobsView, now: number): StudioState {
  const heard = { ...state, now, heardAt: now };
  if (jobs.rev < state.jobs.rev) return heard;
  const items = reconcile(state.jobs.items, jobs.items);
  const next = hearJobs({ ...heard, jobs: { ...jobs, items } }, state, items);
  if (!answers(jobs, state.query) && state.searching) return next;
  const { text, status, model, starred, tag, rating, page } = jobs;
  return { ...next, searching: false, query: { text, status, model, starred, tag, rating, page } };
}

function hearJobs(next: StudioState, before: StudioState, jobs: JobView[]): StudioState {
  const known = { ...next.known };
  const news: string[] = [];
  for (const job of jobs) {
    const old = jobOf(before, job.job_id);
    if (old === job) continue;
    known[job.job_id] = meet(known[job.job_id] ?? UNKNOWN, old, job, next.now);
    if (old && old.status_text !== job.status_text) news.push(`${job.status_text}: ${short(job.prompt)}`);
  }
  return { ...next, known, said: news.length ? news.join(". ") : next.said };
}

// Every view of a model hears the answers to all of them: one to an outdated question of ours is passed over.
function takeCheck(state: StudioState): StudioState {
  const answer = state.view.check;
  if (!answer || answer.click_id === state.checked?.answer.click_id || state.outdated.has(answer.click_id)) return state;
  const ours = answer.click_id === state.asked?.click_id;
  const request = ours && state.asked ? state.asked.request : state.draft.request;
  return { ...state, checked: { answer, request }, draft: ours ? confirmed(state.draft) : state.draft };
}

function sayOutcome(state: StudioState, before: StudioState): StudioState {
  const outcome = outcomeOf(state);
  const problem = outcome?.problem ?? troubleOf(state);
  if (JSON.stringify(state.view.outcome) === JSON.stringify(before.view.outcome)) return state;
  const words = outcome?.ask ?? (problem ? `${problem.title}. ${problem.what}` : outcome?.sweep_id ? "Submitted the takes" : outcome?.job_id && `Submitted as job ${outcome.job_id}`);
  return words ? { ...state, said: words } : state;
}

function sayCaps(state: StudioState, { view: before }: StudioState): StudioState {
  const { caps } = state.view;
  if (caps.click_id === before.caps.click_id || before.rev < 0) return state;
  return { ...state, said: caps.problems.map(({ text }) => text).join(" ") || `Caps: ${capsWords(caps) || "none"}` };
}

/** The takes that the next click makes; a clip that goes on is one. */
export function takesOf({ takes, goesOn }: StudioState): number {
  return goesOn ? 1 : takes;
}

/** The estimated cost of the next click, of all its takes; null where no price is known. */
export function priceNow(state: StudioState): number | null {
  const { request } = state.draft;
  const usd = priceOf(state.view.models, state.goesOn ? { ...request, media_urls: ["", ...request.media_urls] } : request); // its last frame
  return usd === null ? null : usd * takesOf(state);
}

/** The outcome of a submit of this view, until it is put away. */
export function outcomeOf(state: StudioState): OutcomeView | null {
  const { view: { outcome }, dismissed } = state;
  return outcome && outcome.click_id !== dismissed && clickOf(state, outcome) ? outcome : null;
}

/** What came of a command about a job, when that was a problem. */
export function troubleOf({ view: { outcome }, orders, dismissed }: StudioState): Problem | null {
  return outcome && outcome.click_id !== dismissed && orders.includes(outcome.click_id) ? outcome.problem : null;
}

/** The click that an outcome is about. */
export function clickOf({ submits }: StudioState, outcome: OutcomeView): Click | undefined {
  return submits.sent.find(({ click_id }) => click_id === outcome.click_id);
}

/** The problems of a field that are still true of what stands in it. */
export function problemsOf(state: StudioState, field: Field): FieldProblem[] {
  const { checked, draft, touched } = state;
  if (field === "prompt" && !draft.request.prompt.trim()) {
    return touched.has("prompt") ? [{ field, index: null, text: "The prompt is empty. Say what the video shows." }] : [];
  }
  const current = checked && holds(checked.request, draft.request, field);
  const found = current ? checked.answer.problems.filter((problem) => problem.field === field) : [];
  const outcome = outcomeOf(state);
  const click = outcome?.field === field && outcome.problem ? clickOf(state, outcome) : undefined;
  if (found.length || !click || !outcome?.problem || !holds(click.request, draft.request, field)) return found;
  const { what, next } = outcome.problem;
  return [{ field, index: null, text: `${what} ${next}`.trim() }];
}

function holds(then: RequestView, now: RequestView, field: Field): boolean {
  return sameValue(then[field], now[field]) && then.model === now.model;
}

/** A job by its id, as fresh as it is known here. */
export function jobOf({ view, jobs }: StudioState, id: string): JobView | undefined {
  const listed = jobs.items.find(({ job_id }) => job_id === id);
  const staged = view.stage?.job_id === id ? view.stage : undefined;
  if (!listed || !staged) return listed ?? staged;
  return ripeness(listed) > ripeness(staged) ? listed : staged;
}

function ripeness(job: JobView): number {
  return Number(job.final) * 2 + Number(!!job.clip);
}

/** The job on the stage. */
export function stageOf(state: StudioState): JobView | undefined {
  return state.selected ? jobOf(state, state.selected) : undefined;
}

/** Seconds until a job is deleted; null: it is not. */
export function leftOf({ deleting, now }: StudioState, id: string): number | null {
  return secondsLeft(deleting, now).get(id) ?? null;
}

/** A job was deleted here; the kernel's next list is without it. */
export function forget(state: StudioState, id: string): StudioState {
  const { jobs, view, chosen } = state;
  const items = jobs.items.filter(({ job_id }) => job_id !== id);
  const stage = view.stage?.job_id === id ? null : view.stage;
  const film = state.film.filter(({ job_id }) => job_id !== id);
  const total = jobs.total - jobs.items.length + items.length;
  return { ...state, film, jobs: { ...jobs, items, total }, view: { ...view, stage }, chosen: chosen.filter((each) => each !== id) };
}

/** Notes what a person pressed at a job. */
export function pressJob(state: StudioState, id: string, part: Omit<Pressed, "at">): StudioState {
  const known = state.known[id] ?? UNKNOWN;
  return { ...state, known: { ...state.known, [id]: { ...known, pressed: { ...known.pressed, ...part, at: state.now } } } };
}

/** The model of the form; while it is not known, one that takes what stands there. */
export function modelOf({ view, draft: { request } }: StudioState): ModelView {
  const { model, duration, aspect_ratio, resolution } = request;
  const found = view.models.find(({ id }) => id === model);
  const or = <T>(list: T[] | undefined, value: T) => (list?.length ? list : [value]); // an empty list: the model has no say
  return {
    id: model,
    best_for: "",
    usd_per_second: {},
    ...found,
    durations: or(found?.durations, duration),
    aspect_ratios: or(found?.aspect_ratios, aspect_ratio),
    resolutions: or(found?.resolutions, resolution),
  };
}

export function isLoading({ view }: StudioState): boolean {
  return view.state === "loading";
}

/** Whether Generate can be pressed. */
export function canSubmit(state: StudioState): boolean {
  return state.view.models.length > 0 && !rests(state.submits, state.now);
}

export function isRunning(state: StudioState): boolean {
  const stage = stageOf(state);
  const moving = (job: JobView) => !job.final && job.status !== "unconfirmed";
  return state.jobs.items.some(moving) || (!!stage && moving(stage)) || state.view.sending.length > 0;
}

/** Whether anything on the page changes by the clock alone. */
export function needsClock(state: StudioState): boolean {
  return isRunning(state) || isLoading(state) || state.submits.waiting.length > 0 || state.deleting.some(({ at }) => at > state.now) || rests(state.submits, state.now);
}

/** Seconds without a word from the kernel, or null while that is nothing to mention. */
export function silentS(state: StudioState): number | null {
  const silent = (state.now - state.heardAt) / 1000;
  return silent >= SILENT_AFTER_S && isRunning(state) ? silent : null;
}

/** Submits that are on their way to the kernel or from there to the service. */
export function underWay({ view, submits, now }: StudioState): number {
  return view.sending.length || Number(isOnItsWay(submits, now));
}

/** The chosen jobs that have a clip, as far as is known here. */
export function comparable(state: StudioState): string[] {
  return state.chosen.filter((id) => jobOf(state, id)?.clip !== null);
}

/** Whether so many clips can be compared. */
export function fitsCompare({ length }: string[]): boolean {
  return length > 1 && length < 5;
}

/** How far the choice of clips to compare is. */
export function chosenWords({ length }: string[]): string {
  return `${length} selected`;
}

export function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
