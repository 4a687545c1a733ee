// The bar of a clip in the grid.
import type { Ref } from "preact";
import { ClipActions } from "../shared/clip-actions";
import { about } from "../shared/format";
import type { ClipDoes } from "./grid-actions";
import type { CellView } from "./view";

const IN_THE_STUDIO = "Open it in the Studio to continue it"; // where the next prompt is written

export interface BarProps {
  cell: CellView;
  /** Whether it is chosen to be compared. */
  picked: boolean;
  /** Whether More is open. */
  open: boolean;
  wordy?: boolean;
  moreRef?: Ref<HTMLButtonElement>;
  act: ClipDoes;
}

export function TileActions({ cell, picked, open, wordy = false, moreRef, act }: BarProps) {
  const { job_id, cost_usd, starred } = cell;
  return (
    <ClipActions
      again={() => act.again(cell)}
      costs={cost_usd === null ? "" : about(cost_usd)}
      reuse={() => act.reuse(job_id)}
      goOn={IN_THE_STUDIO}
      download={() => act.save(cell)}
      compare={() => act.pick(job_id)}
      star={() => act.star(job_id)}
      starred={starred}
      chosen={picked}
      open={open}
      more={() => act.more(job_id)}
      moreRef={moreRef}
      wordy={wordy}
    />
  );
}
