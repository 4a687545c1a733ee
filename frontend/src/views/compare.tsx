// Compare, top to bottom: the clips, one transport, prompts with their differences, options, the pick.
import { Button } from "../shared/button";
import { Icon } from "../shared/icons";
import { SUPPRESS } from "../shared/keys";
import { PullLine, shapeOf } from "../shared/clip";
import { type CompareState, finest, seconds, SPEEDS } from "./compare-state";
import { BACK, ON, PAUSE, PLAY } from "./glyphs";
import type { Clips } from "./grid";
import type { CompareView, SideView } from "./view";
import { Wipe } from "./wipe";

const TALLEST_PX = 460;

export interface CompareActions {
  playOrPause(): void;
  seek(at: number): void;
  step(by: 1 | -1): void;
  speed(rate: number): void;
  toggle(what: "loop" | "wiping" | "full"): void;
  wipe(edge: number): void;
  hear(letter: string): void;
  pick(side: SideView): void;
  key(event: KeyboardEvent): void;
  loaded(): void;
  refused(id: string): void;
  pullAgain(id: string): void;
}

interface Props {
  state: CompareState;
  act: CompareActions;
  clips: Clips;
}

export function Compare(props: Props) {
  const { state, act } = props;
  const { view } = state;
  return (
    <section class="sdw-views sdw-compare" aria-label="Seedance compare" tabIndex={-1} {...SUPPRESS} onKeyDown={act.key}>
      <div class="sdw-views-top">
        <span class="sdw-views-title">{view.jobs} clips in step</span>
        <span class="sdw-badge">{view.label}</span>
      </div>
      <div class="sdw-unseen" role="status" aria-live="polite">
        {state.said}
      </div>
      <Panes {...props} />
      <Transport {...props} />
      {view.problem && <p class="sdw-note" data-tone="bad">{view.problem}</p>}
      <Sides {...props} />
      <Differences view={view} />
      <Keys many={view.jobs} />
    </section>
  );
}

const KEYS: [string, string][] = [
  ["Space", "play"],
  ["← →", "seek"],
  [", .", "one frame"],
  ["< >", "speed"],
  ["L", "loop"],
  ["W", "wipe"],
  ["F", "fit"],
];

function Keys({ many }: { many: number }) {
  const keys = [...KEYS.filter(([key]) => key !== "W" || many === 2), [`1–${many}`, "pick"]];
  return (
    <p class="sdw-quiet sdw-keys">
      {keys.map(([key, does]) => (
        <span key={key}>
          <kbd>{key}</kbd> {does}
        </span>
      ))}
    </p>
  );
}

function Panes({ state, act, clips }: Props) {
  const { sides } = state.view;
  const wiping = state.wiping && sides.length === 2;
  const names = `sdw-panes${wiping ? " sdw-wiping" : ""}${state.full ? " sdw-full" : ""}`;
  const shape = wiping ? sides[0] : undefined;
  return (
    <div class={names} data-count={sides.length} style={{ "--sdw-count": String(sides.length), ...(shape ? { "max-width": `${Math.round(TALLEST_PX * shapeOf(shape.clip))}px` } : {}) }}>
      {sides.map((side, i) => (
        <Pane key={side.job_id} state={state} act={act} clips={clips} side={side} shape={shapeOf((shape ?? side).clip)} cut={wiping && i === 1 ? state.edge : null} />
      ))}
      {wiping && <Wipe at={state.edge} move={act.wipe} />}
    </div>
  );
}

function Pane({ state, act, clips, side, shape, cut }: Props & { side: SideView; shape: number; cut: number | null }) {
  const { job_id, letter, clip } = side;
  const url = clips.url(side);
  const poster = state.posters[job_id] ?? undefined;
  const pull = clips.pull(job_id);
  return (
    <div class="sdw-pane" data-letter={letter} data-won={state.view.winner === job_id} style={cut === null ? undefined : { "clip-path": `inset(0 0 0 ${cut}%)` }}>
      <div class="sdw-screen" style={{ "aspect-ratio": String(shape), "max-height": `${TALLEST_PX}px` }}>
        {url ? (
          <video
            key={url}
            src={url}
            poster={poster}
            data-job={job_id}
            muted={state.heard !== letter}
            playsInline
            preload="auto"
            aria-label={`Clip ${letter}: ${side.prompt}`}
            onLoadedMetadata={act.loaded}
            onError={() => act.refused(job_id)}
          />
        ) : (
          poster && <img src={poster} alt={`First frame of ${letter}: ${side.prompt}`} />
        )}
        <span class="sdw-letter" aria-hidden="true">
          {letter}
        </span>
      </div>
      {!url && clip && <PullLine clip={clip} pull={pull} again={() => act.pullAgain(job_id)} />}
    </div>
  );
}

function Transport({ state, act }: Props) {
  const { playing, time, duration, rate, view } = state;
  const ready = duration > 0;
  const sounding = view.sides.filter(({ clip }) => clip?.has_audio).map(({ letter }) => letter);
  const at = Math.min(time, duration);
  const tool = (name: string, key: string, path: string, onClick: () => void, more = "") => (
    <Button class={`sdw-button${more}`} off={!ready} aria-label={name} title={`${name} (${key})`} onClick={onClick}>
      <Icon path={path} fill="currentColor" />
    </Button>
  );
  const toggle = (name: string, title: string, what: "loop" | "wiping" | "full", on: boolean) => (
    <Button aria-pressed={on} title={title} onClick={() => act.toggle(what)}>
      {name}
    </Button>
  );
  return (
    <div class="sdw-transport" role="group" aria-label="Transport">
      {tool(playing ? "Pause" : "Play", "Space or K", playing ? PAUSE : PLAY, act.playOrPause, " sdw-go")}
      <span class="sdw-steps">
        {tool("Back one frame", ",", BACK, () => act.step(-1))}
        {tool("On one frame", ".", ON, () => act.step(1))}
      </span>
      <input
        class="sdw-seek"
        type="range"
        max={duration || 1}
        step={0.01}
        value={at}
        disabled={!ready}
        aria-label="Seek"
        aria-valuetext={`${seconds(at)} of ${seconds(duration)}`}
        onInput={(event) => act.seek(Number(event.currentTarget.value))}
      />
      <span class="sdw-time">
        {at.toFixed(2)} <span>/ {seconds(duration)} · frame {Math.floor(at * finest(view.sides) + 1e-3)}</span>
      </span>
      <span class="sdw-modes">
        <Choice name="Speed" value={String(rate)} all={SPEEDS.map(String)} say={(each) => `${each}×`} choose={(each) => act.speed(Number(each))} />
        {sounding.length > 0 && <Choice name="Sound" value={state.heard} all={["", ...sounding]} say={(each) => each || "off"} choose={act.hear} />}
        {toggle("Loop", "Begin again at the end (L)", "loop", state.loop)}
        {view.sides.length === 2 && toggle("Wipe", "Lay A on B (W)", "wiping", state.wiping)}
        {toggle("Fit", "Fit the clips, or show the middle of each at its real size (F)", "full", !state.full)}
      </span>
    </div>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  all: string[];
  say: (value: string) => string;
  choose: (value: string) => void;
}

function Choice({ name, value, all, say, choose }: ChoiceProps) {
  return (
    <label class="sdw-pick-one">
      {name}
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {all.map((each) => (
          <option key={each} value={each}>
            {say(each)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Sides({ state, act }: Props) {
  const { view } = state;
  return (
    <div class="sdw-sides" style={{ "--sdw-count": String(view.sides.length) }}>
      {view.sides.map((side) => {
        const won = view.winner === side.job_id;
        return (
          <div class="sdw-side-of" key={side.job_id}>
            <div class="sdw-side-head">
              <span class="sdw-letter">{side.letter}</span>
              <code>{side.job_id}</code>
              <Button class={won ? "sdw-button sdw-won" : "sdw-button"} aria-pressed={won} onClick={() => act.pick(side)}>
                {won ? `★ ${side.letter} wins` : `Pick ${side.letter}`}
              </Button>
            </div>
            <p class="sdw-prompt-text" dir="auto">
              {side.spans.map((span, i) => (span.marked ? <mark class="sdw-mark" key={i}>{span.text}</mark> : span.text))}
            </p>
          </div>
        );
      })}
    </div>
  );
}

function Differences({ view }: { view: CompareView }) {
  const { differences, same, sides } = view;
  const shared = same.map(([name, value]) => `${name} ${value}`).join(" · ");
  return (
    <div class="sdw-differences">
      {differences.length > 0 && (
        <div class="sdw-scroll">
          <table class="sdw-options-table" aria-label="Options that differ">
            <thead>
              <tr>
                <td />
                {sides.map(({ letter }) => (
                  <th key={letter} scope="col">
                    {letter}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {differences.map(({ label, values }) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {values.map((value, i) => (
                    <td key={i}>{value}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="sdw-quiet">{shared ? `${differences.length ? "The same" : "All options are the same"}: ${shared}` : "No option is the same."}</p>
    </div>
  );
}
