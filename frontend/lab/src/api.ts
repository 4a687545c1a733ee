// The server's routes below `seedance/`: the one place that knows their names. Pure; how they are asked is handed in.
import type { Costs, Doctor, Job, JobsPage, Marks, WhatIsNew } from "./job";

export interface Asked {
  method?: string;
  body?: unknown;
}

/** Asks the server and answers with what its JSON says, or its bytes; raises `Refused`. */
export interface Ask {
  json(path: string, asked?: Asked): Promise<unknown>;
  blob(path: string): Promise<Blob>;
  /** The address of a route, for elements that fetch by themselves. */
  url(path: string): string;
}

/** The server refused, or could not be reached: then `status` is 0. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly what: string,
    readonly charged = "",
    readonly next_step = "",
  ) {
    super([what, charged, next_step].filter(Boolean).join(" "));
  }
}

/** Which jobs are listed. */
export interface Query {
  text: string;
  status: string;
  model: string;
  starred: boolean;
}

export const ANY: Query = { text: "", status: "", model: "", starred: false };

export function isNarrow({ text, status, model, starred }: Query): boolean {
  return !!(text.trim() || status || model || starred);
}

export class Api {
  constructor(private readonly ask: Ask) {}

  whatIsNew(): Promise<WhatIsNew> {
    return this.ask.json("new") as Promise<WhatIsNew>;
  }
  jobs({ text, status, model, starred }: Query, offset: number, limit: number): Promise<JobsPage> {
    const asked = { text: text.trim(), status, model, starred: starred ? "true" : "", offset: String(offset), limit: String(limit) };
    const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
    return this.ask.json(`jobs?${query}`) as Promise<JobsPage>;
  }
  async job(id: string): Promise<Job> {
    return jobOf(await this.ask.json(path(id)));
  }
  async cancel(id: string): Promise<Job> {
    return jobOf(await this.ask.json(path(id, "cancel"), { method: "POST" }));
  }
  async download(id: string): Promise<Job> {
    return jobOf(await this.ask.json(path(id, "download"), { method: "POST" }));
  }
  async mark(id: string, marks: Marks): Promise<Job> {
    return jobOf(await this.ask.json(path(id, "mark"), { method: "POST", body: marks }));
  }
  /** Answers with sentences about files that stayed. `force`: an unconfirmed one, too. */
  async remove(id: string, force: boolean): Promise<string[]> {
    const { kept } = (await this.ask.json(force ? `${path(id)}?force=true` : path(id), { method: "DELETE" })) as { kept?: string[] };
    return kept ?? [];
  }
  async seen(ids: string[]): Promise<string[]> {
    return ((await this.ask.json("jobs/seen", { method: "POST", body: { ids } })) as { seen: string[] }).seen;
  }
  /** Those that no page has told yet: this one tells them now. */
  async told(ids: string[]): Promise<string[]> {
    return ((await this.ask.json("jobs/told", { method: "POST", body: { ids } })) as { tell: string[] }).tell;
  }
  costs(): Promise<Costs> {
    return this.ask.json("costs?by=day") as Promise<Costs>;
  }
  doctor(): Promise<Doctor> {
    return this.ask.json("doctor") as Promise<Doctor>;
  }
  poster(id: string): Promise<Blob> {
    return this.ask.blob(path(id, "poster"));
  }
  clip(id: string): Promise<Blob> {
    return this.ask.blob(path(id, "clip"));
  }
  clipUrl(id: string): string {
    return this.ask.url(path(id, "clip"));
  }
}

function path(id: string, part?: string): string {
  return ["jobs", encodeURIComponent(id), part].filter(Boolean).join("/");
}

function jobOf(answer: unknown): Job {
  return (answer as { job: Job }).job;
}
