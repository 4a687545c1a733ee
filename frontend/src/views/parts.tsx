// The parts of the grid that its first view does not need, and that come in a second message.
import type { FunctionComponent } from "preact";
import type { ByAxisProps } from "./by-axis";
import type { BarProps } from "./clip-bar";
import type { OpenedProps, WishesProps } from "./extras";
import type { StageProps } from "./stage";

export interface Parts {
  ByAxis: FunctionComponent<ByAxisProps>;
  Opened: FunctionComponent<OpenedProps>;
  Wishes: FunctionComponent<WishesProps>;
  Stage: FunctionComponent<StageProps>;
  TileActions: FunctionComponent<BarProps>;
}

let parts: Parts | null = null;

/** A part; undefined until all are here. */
export function part<Name extends keyof Parts>(name: Name): Parts[Name] | undefined {
  return parts?.[name];
}

export function take(given: Parts | null): void {
  parts = given ?? parts;
}
