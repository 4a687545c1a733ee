// Status in words, elapsed time, Cancel.
import { Button } from "../shared/button";
import { cancelNote, cancelWords, showsCancel } from "../shared/cancel";
import { clock } from "../shared/format";
import { StatusIcon } from "../shared/icons";
import { toneOf } from "../shared/tone";
import type { PartProps } from "./props";
import { elapsedS, silentS, type CardState } from "./state";

export function Header({ state, act }: PartProps) {
  const note = cancelNote(state.view);
  return (
    <div class="sdw-header">
      <div class="sdw-state">
        <StatusLine state={state} />
        <Elapsed state={state} />
      </div>
      {showsCancel(state.view) && <CancelButton state={state} act={act} />}
      {note && <div class="sdw-cancel-note">{note}</div>}
    </div>
  );
}

// The only live region; the clock stays outside it, or screen readers would read out every second.
function StatusLine({ state }: { state: CardState }) {
  const silent = silentS(state) !== null;
  return (
    <div class="sdw-status">
      <StatusIcon tone={toneOf(state.view.status)} />
      <span role="status" aria-live="polite">
        {state.view.status_text}
        {silent && <span class="sdw-unseen">. No word from the kernel.</span>}
      </span>
    </div>
  );
}

function Elapsed({ state }: { state: CardState }) {
  if (state.view.status === "unconfirmed") return null; // nothing is known to be running
  return (
    <span class="sdw-elapsed" role="timer" aria-label="Elapsed time" title="Since submitting">
      {clock(elapsedS(state))}
    </span>
  );
}

function CancelButton({ state, act }: PartProps) {
  const { view } = state;
  const asked = state.cancelPressed || view.cancel === "asked";
  const off = asked || view.cancel !== "available" || silentS(state) !== null;
  return (
    <Button off={off} onClick={act.cancel}>
      {cancelWords(view, asked)}
    </Button>
  );
}
