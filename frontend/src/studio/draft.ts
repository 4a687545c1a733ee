// The form's text is the page's own first: it is written to the traits a moment later, and kept until the kernel has it.
// Pure.
import { type Field, OWN_FIELDS, sameValue } from "./request";
import { EMPTY_REQUEST, type RequestView } from "./view";

export interface Draft {
  request: RequestView;
  /** Edited here and not yet written to the traits. */
  dirty: ReadonlySet<Field>;
  /** Edited here and not known to have reached the kernel; kept over a reload of the page. */
  unsaved: ReadonlySet<Field>;
}

export const EMPTY_DRAFT: Draft = { request: EMPTY_REQUEST, dirty: new Set(), unsaved: new Set() };

/** A person edits. */
export function edit(draft: Draft, part: Partial<RequestView>): Draft {
  const changed = Object.keys(part).filter((field) => !sameValue(part[field], draft.request[field]));
  if (!changed.length) return draft;
  return {
    request: { ...draft.request, ...part },
    dirty: new Set([...draft.dirty, ...changed]),
    unsaved: new Set([...draft.unsaved, ...changed]),
  };
}

/** A trait has a new value: it wins over a field that was not edited since it was last written. */
export function adopt(draft: Draft, field: Field, value: unknown): Draft {
  const isNothing = value === undefined || (value === null && OWN_FIELDS.includes(field)); // those have a value always
  if (draft.dirty.has(field) || isNothing || sameValue(value, draft.request[field])) return draft;
  const unsaved = draft.unsaved.has(field) ? new Set([...draft.unsaved].filter((each) => each !== field)) : draft.unsaved;
  return { ...draft, request: { ...draft.request, [field]: value }, unsaved };
}

/** The traits hold all edits. */
export function flushed(draft: Draft): Draft {
  return draft.dirty.size ? { ...draft, dirty: new Set() } : draft;
}

/** The kernel has answered to the newest edit. */
export function confirmed(draft: Draft): Draft {
  return draft.unsaved.size ? { ...draft, unsaved: draft.dirty } : draft;
}

type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Puts what the kernel may not have where a reload finds it. Pages without storage go without. */
export function keep(shelf: Shelf | null, studioId: string, draft: Draft): void {
  const name = shelfName(studioId);
  const kept = Object.fromEntries([...draft.unsaved].map((field) => [field, draft.request[field]]));
  try {
    if (draft.unsaved.size) shelf?.setItem(name, JSON.stringify(kept));
    else shelf?.removeItem(name);
  } catch {
    // full or forbidden: the form still works, it only does not survive a reload
  }
}

/** What an earlier page could not hand over, of the fields that the form has. */
export function kept(shelf: Shelf | null, studioId: string, fields: readonly Field[] = OWN_FIELDS): Partial<RequestView> {
  try {
    const found: unknown = JSON.parse(shelf?.getItem(shelfName(studioId)) ?? "{}");
    const known = Object.entries(found as object).filter(([field, value]) => fields.includes(field) && fits(field, value));
    return Object.fromEntries(known) as Partial<RequestView>;
  } catch {
    return {};
  }
}

function fits(field: Field, value: unknown): boolean {
  if (field === "media_urls") return Array.isArray(value) && value.every((url) => typeof url === "string");
  return OWN_FIELDS.includes(field) ? typeof value === typeof EMPTY_REQUEST[field] : value !== Object(value);
}

function shelfName(studioId: string): string {
  return `seedance-studio-${studioId}`;
}
