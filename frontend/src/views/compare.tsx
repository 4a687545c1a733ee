// Compare, top to bottom: the clips, one transport, prompts with their differences, options, the pick.
import { Button } from "../shared/button";
import { ClipActions, type Marks } from "../shared/clip-actions";
import { ClipMore } from "../shared/clip-more";
import { about } from "../shared/format";
import { Icon } from "../shared/icons";
import { SUPPRESS } from "../shared/keys";
import { PullLine, shapeOf } from "../shared/clip";
import { type CompareState, finest, seconds, SPEEDS } from "./compare-state";
import { BACK, FULL, ON, PAUSE, PLAY } from "./glyphs";
import type { Clips } from "./sources";
import type { CompareView, SideView } from "./view";
import { Wipe } from "./wipe";

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
  fullScreen(): void;
  again(side: SideView): void;
  reuse(side: SideView): void;
  save(side: SideView): void;
  mark(id: string, marks: Marks): void;
  more(id: string): void;
  say(words: string): void;
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
  const more = view.sides.find(({ job_id }) => job_id === state.more);
  return (
    <section class="sdw-views sdw-compare" aria-label="Seedance compare" tabIndex={-1} {...SUPPRESS} onKeyDown={act.key}>
      <div class="sdw-views-top">
        <span class="sdw-views-title">{view.jobs} clips in sync</span>
        <span class="sdw-badge">{view.label}</span>
      </div>
      <div class="sdw-unseen" role="status" aria-live="polite">
        {state.said}
      </div>
      <Panes {...props} />
      {more && <ClipMore key={more.job_id} clip={more} mark={(marks) => act.mark(more.job_id, marks)} remove={null} say={act.say} close={() => act.more(more.job_id)} />}
      <Transport {...props} />
      {view.problem && <p class="sdw-note" data-tone="bad">{view.problem}</p>}
      {view.note && <p class="sdw-note">{view.note}</p>}
      <Sides view={view} />
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

/** All as high as each other, and together as wide as they can be. In a wipe both have the shape of the first. */
function Panes({ state, act, clips }: Props) {
  const { sides } = state.view;
  const wiping = state.wiping && sides.length === 2;
  const shapes = (wiping ? sides.slice(0, 1) : sides).map(({ clip }) => shapeOf(clip));
  const sum = shapes.reduce((all, each) => all + each, 0);
  const room = { "--sdw-sum": sum.toFixed(4), "--sdw-gaps": String(shapes.length - 1), "--sdw-shapes": shapes.map((each) => `minmax(0, ${each.toFixed(4)}fr)`).join(" ") };
  return (
    <div class={`sdw-panes-room${state.full ? " sdw-full" : ""}`} style={room}>
      {wiping && (
        <div class="sdw-wipe-heads">
          {sides.map((side) => (
            <Head key={side.letter} state={state} act={act} side={side} />
          ))}
        </div>
      )}
      {/* Under the edge both are seen, wherever it is. */}
      <div class={`sdw-panes${wiping ? " sdw-wiping" : ""}`} data-count={sides.length} data-sdw-job={wiping ? sides.map(({ job_id }) => job_id).join(" ") : undefined}>
        {sides.map((side, i) => (
          <div key={side.job_id} class="sdw-pane" data-sdw-job={side.job_id} data-letter={side.letter} data-won={state.view.winner === side.job_id} style={wiping && i === 1 ? { "clip-path": `inset(0 0 0 ${state.edge}%)` } : undefined}>
            {!wiping && <Head state={state} act={act} side={side} />}
            <Screen state={state} act={act} clips={clips} side={side} shape={shapes[i] ?? shapes[0]!} />
            {!wiping && <Bar state={state} act={act} side={side} />}
          </div>
        ))}
        {wiping && <Wipe at={state.edge} move={act.wipe} />}
      </div>
    </div>
  );
}

function Bar({ state, act, side }: { state: CompareState; act: CompareActions; side: SideView }) {
  const { job_id, cost_usd, starred } = side;
  return (
    <ClipActions
      again={() => act.again(side)}
      costs={cost_usd === null ? "" : about(cost_usd)}
      reuse={() => act.reuse(side)}
      goOn="Open it in the Studio to continue it"
      download={() => act.save(side)}
      compare="It is being compared"
      star={() => act.mark(job_id, { starred: !starred })}
      starred={starred}
      chosen
      open={state.more === job_id}
      more={() => act.more(job_id)}
    />
  );
}

/** Above the picture, of which it hides nothing: the letter, and the pick. */
function Head({ state, act, side }: { state: CompareState; act: CompareActions; side: SideView }) {
  const { letter, job_id } = side;
  const won = state.view.winner === job_id;
  return (
    <div class="sdw-side-head">
      <span class="sdw-letter">{letter}</span>
      <Button class={won ? "sdw-button sdw-won" : "sdw-button"} aria-pressed={won} title={`${letter} is the one (${letter.charCodeAt(0) - 64})`} onClick={() => act.pick(side)}>
        {won ? `★ ${letter} wins` : `Pick ${letter}`}
      </Button>
    </div>
  );
}

function Screen({ state, act, clips, side, shape }: Props & { side: SideView; shape: number }) {
  const { job_id, letter, clip } = side;
  const url = clips.url(side);
  const poster = state.posters[job_id] ?? undefined;
  return (
    <>
      <div class="sdw-screen" style={{ "aspect-ratio": String(shape) }}>
        {url ? (
          <video
            key={url}
            src={url}
            poster={poster}
            data-sdw-job={job_id}
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
      </div>
      {!url && clip && <PullLine clip={clip} pull={clips.pull(job_id)} again={() => act.pullAgain(job_id)} />}
    </>
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
        {tool("Forward one frame", ".", ON, () => act.step(1))}
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
        {view.sides.length === 2 && toggle("Wipe", "Wipe A over B (W)", "wiping", state.wiping)}
        {toggle("Fit", "Fit the clips, or show the middle of each at its real size (F)", "full", !state.full)}
        <Button aria-label="Full screen" title="Full screen" onClick={act.fullScreen}>
          <Icon path={FULL} />
        </Button>
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

function Sides({ view }: { view: CompareView }) {
  return (
    <div class="sdw-sides" style={{ "--sdw-count": String(view.sides.length) }}>
      {view.sides.map((side) => (
        <div class="sdw-side-of" key={side.job_id}>
          <div class="sdw-side-head">
            <span class="sdw-letter">{side.letter}</span>
            <code>{side.job_id}</code>
          </div>
          <p class="sdw-prompt-text" dir="auto" translate={false}>
            {side.spans.map((span, i) => (span.marked ? <mark class="sdw-mark" translate={false} key={i}>{span.text}</mark> : span.text))}
          </p>
        </div>
      ))}
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
