// What stands above the clips while a person has something in mind for some of them, and another widget in their place.
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../shared/button";
import { Deleting } from "../shared/deleting";
import { Icon } from "../shared/icons";
import { secondsLeft } from "../shared/undo";
import { BACK_TO } from "./glyphs";
import type { GridActions } from "./grid-actions";
import type { GridState } from "./grid-state";

export interface OpenedProps {
  act: GridActions;
}

/** A widget of its own, which the kernel has made: Choose or Compare. */
export function Opened({ act }: OpenedProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => act.embed(place.current!), []);
  return (
    <div class="sdw-opened" onKeyDown={(event) => event.key === "Escape" && !document.fullscreenElement && act.close()}>
      <Button class="sdw-button sdw-back" title="Escape" onClick={act.close}>
        <Icon path={BACK_TO} />
        Back to the grid
      </Button>
      <div ref={place} />
    </div>
  );
}

export interface WishesProps {
  state: GridState;
  act: GridActions;
}

/** Clips that are chosen to be compared, and those that are being deleted. */
export function Wishes({ state, act }: WishesProps) {
  const { cells } = state.view;
  return (
    <>
      <Picked state={state} act={act} />
      {[...secondsLeft(state.deleting, state.now)].map(([id, left_s]) => (
        <div class="sdw-note" key={id}>
          <Deleting left_s={left_s} name={cells[id]?.caption} unconfirmed={cells[id]?.status === "unconfirmed"} undo={() => act.keep(id)} />
        </div>
      ))}
    </>
  );
}

/** The clips that are chosen to be compared. */
function Picked({ state: { picked }, act }: WishesProps) {
  if (!picked.length) return null;
  const fits = picked.length >= 2 && picked.length <= 4;
  return (
    <div class="sdw-note sdw-row sdw-picked" role="group" aria-label="Compare">
      <span>{fits ? `${picked.length} selected` : `${picked.length} selected. Compare takes two to four.`}</span>
      <div class="sdw-bar-of-tools">
        <Button class="sdw-button sdw-go" off={!fits} onClick={() => act.show("compare")}>
          Compare {picked.length}
        </Button>
        <Button onClick={act.clear}>Clear</Button>
      </div>
    </div>
  );
}
