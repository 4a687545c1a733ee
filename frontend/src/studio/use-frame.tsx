// "As first frame" and "As last frame" below a clip that is paused.
import type { Actions } from "./actions";
import { useLayoutEffect, useState } from "preact/hooks";
import { Button } from "../shared/button";
import { type Frame, withFrame } from "./media-list";
import type { StudioState } from "./state";
import type { JobView } from "./view";

const END_S = 0.02; // less than a picture is shown: a player that has come to the end may stand just before it
const EVENTS = ["play", "pause", "seeked", "loadedmetadata"];

/** Where a player stands still, in seconds; Infinity: at the end; null: it plays, or there is nothing yet. */
function useStill(video: HTMLVideoElement | null): number | null {
  const [at_s, set] = useState<number | null>(null);
  useLayoutEffect(() => {
    if (!video) return;
    const look = () => set(!video.paused ? null : video.currentTime >= video.duration - END_S ? Infinity : video.currentTime);
    for (const each of EVENTS) video.addEventListener(each, look);
    if (video.readyState) look();
    return () => EVENTS.forEach((each) => video.removeEventListener(each, look));
  }, [video]);
  return at_s;
}

export interface UseFrameProps {
  state: StudioState;
  act: Actions;
  job: JobView;
  /** Its player, where one is on the stage. */
  video: HTMLVideoElement | null;
}

/** The paused moment as a frame of the next clip, where it would be one. The line is there always: nothing moves. */
export function UseFrame({ state, act, job, video }: UseFrameProps) {
  const at_s = useStill(video);
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
