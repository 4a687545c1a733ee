// A person's marks on a clip, as keys give them: the same on a tile and while choosing. Pure.
import type { Command } from "./host";
import type { CellView } from "./view";

/** What a person says of a clip. */
export type Marks = Pick<CellView, "starred" | "rating" | "rejected">;

/** Marks that were given here and that the kernel has not told yet, by job. */
export type Pressed = Record<string, Partial<Marks & Pick<CellView, "tags" | "note">>>;

export type MarkKey = "star" | "reject" | 0 | 1 | 2 | 3 | 4 | 5;

/** What a key means; undefined: nothing. One that is held down counts once. */
export function markOf({ key, ctrlKey, metaKey, altKey, repeat }: KeyboardEvent): MarkKey | undefined {
  if (ctrlKey || metaKey || altKey || repeat) return undefined;
  if (/^[0-5]$/.test(key)) return Number(key) as MarkKey;
  return ({ s: "star", x: "reject" } as const)[key.toLowerCase() as "s" | "x"];
}

/** What follows from a mark. A second star or reject takes it back, 0 a rating; nothing is both starred and rejected. */
export function marked(marks: Marks, mark: MarkKey): Partial<Marks> {
  if (mark === "star") return marks.starred ? { starred: false } : { starred: true, rejected: false };
  if (mark === "reject") return marks.rejected ? { rejected: false } : { rejected: true, starred: false };
  return { rating: mark || null };
}

/** The same for the kernel. */
export function commandOf(job_id: string, mark: MarkKey, part: Partial<Marks>): Command {
  if (mark === "star") return { type: "star", job_id, value: !!part.starred };
  if (mark === "reject") return { type: "reject", job_id, value: !!part.rejected };
  return { type: "rate", job_id, value: part.rating ?? null };
}

/** The same in words, for the live region. */
export function saidOf({ starred, rejected, rating }: Partial<Marks>): string {
  if (rating !== undefined) return rating ? `Rated ${rating} of 5` : "No rating";
  if (starred) return "Starred";
  if (rejected) return "Rejected";
  return starred === undefined ? "Not rejected" : "No star";
}

/** A clip with the marks that were given here. */
export function withMarks<C extends Marks & { job_id: string }>(clip: C, pressed: Pressed): C {
  const part = pressed[clip.job_id];
  return part ? { ...clip, ...part } : clip;
}

/** Marks of here that the kernel has not told yet. */
export function stillPressed(pressed: Pressed, clipOf: (id: string) => Marks | undefined): Pressed {
  const open = Object.entries(pressed).filter(([id, part]) => {
    const clip = clipOf(id);
    return clip && Object.entries(part).some(([name, value]) => JSON.stringify(clip[name as keyof Marks]) !== JSON.stringify(value));
  });
  return open.length === Object.keys(pressed).length ? pressed : Object.fromEntries(open);
}
