// What the parts of the panel and of the large view are given.
import type { Query } from "./api";
import type { Permission } from "./desktop";
import type { Job, Marks } from "./job";

/** "off": a person does not want notifications on the desktop. */
export type Desktop = Permission | "off";

/** What can be pressed about one job. */
export interface JobActions {
  select(id: string): void;
  open(id: string): void;
  insert(id: string, cell: "show" | "again"): void;
  cancel(id: string): void;
  download(id: string): void;
  mark(id: string, marks: Marks): void;
  remove(job: Job): void;
  undo(id: string): void;
}

export interface PanelActions extends JobActions {
  search(part: Partial<Query>): void;
  play(id: string, byKey: boolean): void;
  studio(): void;
  allow(): void;
  clipUrl(id: string): string;
  /** The list is in the page; the answer says that it no longer is. */
  place(box: HTMLElement): () => void;
  scrolled(): void;
  key(event: KeyboardEvent): void;
  focusList(): void;
}

export interface JobState {
  /** Seconds until a job is deleted. */
  deleting: ReadonlyMap<string, number>;
  now_s: number;
}

export interface PanelState extends JobState {
  query: Query;
  selected: string;
  /** Null until the first answer. */
  total: number | null;
  rows: { place: number; job: Job | null }[];
  detail: Job | null;
  posters: Record<string, string | null>;
  playing: string;
  models: string[];
  spent: string;
  said: string | null;
  desktop: Desktop;
  problem: string | null;
  /** For people who hear the page. */
  spoken: string;
  isFresh(job: Job): boolean;
}
