// A model in place of the kernel for the Studio, and views to feed it.
import * as panels from "../src/studio/panels";
import { take } from "../src/studio/parts";
import type { Command, Model } from "../src/studio/host";
import { EMPTY_JOBS, EMPTY_REQUEST, EMPTY_STUDIO, type JobsView, type JobView, type ModelView, type RequestView, type StudioView } from "../src/studio/view";
import { CLIP, finished, viewOf } from "./fakes";

take(panels); // as if they had come in a second message

const FOUR_TO_FIFTEEN = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
export const BIG: ModelView = {
  id: "seedance-2.0",
  best_for: "highest quality",
  durations: FOUR_TO_FIFTEEN,
  aspect_ratios: ["16:9", "9:16", "1:1"],
  resolutions: ["480p", "720p", "1080p"],
  usd_per_second: { "480p": 0.05, "720p": 0.1, "1080p": 0.2 },
};
export const SMALL: ModelView = { ...BIG, id: "seedance-1.5-pro", best_for: "lower cost", durations: [5, 10], resolutions: ["480p", "720p"], usd_per_second: {} };

export function requestOf(part: Partial<RequestView> = {}): RequestView {
  return { ...EMPTY_REQUEST, prompt: "A paper boat", model: BIG.id, ...part };
}

export function studioOf(part: Partial<StudioView> = {}): StudioView {
  return { ...EMPTY_STUDIO, rev: 1, service: "simulator", label: "Simulator: no key used, nothing charged", state: "ready", models: [BIG, SMALL], ...part };
}

const OURS = { created_at: 1_790_000_000, has_poster: false, starred: false, rating: null, tags: [] as string[], note: "", as_magic: "%seedance A paper boat", as_python: "session.submit('A paper boat')", url: null, parent_id: null, relation: "variation" };

export function jobOf(part: Partial<JobView> = {}): JobView {
  const { poster: _, ...card } = viewOf();
  return { ...card, ...OURS, request: requestOf(), ...part };
}

export function doneJob(part: Partial<JobView> = {}): JobView {
  const { poster: _, ...card } = finished();
  return { ...card, ...OURS, request: requestOf(), clip: CLIP, ...part };
}

export function jobsOf(items: JobView[], part: Partial<JobsView> = {}): JobsView {
  return { ...EMPTY_JOBS, rev: 1, pages: 1, total: items.length, items, ...part };
}

type Callback = (...args: never[]) => void;
export type Sent = Command & { click_id: string };

export class FakeModel implements Model {
  traits: Record<string, unknown>;
  sent: Sent[] = [];
  /** The bytes that came beside the newest message that had some. */
  bytes: ArrayBuffer | undefined;
  saves = 0;
  listeners: [string, Callback][] = [];

  constructor(traits: Record<string, unknown> = {}) {
    this.traits = { ...requestOf(), selected: "", height: "", studio_id: "s1", compare: null, takes: null, film: { clips: [] }, view: studioOf(), jobs_page: jobsOf([]), ...traits };
  }
  get(name: string): unknown {
    return this.traits[name];
  }
  set(name: string, value: unknown): void {
    if (this.traits[name] === value) return;
    this.traits[name] = value;
    this.emit(`change:${name}`);
  }
  save_changes(): void {
    this.saves += 1;
  }
  on(event: string, callback: Callback): void {
    this.listeners.push([event, callback]);
  }
  off(event: string, callback: Callback): void {
    this.listeners = this.listeners.filter(([name, each]) => name !== event || each !== callback);
  }
  send(content: unknown, _callbacks?: unknown, buffers?: ArrayBuffer[]): void {
    this.sent.push(content as Sent);
    this.bytes = buffers?.[0] ?? this.bytes;
  }
  emit(event: string, ...args: unknown[]): void {
    for (const [name, callback] of [...this.listeners]) if (name === event) callback(...(args as never[]));
  }
  /** The messages of one kind. */
  all<T extends Command["type"]>(type: T): (Extract<Command, { type: T }> & { click_id: string })[] {
    return this.sent.filter((each) => each.type === type) as never;
  }
  /** The kernel changes the view. */
  show(part: Partial<StudioView>): void {
    const view = this.traits.view as StudioView;
    this.set("view", { ...view, rev: view.rev + 1, ...part });
  }
  /** The kernel sends a page of jobs. */
  list(items: JobView[], part: Partial<JobsView> = {}): void {
    this.set("jobs_page", jobsOf(items, { rev: (this.traits.jobs_page as JobsView).rev + 1, ...part }));
  }
  /** The kernel sends bytes. */
  answer(content: object, bytes: string): void {
    this.emit("msg:custom", content, [new DataView(new TextEncoder().encode(bytes).buffer)]);
  }
}
