// What can be pressed in the grid.
import type { Marks } from "../shared/clip-actions";
import type { Order } from "./grid-state";
import type { MarkKey } from "./marks";
import type { CellView } from "./view";

/** What can be done with a clip: the bar, on a tile and below the large clip. */
export interface ClipDoes {
  /** The same request once more, for the price that it had. */
  again(cell: CellView): void;
  /** Copies the cell that makes it. */
  reuse(id: string): void;
  /** Hands the clip to the browser's downloads. */
  save(cell: CellView): void;
  /** Chooses a clip to be compared, or takes it back. */
  pick(id: string): void;
  star(id: string): void;
  /** Opens the large clip with what stands behind More, or puts that away. */
  more(id: string): void;
}

export interface CellActions extends ClipDoes {
  watch(element: Element, id: string): void;
  forget(element: Element): void;
  point(id: string): void;
  leave(id: string): void;
  open(id: string): void;
  /** Fetches the clip to this machine again. */
  download(id: string): void;
  refused(id: string): void;
  cancel(id: string): void;
  key(id: string, mark: MarkKey): void;
}

export interface GridActions extends CellActions {
  order(what: Order): void;
  clear(): void;
  /** Shows another widget in the place of the clips. */
  show(what: "choose" | "compare"): void;
  /** Shows the clips again. */
  close(): void;
  /** Shows the widget in a place; the answer takes it away. */
  embed(place: HTMLElement): () => void;
  playAll(): void;
  export(what: "sheet" | "film"): void;
  answer(what: "send" | "decline"): void;
  /** Puts the large clip away. */
  fold(): void;
  pullAgain(id: string): void;
  mark(id: string, marks: Marks): void;
  /** Deletes a job with its files, in ten seconds. */
  remove(id: string): void;
  /** Takes that back. */
  keep(id: string): void;
  say(words: string): void;
}
