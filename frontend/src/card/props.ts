// What the parts of the card are given.
import type { CardState } from "./state";

/** What can be pressed. */
export interface Actions {
  cancel(): void;
  download(): void;
  pullAgain(): void;
}

export interface PartProps {
  state: CardState;
  act: Actions;
}
