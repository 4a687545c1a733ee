// The same request once more, after asking: it is paid for again.
import { Button } from "../shared/button";

export interface SendAgainProps {
  /** "≈ $0.20"; "" where no price is known. */
  costs: string;
  off?: boolean;
  send: () => void;
}

/** The question opens below, and the focus stays: Enter that is still held down spends nothing. */
export function SendAgain({ costs, off = false, send }: SendAgainProps) {
  return (
    <details class="sdw-send-again">
      <summary class="sdw-button">Send again…</summary>
      <p>Send the same as a new job, with new links, {costs ? `for ${costs}` : "at a price that is not published"}?</p>
      <Button
        off={off}
        onClick={({ target }) => {
          (target as Element).closest("details")!.open = false;
          send();
        }}
      >
        Send again
      </Button>
    </details>
  );
}
