// The bar: an honest estimate, computed in the page so that it moves while the kernel is busy. Pure.
import { span } from "./format";
import type { Estimate } from "./job-view";

export interface Progress {
  /** 0 to 0.95, or null when nobody can say. */
  value: number | null;
  /** The same in words. */
  label: string;
}

const FULLEST = 0.95; // never full before the end

/**
 * How far the job probably is.
 *
 * `extra_s` is what the page's own clock adds to the estimate's elapsed time, in seconds.
 */
export function progress(estimate: Estimate | null, extra_s: number): Progress {
  if (!estimate) return { value: null, label: "estimate starts once generation begins" };
  const { median_s, p90_s } = estimate;
  const basis = source(estimate.source);
  if (!(p90_s > 0)) return { value: null, label: basis };
  const elapsed_s = Math.max(0, estimate.elapsed_s + Math.max(0, extra_s));
  if (elapsed_s >= p90_s) return { value: null, label: `longer than expected · ${basis}` };
  return { value: (FULLEST * elapsed_s) / p90_s, label: `${remaining(median_s - elapsed_s, p90_s - elapsed_s)} · ${basis}` };
}

/** How far a job's bar has been. */
export interface Furthest {
  job_id: string;
  value: number;
}

/** The bar of a job never goes back: an estimate that got longer meanwhile makes it slower. Another job begins anew. */
export function onward(before: Furthest, job_id: string, value: number): Furthest {
  return { job_id, value: before.job_id === job_id ? Math.max(before.value, value) : value };
}

function remaining(toMedian_s: number, toP90_s: number): string {
  return toMedian_s > 0 ? `${almost(span(toMedian_s))} left` : `taking a little longer than usual; probably ${more(span(toP90_s))}`;
}

const almost = (span: string) => (span.startsWith("a ") ? span : `about ${span}`);
const more = (span: string) => (span.startsWith("a ") ? span.replace("a few", "a few more") : `${span} more`);

function source(words: string): string {
  if (!words) return "estimate";
  return words.startsWith("from ") ? `estimate ${words}` : `estimate: ${words}`;
}
