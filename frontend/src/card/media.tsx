// Poster first, then the video itself, in a frame of the clip's own shape so that nothing jumps.
import { useState } from "preact/hooks";
import type { PartProps } from "./card";
import { bytes, bytesOf } from "./format";
import { Bar } from "./meter";
import type { Pull } from "./pull";
import { type CardView, type Clip, safePoster } from "./view";

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
          <div class="sdw-frame" style={frame(view.clip)}>
            {pull.phase === "ready" ? <Video view={view} url={pull.url} /> : poster && <img src={poster} alt={`First frame: ${view.prompt}`} />}
          </div>
        </div>
      )}
      {view.final && view.clip && <PullLine view={view} pull={pull} again={act.pullAgain} />}
    </div>
  );
}

function frame(clip: Clip | null): Record<string, string> {
  const shape = clip && clip.width > 0 && clip.height > 0 ? clip.width / clip.height : 16 / 9;
  return { "aspect-ratio": String(shape), "max-width": `${Math.round(TALLEST_PX * shape)}px` };
}

function Video({ view, url }: { view: CardView; url: string }) {
  const [broken, setBroken] = useState(false);
  if (broken) return <p class="sdw-broken">This browser cannot play the clip. It is saved as {view.clip?.filename}.</p>;
  return (
    <video
      controls
      playsInline
      preload="metadata"
      src={url}
      poster={safePoster(view) ?? undefined}
      aria-label={view.prompt}
      onError={() => setBroken(true)}
    />
  );
}

function PullLine({ view, pull, again }: { view: CardView; pull: Pull; again: () => void }) {
  if (pull.phase === "ready") return view.clip && <p class="sdw-caption">{describe(view.clip)}</p>;
  if (pull.phase === "stuck") return <PullProblem words={pull.problem} again={again} />;
  if (pull.phase === "pulling" && pull.slow) return <PullProblem words="The kernel has not answered yet; it may be busy." again={again} />;
  const received = pull.phase === "pulling" ? pull.received : 0;
  const total = pull.phase === "pulling" ? pull.total : (view.clip?.size_bytes ?? 0);
  const text = `Loading the clip · ${bytesOf(received, total)}`;
  return (
    <div class="sdw-pull">
      <Bar name="Loading the clip" value={total ? received / total : null} text={text} />
      <span class="sdw-meter-text">{text}</span>
    </div>
  );
}

function PullProblem({ words, again }: { words: string; again: () => void }) {
  return (
    <div class="sdw-pull sdw-row">
      <span>{words}</span>
      <button type="button" class="sdw-button" onClick={again}>
        Load again
      </button>
    </div>
  );
}

function describe(clip: Clip): string {
  const sound = clip.has_audio ? "with sound" : "no sound";
  return [clip.filename, `${clip.width} × ${clip.height}`, `${clip.duration_s.toFixed(1)} s`, sound, bytes(clip.size_bytes)].join(" · ");
}
