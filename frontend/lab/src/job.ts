// What the server says about jobs, field by field: see docs/server-api.md. Pure.
import { about, clock, counted, dotted } from "../../src/shared/format";

/** The version of the server's answers that this page reads. */
export const API = 1;

export type Kind = "saved" | "unsaved" | "failed" | "unconfirmed" | "needs_key";

/** What is new, or needs a person. */
export interface News {
  id: string;
  status: string;
  kind: Kind;
  /** When, in seconds since 1970. */
  at: number;
}

/** The answer to `GET new`. */
export interface WhatIsNew {
  version: string;
  api: number;
  /** "ok", "none" or "trouble". */
  history: string;
  said: string | null;
  changes: string;
  open: number;
  statuses: Record<string, number>;
  new: News[];
  more: number;
}

/** A word from the event stream. */
export interface Told {
  api: number;
  history: string;
  changes: string;
  open: number;
  statuses: Record<string, number>;
  new_count: number;
  changed: { id: string; status: string; kind: string; is_new: boolean }[];
  more: number;
}

export interface Job {
  id: string;
  status: string;
  prompt: string;
  model: string | null;
  duration: number | null;
  aspect_ratio: string | null;
  resolution: string | null;
  created_at: number;
  final_at: number | null;
  run_s: number | null;
  cost_usd: number | null;
  credits_charged: number | null;
  starred: boolean;
  rating: number | null;
  tags: string[];
  note: string;
  request_id: string | null;
  clip: string | null;
  notebook: string | null;
  service: string;
  status_text: string;
  is_final: boolean;
  is_settled: boolean;
  needs_key: boolean;
  is_new: boolean;
  cancel_asked_at: number | null;
  problem: { code: string; message: string } | null;
  save_problem: string | null;
  has_poster: boolean;
  clip_facts: ClipFacts | null;
  can_cancel: boolean;
  can_download: boolean;
  can_delete: boolean;
  rev: number;
  is_cut: boolean;
  cells?: { show: string; again: string };
}

export interface ClipFacts {
  size_bytes: number;
  width: number;
  height: number;
  duration_s: number;
  has_audio: boolean;
  codec?: string | null;
  problem?: string | null;
}

export interface JobsPage {
  jobs: Job[];
  total: number;
  changes: string;
}

/** What may be marked by a person. */
export type Marks = Partial<Pick<Job, "starred" | "rating" | "note" | "tags">>;

export interface Costs {
  services: { service: string; today_usd: number; today_unknown: number; cap_per_day_usd: number | null }[];
}

export interface Doctor {
  ok: boolean;
  checks: { name: string; ok: boolean | null; detail: string; next_step: string }[];
}

/** Width over height of "16:9". */
export function shapeOf(ratio: string | null): number {
  const [width, height] = (ratio ?? "").split(":").map(Number);
  return width && height ? width / height : 16 / 9;
}

/** "seedance-2.0 · 16:9 · 5 s · 720p · ≈ $0.50". */
export function factsOf(job: Job): string {
  const { model, aspect_ratio, duration, resolution, cost_usd } = job;
  return dotted(model, aspect_ratio, duration !== null && `${duration} s`, resolution, cost_usd !== null && about(cost_usd));
}

/** Whether Delete is offered: also of an unconfirmed job, with a warning, since it may have been paid for. */
export function mayDelete({ can_delete, status }: Job): boolean {
  return can_delete || status === "unconfirmed";
}

/** A prompt in so many characters. */
export function shortly(prompt: string, most = 60): string {
  const line = prompt.replace(/\s+/g, " ").trim();
  const letters = [...line];
  return letters.length > most ? `${letters.slice(0, most - 1).join("").trimEnd()}…` : line;
}

/** "m:ss" since it was submitted, while it goes on. `now_s`: seconds since 1970. */
export function elapsed(job: Job, now_s: number): string | null {
  return job.is_final || job.status === "unconfirmed" ? null : clock(now_s - job.created_at);
}

/** "2 generating · 1 new"; "" when there is nothing to say. */
export function statusWords(open: number, fresh: number): string {
  return dotted(open > 0 && `${counted(open)} generating`, fresh > 0 && `${counted(fresh)} new`);
}

/** "$3.20 today of $20.00"; "" where nothing was spent and nothing is capped. */
export function spentWords({ services }: Costs): string {
  const [first] = services;
  if (!first) return "";
  const { service, today_usd, today_unknown, cap_per_day_usd } = first;
  const today = `${about(today_usd)} today`;
  const capped = cap_per_day_usd === null ? today : `${today}, cap $${cap_per_day_usd.toFixed(2)} a day`;
  return dotted(service === "simulator" ? `${capped} (simulated)` : capped, today_unknown > 0 && `${counted(today_unknown)} without a price`);
}
