// The two bars: the estimate of the generation, and the saving of the clip.
import type { PartProps } from "./card";
import { bytesOf } from "./format";
import { progress } from "./progress";
import { extraS, silentS, type CardState } from "./state";
import { hasEnded } from "./view";

export function Meter({ state }: { state: CardState }) {
  const { view } = state;
  if (hasEnded(view) || view.status === "unconfirmed") return null;
  const { value, label } = progress(view.estimate, extraS(state));
  const silent = silentS(state) !== null;
  return (
    <div class="sdw-meter">
      <Bar name="Generation progress" value={value} text={label} />
      {/* Without a word from the kernel a remaining time would be a guess about a guess. */}
      {view.estimate && !silent && <div class="sdw-meter-text">{label}</div>}
    </div>
  );
}

export function DownloadMeter({ state, act }: PartProps) {
  const { download } = state.view;
  if (!download || state.view.clip) return null;
  if (download.problem) return <DownloadProblem state={state} act={act} problem={download.problem} />;
  const { received_bytes, size_bytes } = download;
  const text = `Saving the clip · ${bytesOf(received_bytes, size_bytes)}`;
  return (
    <div class="sdw-meter">
      <Bar name="Clip download" value={size_bytes ? Math.min(1, received_bytes / size_bytes) : null} text={text} />
      <div class="sdw-meter-text">{text}</div>
    </div>
  );
}

function DownloadProblem({ state, act, problem }: PartProps & { problem: string }) {
  const asked = state.retryPressed;
  return (
    <div class="sdw-note sdw-row">
      <span>{problem}</span>
      <button type="button" class="sdw-button" disabled={asked || silentS(state) !== null} onClick={act.download}>
        {asked ? "Trying again…" : "Download again"}
      </button>
    </div>
  );
}

export function Bar({ name, value, text }: { name: string; value: number | null; text: string }) {
  const known = value === null ? {} : { "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(value * 100) };
  return (
    <div class={value === null ? "sdw-bar sdw-bar-open" : "sdw-bar"} role="progressbar" aria-label={name} aria-valuetext={text} {...known}>
      <div class="sdw-bar-fill" style={value === null ? undefined : { transform: `scaleX(${value.toFixed(3)})` }} />
    </div>
  );
}
