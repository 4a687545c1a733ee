// A clip: the frame of its shape, and how far its loading is.
import { Button } from "./button";
import type { Clip } from "./job-view";
import { Bar } from "./bar";
import { bytesOf } from "./format";
import type { Pull } from "./pull";

/** A frame of a clip's own shape, so that nothing jumps. */
export function frame(clip: Pick<Clip, "width" | "height"> | null, tallestPx: number): Record<string, string> {
  return shaped(shapeOf(clip), tallestPx);
}

/** Width over height; what most clips have where a clip does not say. */
export function shapeOf(clip: Pick<Clip, "width" | "height"> | null): number {
  return clip && clip.width > 0 && clip.height > 0 ? clip.width / clip.height : 16 / 9;
}

/** `shape`: width over height. */
export function shaped(shape: number, tallestPx: number): Record<string, string> {
  return { "aspect-ratio": String(shape), "max-width": `${Math.round(tallestPx * shape)}px` };
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
