// What one view of a grid knows, and what follows from it. Pure; times are milliseconds of one clock.
import { type JobClock, keepTime, NO_CLOCK, SILENT_AFTER_S } from "../shared/clock";
import { cancelWasAnswered } from "../shared/cancel";
import type { Pending } from "../shared/undo";
import type { CodeAnswer } from "./host";
import { type Pressed, stillPressed } from "./marks";
import type { CellView, ExportView, GridView } from "./view";

/** What was asked of the whole sweep. */
export type Order = "hold" | "cancel_all" | "ask";

export interface GridState {
  view: GridView;
  clocks: Record<string, JobClock>;
  now: number;
  heardAt: number;
  posters: Record<string, string | null>;
  /** Cells that a person can see. */
  seen: Set<string>;
  /** Cells whose clip was played since they came in sight: these hold a video, the others a picture. */
  live: Set<string>;
  /** The cell under the pointer or with the focus. */
  active: string;
  /** Whether all play. */
  playing: boolean;
  /** The cell that stands large below. */
  stage: string;
  /** The id of the question that was answered here. */
  answered: string;
  /** The last order for the sweep that the kernel has not taken up yet. */
  ordered: Order | "";
  /** The jobs that were asked to be cancelled here. */
  cancelling: string[];
  pressed: Pressed;
  /** Whether More is open below the large clip. */
  more: boolean;
  /** The code of clips, as far as it was asked for. */
  codes: Record<string, Pick<CodeAnswer, "as_magic" | "as_python">>;
  /** The clip that is on its way to the browser's downloads; "" for none. */
  saving: string;
  deleting: Pending[];
  /** The clips that are chosen to be compared, in that order. */
  picked: string[];
  /** The id of the widget that stands in the place of the clips: Choose or Compare; "" for none. */
  opened: string;
  /** Grows when an address was found for a clip. */
  sources: number;
  /** For the live region. */
  said: string;
}

export function firstGrid(view: GridView, now: number): GridState {
  const nothing = { seen: new Set<string>(), live: new Set<string>(), active: "", playing: false, stage: "", answered: "", sources: 0, said: "" };
  const unasked = { ordered: "" as const, cancelling: [], pressed: {}, picked: [], opened: "", more: false, codes: {}, saving: "", deleting: [] };
  return hearGrid({ view: { ...view, rev: -2, cells: {} }, clocks: {}, now, heardAt: now, posters: {}, ...nothing, ...unasked }, view, now);
}

/** A view came. An older one is still a sign of life. A cell that has not changed stays the same object. */
export function hearGrid(state: GridState, view: GridView, now: number): GridState {
  if (view.rev < state.view.rev) return { ...state, now, heardAt: now };
  const before = state.view.cells;
  const cells: Record<string, CellView> = {};
  const clocks: Record<string, JobClock> = {};
  for (const [id, cell] of Object.entries(view.cells)) {
    const old = before[id];
    cells[id] = old && JSON.stringify(old) === JSON.stringify(cell) ? old : cell;
    if (!cell.final) clocks[id] = keepTime(state.clocks[id] ?? NO_CLOCK, old ?? cell, cell, now);
  }
  const cancelling = state.cancelling.filter((id) => before[id] && cells[id] && !cancelWasAnswered(before[id], cells[id]));
  const isNews = view.note !== state.view.note || JSON.stringify(view.sweep) !== JSON.stringify(state.view.sweep) || !!view.question;
  const asked = { cancelling, ordered: isNews ? ("" as const) : state.ordered, pressed: stillPressed(newNote(state.view, view) ? {} : state.pressed, (id) => cells[id]) };
  const said = exported(state.view, view) ?? newNote(state.view, view) ?? (view.summary === state.view.summary ? state.said : view.summary);
  return { ...state, ...asked, view: { ...view, cells }, clocks, said, now, heardAt: now };
}

/** What came of an export that was under way. */
function exported(before: GridView, { exports }: GridView): string | undefined {
  const ended = ({ what, state }: ExportView) => state !== "busy" && before.exports.some((each) => each.what === what && each.state === "busy");
  return exports.find(ended)?.text;
}

function newNote(before: GridView, { note }: GridView): string | undefined {
  return note && note !== before.note ? note : undefined;
}

/** Whether an answer was given that the kernel has not taken up yet. */
export function isAnswered({ view, answered }: GridState): boolean {
  return !!view.question && view.question.id === answered;
}

/** Cells with clips, in the order of the page. */
export function clipsOf({ groups, cells }: GridView): CellView[] {
  const ids = groups.flatMap((group) => group.rows.flatMap((row) => row.cells.flat()));
  return ids.flatMap((id) => (cells[id]?.clip ? [cells[id]] : []));
}

export function isMoving(cell: CellView): boolean {
  return !cell.final && cell.status !== "unconfirmed";
}

/** Whether anything in sight changes by the clock alone. */
export function needsClock(state: GridState): boolean {
  return isAnswered(state) || state.deleting.length > 0 || Object.values(state.view.cells).some(isMoving);
}

/** Seconds without a word from the kernel, or null while that is nothing to mention. */
export function silentS(state: GridState): number | null {
  const silent = (state.now - state.heardAt) / 1000;
  return silent >= SILENT_AFTER_S && needsClock(state) ? silent : null;
}

/** What the cells that are in sight hold: a video where one plays, played, or is pointed at. */
export function liven(state: GridState): GridState {
  const live = new Set([...state.live].filter((id) => state.seen.has(id)));
  if (state.playing) for (const id of state.seen) live.add(id);
  else if (state.active && state.seen.has(state.active)) live.add(state.active);
  const same = live.size === state.live.size && [...live].every((id) => state.live.has(id));
  return same ? state : { ...state, live };
}
