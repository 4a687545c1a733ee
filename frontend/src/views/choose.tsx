// Choosing among many clips: one at a time, full width, marked by single keys.
import { Button } from "../shared/button";
import { CROSS, Icon } from "../shared/icons";
import { SUPPRESS } from "../shared/keys";
import { PullLine } from "../shared/clip";
import { BACK, FULL, ON, PAUSE, PLAY, STAR } from "./glyphs";
import { type ChooseState, chosenOf, type Filter, placeOf, shapeOfMost, tally } from "./choose-state";
import { MarkSigns } from "./mark-signs";
import type { MarkKey } from "./marks";
import type { Clips } from "./sources";
import type { ChoiceView } from "./view";

export interface ChooseActions {
  mark(id: string, mark: MarkKey): void;
  /** To the clip at this place. */
  go(at: number): void;
  toggle(what: "advance" | "resting" | "sounding"): void;
  show(filter: Filter): void;
  fullScreen(): void;
  key(event: KeyboardEvent): void;
  refused(id: string): void;
  pullAgain(id: string): void;
}

const FILTERS: Record<Filter, string> = { all: "All clips", unmarked: "Unmarked", kept: "Not rejected", starred: "Starred" };
const AROUND = 5; // thumbnails on each side

interface Props {
  state: ChooseState;
  act: ChooseActions;
  clips: Clips;
}

export function Choose(props: Props) {
  const { state, act } = props;
  const cells = chosenOf(state);
  const cell = cells[state.at];
  return (
    <section class="sdw-views sdw-choose" aria-label="Choose" tabIndex={-1} {...SUPPRESS} onKeyDown={act.key}>
      <div class="sdw-unseen" role="status" aria-live="polite">
        {state.said}
      </div>
      <div class="sdw-views-top">
        <span class="sdw-choose-place">{placeOf(state)}</span>
        <span class="sdw-quiet">{tally(state)}</span>
        <span class="sdw-views-right">
          <span class="sdw-badge">{state.view.label}</span>
          <select class="sdw-select" aria-label="Show" value={state.filter} onChange={(event) => act.show(event.currentTarget.value as Filter)}>
            {Object.entries(FILTERS).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
          <Button aria-pressed={state.advance} title="Go to the next clip after each mark (A)" onClick={() => act.toggle("advance")}>
            Auto-advance
          </Button>
          <Button aria-label="Full screen" title="Full screen (F)" onClick={act.fullScreen}>
            <Icon path={FULL} />
          </Button>
        </span>
      </div>
      {state.view.problem && <p class="sdw-note" data-tone="bad">{state.view.problem}</p>}
      {cell ? <Shown {...props} cells={cells} cell={cell} /> : <p class="sdw-note">{state.view.clips.length ? "No clips match." : "No clips yet."}</p>}
    </section>
  );
}

function Shown({ state, act, clips, cells, cell }: Props & { cells: ChoiceView[]; cell: ChoiceView }) {
  const { at, resting, sounding } = state;
  const { job_id, clip } = cell;
  const url = clips.url(cell);
  return (
    <>
      <div class="sdw-choose-stage" data-sdw-job={job_id} data-rejected={cell.rejected} style={{ "aspect-ratio": shapeOfMost(state).toFixed(4) }}>
        {/* Keyed by their jobs: the next one loads unseen, and comes without a gap. */}
        {cells.slice(Math.max(0, at - 1), at + 3).map((each) => {
          const [here, source, poster] = [each.job_id === job_id, clips.url(each), state.posters[each.job_id]];
          return source ? (
            <video
              key={each.job_id}
              src={source}
              poster={poster ?? undefined}
              data-sdw-job={each.job_id}
              hidden={!here}
              muted={!sounding || !here}
              loop
              playsInline
              preload="auto"
              translate={false} aria-label={each.prompt}
              onError={() => act.refused(each.job_id)}
            />
          ) : (
            here && poster && <img key={each.job_id} src={poster} alt={`First frame: ${each.prompt}`} />
          );
        })}
        {cell.rejected && <span class="sdw-choose-stamp">Rejected</span>}
      </div>
      {clip && !url && <PullLine clip={clip} pull={clips.pull(job_id)} again={() => act.pullAgain(job_id)} />}
      <div class="sdw-choose-bar" role="toolbar" aria-label="Marks">
        <Button aria-label="Previous clip" title="Previous clip (←)" off={at === 0} onClick={() => act.go(at - 1)}>
          <Icon path={BACK} fill="currentColor" />
        </Button>
        <Button aria-label={resting ? "Play" : "Pause"} title="Space" onClick={() => act.toggle("resting")}>
          <Icon path={resting ? PLAY : PAUSE} fill="currentColor" />
        </Button>
        <Button aria-label="Next clip" title="Next clip (→)" off={at >= cells.length - 1} onClick={() => act.go(at + 1)}>
          <Icon path={ON} fill="currentColor" />
        </Button>
        <span class="sdw-rate" role="group" aria-label="Rating">
          {([1, 2, 3, 4, 5] as const).map((each) => (
            <Button
              key={each}
              class="sdw-button sdw-rate-one"
              data-on={(cell.rating ?? 0) >= each}
              aria-pressed={cell.rating === each}
              aria-label={`Rate ${each}`}
              title={`${each} of 5 (${each})`}
              onClick={() => act.mark(job_id, cell.rating === each ? 0 : each)}
            >
              {each}
            </Button>
          ))}
        </span>
        <Button class={cell.starred ? "sdw-button sdw-is-starred" : "sdw-button"} aria-pressed={cell.starred} title="Star (S)" onClick={() => act.mark(job_id, "star")}>
          <Icon path={STAR} fill={cell.starred ? "currentColor" : "none"} />
          Star
        </Button>
        <Button class={cell.rejected ? "sdw-button sdw-is-rejected" : "sdw-button"} aria-pressed={cell.rejected} title="Reject (X)" onClick={() => act.mark(job_id, "reject")}>
          <Icon path={CROSS} />
          Reject
        </Button>
        {clip?.has_audio && (
          <Button aria-pressed={sounding} title="Sound (M)" onClick={() => act.toggle("sounding")}>
            Sound
          </Button>
        )}
        <span class="sdw-choose-name" dir="auto" translate={false} title={cell.prompt}>
          {cell.caption}
        </span>
      </div>
      <Strip state={state} act={act} cells={cells} />
      <p class="sdw-quiet sdw-keys">
        {KEYS.map(([key, does]) => (
          <span key={key}>
            <kbd>{key}</kbd> {does}
          </span>
        ))}
      </p>
    </>
  );
}

const KEYS: [string, string][] = [
  ["1–5", "rate"],
  ["0", "no rating"],
  ["S", "star"],
  ["X", "reject"],
  ["← →", "previous, next"],
  ["Space", "play"],
  ["A", "auto-advance"],
  ["F", "full screen"],
];

/** The clips around this one. No stops of their own: the arrows go where they go. */
function Strip({ state, act, cells }: { state: ChooseState; act: ChooseActions; cells: ChoiceView[] }) {
  const { at } = state;
  const first = Math.max(0, Math.min(at - AROUND, cells.length - 2 * AROUND - 1));
  return (
    <div class="sdw-choose-strip">
      {cells.slice(first, first + 2 * AROUND + 1).map((each, i) => (
        <button
          type="button"
          key={each.job_id}
          tabIndex={-1}
          class="sdw-choose-small"
          aria-label={`${first + i + 1}: ${each.caption}`}
          aria-current={first + i === at}
          data-rejected={each.rejected}
          data-sdw-job={each.job_id}
          onClick={() => act.go(first + i)}
        >
          {state.posters[each.job_id] && <img src={state.posters[each.job_id]!} alt="" />}
          <MarkSigns cell={each} />
        </button>
      ))}
    </div>
  );
}
