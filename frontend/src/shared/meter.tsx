// The two bars of a job: the estimate of the generation, and the saving of the clip.
import { useRef } from "preact/hooks";
import { Button } from "./button";
import { type CardView, hasEnded } from "./job-view";
import { Bar } from "./bar";
import { bytesOf } from "./format";
import { type Furthest, onward, progress } from "./progress";

type Moving = Pick<CardView, "job_id" | "status" | "final" | "estimate" | "download" | "clip">;

/** `more_s`: what the page's clock adds to the estimate, in seconds. */
export function Meter({ view, more_s, silent }: { view: Moving; more_s: number; silent: boolean }) {
  const furthest = useRef<Furthest>({ job_id: view.job_id, value: 0 });
  if (hasEnded(view) || view.status === "unconfirmed") return null;
  const { value: here, label } = progress(view.estimate, more_s);
  if (here !== null) furthest.current = onward(furthest.current, view.job_id, here);
  const value = here === null ? null : furthest.current.value;
  // Without a word from the kernel a remaining time would be a guess about a guess.
  return <Told name="Generation progress" value={value} text={label} hidden={silent} />;
}

export interface DownloadProps {
  view: Moving;
  silent: boolean;
  /** Whether another try was asked for here. */
  asked: boolean;
  again: () => void;
}

export function DownloadMeter({ view: { download, clip }, silent, asked, again }: DownloadProps) {
  if (!download || clip) return null;
  const { received_bytes, size_bytes, problem } = download;
  if (problem) {
    return (
      <div class="sdw-note sdw-row">
        <span>{problem}</span>
        <Button off={asked || silent} onClick={again}>
          {asked ? "Trying again…" : "Download again"}
        </Button>
      </div>
    );
  }
  const text = `Saving the clip · ${bytesOf(received_bytes, size_bytes)}`;
  return <Told name="Clip download" value={size_bytes ? Math.min(1, received_bytes / size_bytes) : null} text={text} />;
}

/** A bar, and below it the same in words. */
function Told({ hidden, ...bar }: { name: string; value: number | null; text: string; hidden?: boolean }) {
  return (
    <div class="sdw-meter">
      <Bar {...bar} />
      {!hidden && <div class="sdw-meter-text">{bar.text}</div>}
    </div>
  );
}
