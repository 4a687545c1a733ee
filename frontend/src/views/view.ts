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
  /** How good a person finds it, 1 to 5; null where nobody said. */
  rating: number | null;
  /** Whether a person rejected it. */
  rejected: boolean;
  /** A person's words to find it by. */
  tags: string[];
  /** A person's note; "" for none. */
  note: string;
  /** What it was estimated to cost, in US dollars. */
  cost_usd: number | null;
  /** As on a card: "available", "asked" or "unavailable". */
  cancel: string;
  /** A word about cancelling. */
  cancel_note: string | null;
  /** The pages that the note is not for. */
  cancel_at_once: string[];
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

/** How far the sending of a sweep is. */
export interface SweepView {
  /** Whether what is left is sent as soon as there is room. */
  sending: boolean;
  /** How many of its jobs have not ended. */
  running: number;
  /** How many combinations are not sent. */
  unsent: number;
}

/** What the marks say of one value of an axis. */
export interface ValueView {
  /** "fox", "4 s". */
  value: string;
  /** The mean and how many ratings stand behind it: "4.3 of 6"; "" for none. */
  rating: string;
  /** The mean, 1 to 5. */
  mean: number | null;
  /** How many have a star. */
  starred: number;
  /** How many were rejected. */
  rejected: number;
  /** How many clips there are. */
  clips: number;
  /** Whether it did better than the others of its axis. */
  best: boolean;
}

/** What the marks say of the values of an axis. */
export interface AxisView {
  /** "animal". */
  axis: string;
  /** In the order of the axis. */
  values: ValueView[];
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
  /** What went wrong last, or why the rest was not sent. */
  note: string | null;
  /** What all have in common of the axes that do not tell them apart: "4 s"; "" for nothing. */
  shared: string;
  /** The sweep that it shows, if it is one. */
  sweep: SweepView | null;
  /** What the marks say; empty while there are none. */
  by_axis: AxisView[];
}

/** A clip that is chosen or not. */
export interface ChoiceView {
  /** Our name for the job. */
  job_id: string;
  /** Its place in the sweep, or its prompt. */
  caption: string;
  /** The prompt, verbatim. */
  prompt: string;
  /** The saved clip. */
  clip: Clip | null;
  /** Whether `poster` gets a picture. */
  has_poster: boolean;
  /** The clip's path below the server's base URL, quoted. */
  url: string | null;
  /** Whether a person starred it. */
  starred: boolean;
  /** How good a person finds it, 1 to 5; null where nobody said. */
  rating: number | null;
  /** Whether a person rejected it. */
  rejected: boolean;
}

/** Everything Choose shows. */
export interface ChooseView {
  /** "choose". */
  kind: string;
  /** Grows with every send. */
  rev: number;
  /** What service this is. */
  label: string;
  /** How many jobs there are, also those that have no clip yet. */
  jobs: number;
  /** Whether no more clips come. */
  final: boolean;
  /** The clips, in order. */
  clips: ChoiceView[];
  /** Why the last mark could not be kept. */
  problem: string | null;
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
  /** How good a person finds it, 1 to 5; null where nobody said. */
  rating: number | null;
  /** A person's words to find it by. */
  tags: string[];
  /** A person's note; "" for none. */
  note: string;
  /** What it was estimated to cost, in US dollars. */
  cost_usd: number | null;
  /** The same request as a magic. */
  as_magic: string;
  /** The same request in Python. */
  as_python: string;
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
  /** What came of Again; "" for nothing. */
  note: string;
}
