// Whether Cancel can be pressed, what is said of it, and whether the kernel has answered it.
import { type CardView, hasEnded } from "./job-view";
import { pageName } from "./page";

type Noted = Pick<CardView, "final" | "cancel_note" | "cancel_at_once">;
type Cancellable = Pick<CardView, "status" | "final" | "cancel" | "cancel_note">;

/** A refusal leaves `cancel` as it was; what is new then is the note, or that it is no longer "asked". */
export function cancelWasAnswered(before: Cancellable, after: Cancellable): boolean {
  if (hasEnded(after) || after.cancel === "unavailable") return true;
  return after.cancel === "available" && (before.cancel === "asked" || after.cancel_note !== before.cancel_note);
}

/** While submitting the button keeps its place, so that it does not jump in under the pointer a moment later. */
export function showsCancel(view: Cancellable): boolean {
  return !hasEnded(view) && (view.cancel !== "unavailable" || view.status === "submitting");
}

/** What is to be said of Cancel in this page, if anything. */
export function cancelNote({ final, cancel_note, cancel_at_once }: Noted): string | null {
  return final || !cancel_note || isAtOnce(cancel_at_once, pageName()) ? null : cancel_note;
}

/** What the button says; until the kernel has taken a click that may have to wait, that it waits. */
export function cancelWords(view: Noted & Cancellable, asked: boolean): string {
  if (!asked) return "Cancel";
  return view.cancel !== "asked" && cancelNote(view) ? "Waiting…" : "Cancelling…";
}

/** Whether a page that calls itself so is one of those, or a later version; one that says nothing is none. */
export function isAtOnce(pages: readonly string[], page: string): boolean {
  return pages.some((since) => nameOf(since) === nameOf(page) && page.localeCompare(since, "en", { numeric: true }) >= 0);
}

function nameOf(page: string): string {
  return page.replace(/\d.*/, "");
}
