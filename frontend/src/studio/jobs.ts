// What the page knows of jobs: the shown page of the history, the one on the stage, and what was pressed here. Pure.
import { dotted } from "../shared/format";
import { cancelWasAnswered } from "../shared/cancel";
import { type JobClock, keepTime, NO_CLOCK } from "../shared/clock";
import type { Marks } from "../shared/clip-actions";
import { sameValue } from "./request";
import type { JobsView, JobView, RequestView } from "./view";

const BELIEVED_MS = 5000; // what was pressed here counts so long without a word from the kernel

/** What a person did to a job here, until the kernel says the same. */
export interface Pressed extends Marks {
  cancel?: boolean;
  download?: boolean;
  at: number;
}

const MARKS = ["starred", "rating", "tags", "note"] as const;

/** A job with what was said of it here and the kernel has not told yet. */
export function marked(job: JobView, pressed: Pressed | null): JobView {
  const marks = MARKS.filter((mark) => pressed?.[mark] !== undefined);
  return marks.length ? { ...job, ...Object.fromEntries(marks.map((mark) => [mark, pressed![mark]])) } : job;
}

export interface Known {
  clock: JobClock;
  pressed: Pressed | null;
}

export const UNKNOWN: Known = { clock: NO_CLOCK, pressed: null };

/** What is known of a job, now that the kernel has said something new about it. */
export function meet(known: Known, before: JobView | undefined, job: JobView, now: number): Known {
  return {
    clock: keepTime(known.clock, before ?? job, job, now),
    pressed: known.pressed && stillPressed(known.pressed, before ?? job, job, now),
  };
}

function stillPressed(pressed: Pressed, before: JobView, job: JobView, now: number): Pressed | null {
  const still = { ...pressed };
  const old = now - pressed.at >= BELIEVED_MS;
  if (cancelWasAnswered(before, job)) delete still.cancel;
  if (old || !job.download?.problem) delete still.download;
  for (const mark of MARKS) if (old || sameValue(job[mark], pressed[mark])) delete still[mark];
  return Object.keys(still).length > 1 ? still : null;
}

/** Keeps the old object for a job of which nothing has changed, so that it need not be drawn again. */
export function reconcile(before: JobView[], items: JobView[]): JobView[] {
  const old = new Map(before.map((job) => [job.job_id, job]));
  return items.map((job) => {
    const same = old.get(job.job_id);
    return same && JSON.stringify(same) === JSON.stringify({ ...job, rev: same.rev }) ? same : job;
  });
}

/** What the list is asked to show. */
export interface Query {
  text: string;
  status: string;
  model: string;
  starred: boolean;
  tag: string;
  /** At least so much; 0: any. */
  rating: number;
  page: number;
}

export const ANY: Query = { text: "", status: "", model: "", starred: false, tag: "", rating: 0, page: 0 };
const FILTERS = ["text", "status", "model", "starred", "tag", "rating"] as const;

/** Another search begins at its first page. */
export function refine(query: Query, part: Partial<Query>): Query {
  return { ...query, page: 0, ...part };
}

export function isNarrow(query: Query): boolean {
  return FILTERS.some((each) => query[each]);
}

/** Whether a list is the answer to a query; where its page is gone, the last one is. */
export function answers(jobs: JobsView, query: Query): boolean {
  const page = jobs.page === query.page || jobs.page >= jobs.pages - 1;
  return page && FILTERS.every((each) => jobs[each] === query[each]);
}

/** "seedance-2.0 · 16:9 · 5 s · 720p · 2 media": what tells one try from the next. */
export function optionWords({ prompt: _, model, aspect_ratio, duration, resolution, media_urls, ...others }: RequestView): string {
  const more = Object.entries(others).map(([name, value]) => value !== null && `${name.replaceAll("_", " ")} ${value}`);
  return dotted(model, aspect_ratio, `${duration} s`, resolution, media_urls.length && `${media_urls.length} media`, ...more);
}

/** What a job is of the one that it was made from. */
export function madeFrom(relation: string): string {
  return { continues: "Continues", take: "Another take of" }[relation] ?? "Made from";
}

/** The same in a list; a variation is the rule, and is not said. */
export function relationWords({ parent_id, relation }: Pick<JobView, "parent_id" | "relation">): string | null {
  const words = { continues: "continues", take: "another take of" }[relation];
  return parent_id && words ? `${words} ${parent_id.slice(0, 8)}` : null;
}
