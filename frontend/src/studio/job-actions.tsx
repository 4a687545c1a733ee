// What can be done with a job: the same row in the list and on the stage.
import { useRef, useState } from "preact/hooks";
import { Button } from "../shared/button";
import { cancelWords, showsCancel } from "../shared/cancel";
import { ClipActions } from "../shared/clip-actions";
import { Deleting } from "../shared/deleting";
import { about } from "../shared/format";
import { hasEnded } from "../shared/job-view";
import type { Actions } from "./actions";
import { marked, type Pressed } from "./jobs";
import { late } from "./parts";
import type { JobView } from "./view";

const ClipMore = late("ClipMore");

/** What is sent waits for a kernel that is busy, and goes nowhere when there is none. */
export const WHEN_ASKED = "as soon as the kernel answers";

export interface JobActionsProps {
  job: JobView;
  pressed: Pressed | null;
  /** Whether it is chosen to be compared. */
  chosen: boolean;
  silent: boolean;
  /** Seconds until it is deleted; null: it is not. */
  left_s: number | null;
  /** The address of the clip, where the server can give it. */
  url: string | null;
  /** Why no clip can be continued; "" where it can. */
  cannotContinue: string;
  /** Whether it stands on the stage: with words beside the pictures, and a focus stop of its own. */
  staged?: boolean;
  act: Actions;
}

export function JobActions({ job, pressed, chosen, silent, left_s, url, cannotContinue, staged = false, act }: JobActionsProps) {
  const [open, setOpen] = useState(false);
  const more = useRef<HTMLButtonElement>(null);
  const remove = useRef<HTMLButtonElement>(null);
  const { job_id, cost_usd, note, starred } = marked(job, pressed);
  const asked = pressed?.cancel || job.cancel === "asked";
  const clipless = !job.clip && (hasEnded(job) ? "There is no clip" : "There is no clip yet");
  const undo = () => {
    act.keep(job_id);
    (remove.current ?? more.current)?.focus(); // it is back: the state is drawn at once
  };
  const close = () => {
    setOpen(false);
    more.current?.focus();
  };
  return (
    <>
      {!staged && note && <div key="note" class="sdw-job-note" translate={false}>{note}</div>}
      {/* Keyed, so that it is not made anew from the note, which would lose the focus. */}
      <div key="actions" class="sdw-actions">
        {left_s === null ? (
          <>
            {showsCancel(job) && (
              <Button off={asked || job.cancel !== "available" || silent} onClick={() => act.cancel(job_id)}>
                {cancelWords(job, asked)}
              </Button>
            )}
            <ClipActions
              apart={staged}
              wordy={staged}
              again={() => act.again(job)}
              costs={cost_usd === null ? "" : about(cost_usd)}
              reuse={() => act.reuse(job)}
              goOn={clipless || cannotContinue || (() => act.goOn(job))}
              download={clipless || (() => act.save(job))}
              compare={clipless || (() => act.choose(job_id))}
              star={() => act.mark(job_id, { starred: !starred })}
              starred={starred}
              chosen={chosen && !!job.clip}
              open={open}
              more={() => setOpen(!open)}
              moreRef={more}
            />
          </>
        ) : (
          <Deleting left_s={left_s} then={WHEN_ASKED} unconfirmed={job.status === "unconfirmed"} undo={undo} />
        )}
      </div>
      {staged && note && <div key="note" class="sdw-job-note" translate={false}>{note}</div>}
      {open && left_s === null && (
        <ClipMore
          key="more"
          clip={marked(job, pressed)}
          mark={(marks) => act.mark(job_id, marks)}
          remove={job.final || job.status === "unconfirmed" ? () => act.remove(job) : null}
          removeRef={remove}
          say={act.say}
          close={close}
        >
          {url && (
            <a class="sdw-button" href={url} target="_blank" rel="noopener noreferrer">
              Open file
            </a>
          )}
        </ClipMore>
      )}
    </>
  );
}
