// The server in small: a history in memory, and what it was asked.
import { Api, type Ask, type Asked, Refused } from "../../lab/src/api";
import type { Job, News, WhatIsNew } from "../../lab/src/job";

export function jobOf(part: Partial<Job> = {}): Job {
  return {
    id: "abcd2345", status: "succeeded", prompt: "a paper boat in heavy rain", model: "seedance-2.0", duration: 5, aspect_ratio: "16:9",
    resolution: "720p", created_at: Date.now() / 1000 - 300, final_at: Date.now() / 1000 - 200, run_s: 40, cost_usd: 0.5, credits_charged: null, starred: false,
    rating: null, tags: [], note: "", request_id: null, clip: "seedance_clips/x-abcd2345.mp4", notebook: null, service: "simulator",
    status_text: "Succeeded", is_final: true, is_settled: true, needs_key: false, is_new: false, cancel_asked_at: null, problem: null,
    save_problem: null, has_poster: false, clip_facts: null, can_cancel: false, can_download: true, can_delete: true, rev: 1, is_cut: false, ...part,
  };
}

export function newsOf(id: string, kind: News["kind"] = "saved"): News {
  return { id, status: kind === "saved" ? "succeeded" : kind, kind, at: 1 };
}

export function newOf(part: Partial<WhatIsNew> = {}): WhatIsNew {
  return { version: "0.1.0", api: 1, history: "ok", said: null, changes: "1", open: 0, statuses: {}, new: [], more: 0, ...part };
}

export class FakeServer implements Ask {
  asked: string[] = [];
  jobs: Job[];
  news: WhatIsNew = newOf();
  told = new Set<string>();
  refusal: Refused | null = null;
  readonly api = new Api(this);

  constructor(jobs: Job[] = []) {
    this.jobs = jobs;
  }

  async json(path: string, { method = "GET", body }: Asked = {}): Promise<unknown> {
    this.asked.push(`${method} ${path}`);
    await Promise.resolve();
    if (this.refusal) throw this.refusal;
    const [route, query] = path.split("?") as [string, string?];
    const { ids = [] } = (body ?? {}) as { ids?: string[] };
    if (route === "new") return this.news;
    if (route === "costs") return { services: [{ service: "api", today_usd: 3.2, today_unknown: 0, cap_per_day_usd: 20 }] };
    if (route === "jobs/seen") return { seen: ids };
    if (route === "jobs/told") return { tell: ids.filter((id) => !this.told.has(id) && this.told.add(id)) };
    if (route === "jobs") return this.#list(new URLSearchParams(query));
    const [, id, order] = route.split("/");
    const i = this.jobs.findIndex((each) => each.id === id);
    if (i < 0) throw new Refused(404, `There is no job ${id}.`);
    if (method === "DELETE") {
      this.jobs.splice(i, 1);
      return { deleted: id, kept: [] };
    }
    if (order === "cancel") this.jobs[i] = { ...this.jobs[i]!, cancel_asked_at: 1, can_cancel: false, rev: this.jobs[i]!.rev + 1 };
    if (order === "mark") this.jobs[i] = { ...this.jobs[i]!, ...(body as object), rev: this.jobs[i]!.rev + 1 };
    return { job: { ...this.jobs[i], cells: { show: `%seedance_show ${id}`, again: "%%seedance\nx" } } };
  }

  async blob(path: string): Promise<Blob> {
    this.asked.push(`GET ${path}`);
    return new Blob(["jpeg"]);
  }

  url(path: string): string {
    return `/hub/user/bob/seedance/${path}`;
  }

  #list(query: URLSearchParams) {
    const [text, status, model, starred, offset, limit] = ["text", "status", "model", "starred", "offset", "limit"].map((name) => query.get(name) ?? "");
    const isFound = (job: Job) => job.prompt.includes(text!) && (!status || job.status === status) && (!model || job.model === model) && (!starred || job.starred);
    const found = this.jobs.filter(isFound);
    return { jobs: found.slice(Number(offset), Number(offset) + Number(limit)), total: found.length, changes: "1" };
  }
}

/** Lets everything that waits for an answer have it. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}
