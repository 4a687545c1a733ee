// What the kernel says to the grid and to Compare: the contract of both.
// A test on the Python side reads the field names of these interfaces, so each field keeps a line of its own.
import type { Clip, Download, Estimate, Problem } from "../shared/job-view";

/** One job in the grid. */
export interface CellView {
  /** Our name for the job. */
  job_id: string;
  /** Its place in the sweep, "fox · rain"; its prompt where it has none. */
  caption: string;
  /** The prompt, verbatim. */
  prompt: string;
  /** Name and value of each option, ready to show. */
  options: [string, string][];
  /** As on a card. */
  status: string;
  /** The status in words. */
  status_text: string;
  /** Whether nothing more happens by itself. */
  final: boolean;
  /** Seconds since submitting, at the moment of this view. */
  elapsed_s: number;
  /** How long such jobs take. */
  estimate: Estimate | null;
  /** The saving of the clip, while it goes on or when it got stuck. */
  download: Download | null;
  /** The saved clip. */
  clip: Clip | null;
  /** What went wrong. */
  problem: Problem | null;
  /** Whether `poster` gets a picture. */
  has_poster: boolean;
  /** The clip's path below the server's base URL, quoted. */
  url: string | null;
  /** Whether a person starred it. */
  starred: boolean;
}

/** A row of the grid. */
export interface RowView {
  /** The value of the axis that goes down. */
  heading: string;
  /** The ids of the jobs of each cell: usually one. */
  cells: string[][];
}

/** A table, or a wrapped row where `columns` is empty. */
export interface GroupView {
  /** The values of the axes before the last two, "" for none. */
  heading: string;
  /** What the rows and columns are: "animal / weather". */
  corner: string;
  /** The values of the axis that goes across. */
  columns: string[];
  /** From top to bottom. */
  rows: RowView[];
}

/** How an export stands that was asked for. */
export interface ExportView {
  /** "sheet" or "film". */
  what: string;
  /** "busy", "done" or "failed". */
  state: string;
  /** The file's name, or what went wrong. */
  text: string;
  /** The file's path below the server's base URL. */
  url: string | null;
}

/** What a person is asked before anything of a sweep is sent. */
export interface QuestionView {
  /** An answer names it, so that it counts once. */
  id: string;
  /** "24 jobs, about $4.80 (estimate)." */
  text: string;
  /** "Send 24 jobs". */
  send: string;
}

/** Everything the grid shows. */
export interface GridView {
  /** "grid". */
  kind: string;
  /** Grows with every send; an older view never replaces a newer one. */
  rev: number;
  /** What service this is; always shown. */
  label: string;
  /** How many jobs there are. */
  jobs: number;
  /** "3 of 6 ready · 1 failed · 2 under way". */
  summary: string;
  /** Whether nothing more happens by itself. */
  final: boolean;
  /** Where the jobs stand. */
  groups: GroupView[];
  /** The jobs by id. */
  cells: Record<string, CellView>;
  /** Exports that were asked for. */
  exports: ExportView[];
  /** While it waits for an answer, nothing is sent. */
  question: QuestionView | null;
  /** What became of the last answer, where that is no sending. */
  note: string | null;
}

/** A stretch of a prompt. */
export interface SpanView {
  /** Plain text. */
  text: string;
  /** Whether the others have something else there. */
  marked: boolean;
}

/** One of the clips that are compared. */
export interface SideView {
  /** "A" to "D". */
  letter: string;
  /** Our name for the job. */
  job_id: string;
  /** The prompt, verbatim. */
  prompt: string;
  /** The same in spans. */
  spans: SpanView[];
  /** The saved clip. */
  clip: Clip | null;
  /** Frames a second. */
  fps: number;
  /** Whether `poster` gets a picture. */
  has_poster: boolean;
  /** The clip's path below the server's base URL, quoted. */
  url: string | null;
  /** Whether a person starred it. */
  starred: boolean;
}

/** An option that is not the same for all. */
export interface DifferenceView {
  /** "Duration". */
  label: string;
  /** One for each clip. */
  values: string[];
}

/** Everything Compare shows. */
export interface CompareView {
  /** "compare". */
  kind: string;
  /** Grows with every send. */
  rev: number;
  /** What service this is. */
  label: string;
  /** How many clips there are. */
  jobs: number;
  /** Always true: only clips are compared. */
  final: boolean;
  /** The clips from left to right. */
  sides: SideView[];
  /** The options that differ. */
  differences: DifferenceView[];
  /** Name and value of those that do not. */
  same: [string, string][];
  /** The id of the picked job, "" for none. */
  winner: string;
  /** Why the last pick could not be kept. */
  problem: string | null;
}
