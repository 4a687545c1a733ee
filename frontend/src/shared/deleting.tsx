// A job that is being deleted, with its Undo.
import { Button } from "./button";

interface Props {
  /** Seconds in which it can still be taken back; 0 for none. */
  left_s: number;
  /** The name of the job, where it does not stand beside it. */
  name?: string | undefined;
  /** When it is deleted, once it can no longer be taken back. */
  then?: string;
  unconfirmed: boolean;
  /** It has no files and cost nothing. */
  bare?: boolean;
  undo: () => void;
}

/** It counts, so it is not read out by itself; whoever draws it says once, in a live region, what will happen. */
export function Deleting({ left_s, name = "it", then = "now", unconfirmed, bare = false, undo }: Props) {
  return (
    <div class="sdw-row sdw-deleting" role="status" aria-live="off">
      <span>
        {`Deleting ${name}${bare ? "" : " and its files"} ${left_s ? `in ${left_s} s` : then}. `}
        {bare ? "" : unconfirmed ? "It may have been paid for, and can then no longer be brought back." : "What it cost stays counted."}
      </span>
      <Button off={!left_s} onClick={undo}>
        Undo
      </Button>
    </div>
  );
}
