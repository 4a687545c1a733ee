// "Use this frame": a picture of the clip on the stage for the next request.
import { Button } from "../shared/button";
import type { Actions } from "./actions";
import { type Frame, withFrame } from "./media-list";
import type { StudioState } from "./state";
import type { JobView } from "./view";

export interface UseFrameProps {
  state: StudioState;
  act: Actions;
  job: JobView;
  /** Where the clip stands still, in seconds; null while it moves. */
  at_s: number | null;
}

/** The paused moment as a frame of the next clip, where it would be one. The line is there always: nothing moves. */
export function UseFrame({ state, act, job, at_s }: UseFrameProps) {
  if (state.view.cannot_continue || state.goesOn) return null;
  const { media_urls } = state.draft.request;
  const isLast = at_s === Infinity;
  const use = (frame: Frame) => act.useFrame(job, isLast ? null : at_s, frame);
  const fits = (frame: Frame) => at_s !== null && withFrame(media_urls, frame, "") !== null;
  const here = isLast ? "Use the last frame" : `Use the frame at ${at_s?.toFixed(2)} s`;
  const words = at_s === null ? "Pause to use a frame for the next clip" : fits("first") ? here : "Beside references, a frame would be one of them";
  return (
    <div class="sdw-use-frame" role="group" aria-label="Use this frame">
      <span class="sdw-hint">{words}</span>
      {fits("first") && <Button onClick={() => use("first")}>As first frame</Button>}
      {fits("last") && <Button onClick={() => use("last")}>As last frame</Button>}
    </div>
  );
}
