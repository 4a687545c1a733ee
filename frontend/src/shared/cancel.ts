// Whether Cancel can be pressed, and whether the kernel has answered it. Pure.
import { type CardView, hasEnded } from "../card/view";

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
