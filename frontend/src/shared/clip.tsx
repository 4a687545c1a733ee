// A clip: the frame of its shape, the video, how far its loading is, and its facts.
import { Button } from "./button";
import { useState } from "preact/hooks";
import type { Clip } from "../card/view";
import { Bar } from "./bar";
import { bytesOf } from "./format";
import type { Pull } from "./pull";

/** A frame of a clip's own shape, so that nothing jumps. */
export function frame(clip: Pick<Clip, "width" | "height"> | null, tallestPx: number): Record<string, string> {
  return shaped(clip && clip.width > 0 && clip.height > 0 ? clip.width / clip.height : 16 / 9, tallestPx);
}

/** `shape`: width over height. */
export function shaped(shape: number, tallestPx: number): Record<string, string> {
  return { "aspect-ratio": String(shape), "max-width": `${Math.round(tallestPx * shape)}px` };
}

export interface VideoProps {
  clip: Clip | null;
  name: string;
  url: string;
  poster: string | null;
  /** What else to try when it does not play; without it, words say so. */
  otherwise?: (() => void) | undefined;
}

export function Video({ clip, name, url, poster, otherwise }: VideoProps) {
  const [broken, setBroken] = useState(false);
  if (broken) return <p class="sdw-broken">This browser cannot play the clip. It is saved as {clip?.filename}.</p>;
  const onError = otherwise ?? (() => setBroken(true));
  return <video controls playsInline preload="metadata" src={url} poster={poster ?? undefined} aria-label={name} onError={onError} />;
}

export function PullLine({ clip, pull, again }: { clip: Clip; pull: Pull; again: () => void }) {
  if (pull.phase === "stuck") return <PullProblem words={pull.problem} again={again} />;
  if (pull.phase === "pulling" && pull.slow) return <PullProblem words="The kernel has not answered yet; it may be busy." again={again} />;
  const received = pull.phase === "pulling" ? pull.received : 0;
  const total = pull.phase === "pulling" ? pull.total : clip.size_bytes;
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
      <Button onClick={again}>
        Load again
      </Button>
    </div>
  );
}
