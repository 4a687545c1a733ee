// Poster first, then the video itself, in a frame of the clip's own shape so that nothing jumps.
import { frame, PullLine } from "../shared/clip";
import { bytes } from "../shared/format";
import { Video } from "../shared/video";
import type { PartProps } from "./props";
import { type Clip, safePoster } from "../shared/job-view";

const TALLEST_PX = 480;

export function Media({ state, act }: PartProps) {
  const { view, pull } = state;
  const poster = safePoster(view);
  if (!view.clip && !poster) return null;
  const empty = !poster && pull.phase === "stuck";
  return (
    <div class="sdw-media">
      {!empty && (
        <div class="sdw-stage">
          <div class="sdw-frame" style={frame(view.clip, TALLEST_PX)}>
            {pull.phase === "ready" ? (
              <Video clip={view.clip} name={view.prompt} url={pull.url} poster={poster} />
            ) : (
              poster && <img src={poster} alt={`First frame: ${view.prompt}`} />
            )}
          </div>
        </div>
      )}
      {view.final &&
        view.clip &&
        (pull.phase === "ready" ? (
          <p class="sdw-caption">{describe(view.clip)}</p>
        ) : (
          <PullLine clip={view.clip} pull={pull} again={act.pullAgain} />
        ))}
    </div>
  );
}

function describe(clip: Clip): string {
  const sound = clip.has_audio ? "with sound" : "no sound";
  const known = clip.width ? [`${clip.width} × ${clip.height}`, `${clip.duration_s.toFixed(1)} s`, sound] : [];
  return [clip.filename, ...known, bytes(clip.size_bytes), ...(clip.problem ? ["could not be checked"] : [])].join(" · ");
}
