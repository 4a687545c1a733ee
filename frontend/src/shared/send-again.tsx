// The same request once more, after asking: it is paid for again.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "./button";

export interface SendAgainProps {
  /** "≈ $0.20"; "" where no price is known. */
  costs: string;
  off?: boolean;
  send: () => void;
}

export function SendAgain({ costs, off = false, send }: SendAgainProps) {
  const [asking, setAsking] = useState(false);
  const no = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (asking) no.current?.focus(); // never on the button that spends: Enter may still be held down
  }, [asking]);
  if (!asking) {
    return (
      <div key="offer" class="sdw-send-again">
        <Button off={off} onClick={() => setAsking(true)}>Send again…</Button>
      </div>
    );
  }
  return (
    <div key="question" class="sdw-send-again" role="group" aria-label="Send again">
      <span>Send the same as a new job, with new links, {costs ? `for ${costs}` : "at a price that is not published"}?</span>
      <Button ref={no} onClick={() => setAsking(false)}>No</Button>
      <Button
        off={off}
        onClick={() => {
          setAsking(false);
          send();
        }}
      >
        Send again
      </Button>
    </div>
  );
}
