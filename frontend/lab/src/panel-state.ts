// What the panel of jobs knows. Pure.
import { ANY, type Query } from "./api";

/** What a reload of the page keeps. */
export interface Place {
  query: Query;
  selected: string;
  /** How far the list is scrolled, in pixels. */
  top: number;
}

export const FIRST_PLACE: Place = { query: ANY, selected: "", top: 0 };

/** A place as it was kept, whatever it holds. */
export function readPlace(kept: unknown): Place {
  const { query, selected, top } = (kept ?? {}) as Partial<Record<keyof Place, unknown>>;
  const { text, status, model, starred } = (query ?? {}) as Partial<Record<keyof Query, unknown>>;
  const word = (value: unknown) => (typeof value === "string" ? value : "");
  return {
    query: { text: word(text), status: word(status), model: word(model), starred: starred === true },
    selected: word(selected),
    top: typeof top === "number" && top > 0 ? top : 0,
  };
}

/** "rain, hero": the words between commas, each once. */
export function tagsOf(text: string): string[] {
  return [...new Set(text.split(",").map((tag) => tag.trim()).filter(Boolean))];
}

/** The place that a key leads to, or null for a key that leads nowhere. `page`: how many are in sight. */
export function placeAfter(key: string, place: number | null, total: number, page: number): number | null {
  if (!total) return null;
  const last = total - 1;
  const from = place ?? -1;
  const steps: Record<string, number> = { ArrowDown: from + 1, ArrowUp: place === null ? last : from - 1, PageDown: from + page, PageUp: from - page, Home: 0, End: last };
  const to = steps[key];
  return to === undefined ? null : Math.min(last, Math.max(0, to));
}

/** How far to scroll so that a row is in sight; as far as it was where it is already. */
export function scrollFor(place: number, row: number, top: number, height: number): number {
  const [above, below] = [place * row, (place + 1) * row];
  if (above < top) return above;
  return below > top + height ? below - height : top;
}
