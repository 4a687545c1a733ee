// The panel of jobs as it is drawn.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../src/shared/button";
import { counted } from "../../src/shared/format";
import { Icon, StatusIcon } from "../../src/shared/icons";
import { Filter, SearchBox, STATUS_WORDS, statusWords } from "../../src/shared/search";
import { toneOf } from "../../src/shared/tone";
import { Ago } from "../../src/shared/ago";
import { STAR, VIDEO } from "../../src/shared/glyphs";
import { IconButton } from "../../src/shared/icon-button";
import { isNarrow, type Query } from "./api";
import { Detail } from "./detail";
import { elapsed, type Job, shapeOf, shortly } from "./job";
import type { PanelActions, PanelState } from "./props";

export const ROW_PX = 72;

interface Props {
  state: PanelState;
  act: PanelActions;
}

export function JobsPanel({ state, act }: Props) {
  const { total, query, said, problem } = state;
  return (
    <div class="sdw-lab">
      <Head state={state} act={act} />
      {(problem ?? said) && <p class="sdw-lab-said">{problem ?? said}</p>}
      <AllowDesktop state={state} act={act} />
      {total === null ? <div class="sdw-lab-nothing" /> : total ? <List state={state} act={act} /> : <Nothing query={query} act={act} />}
      {state.detail && <Detail key={state.detail.id} job={state.detail} state={state} act={act} />}
      <span class="sdw-unseen" role="status" aria-live="polite">
        {state.spoken}
      </span>
    </div>
  );
}

function Head({ state, act }: Props) {
  const { query, total, spent, models } = state;
  return (
    <div class="sdw-lab-head" role="search" aria-label="Jobs">
      <SearchBox
        placeholder="Search prompts, notes, tags"
        value={query.text}
        look={(text) => act.search({ text })}
        onKeyDown={(event) => event.key === "ArrowDown" && (event.preventDefault(), act.focusList())}
      />
      <div class="sdw-lab-filters">
        <Filter name="Status" any="Status" value={query.status} values={Object.keys(STATUS_WORDS)} words={statusWords} pick={(status) => act.search({ status })} />
        <Filter name="Model" any="Model" value={query.model} values={models} pick={(model) => act.search({ model })} />
        <IconButton
          class={query.starred ? "sdw-icon-button sdw-starred" : "sdw-icon-button"}
          name="Starred only"
          glyph={STAR}
          full={query.starred}
          aria-pressed={query.starred}
          onClick={() => act.search({ starred: !query.starred })}
        />
      </div>
      <div class="sdw-lab-sums">
        <span>{total === null ? "Loading…" : `${counted(total)} ${total === 1 ? "job" : "jobs"}`}</span>
        <span>{spent}</span>
      </div>
    </div>
  );
}

/** Notifications on the desktop are turned on, and this browser does not show them yet. */
function AllowDesktop({ state: { desktop }, act }: Props) {
  if (desktop === "off" || desktop === "granted") return null;
  return (
    <div class="sdw-row sdw-lab-allow">
      <span>Desktop notifications are on; {DESKTOP[desktop]}.</span>
      {desktop === "default" && <Button onClick={act.allow}>Allow</Button>}
    </div>
  );
}

const DESKTOP = {
  default: "this browser has not allowed them yet",
  denied: "this browser blocks them for this site",
  impossible: "they need https, or Jupyter on this machine",
};

function Nothing({ query, act }: { query: Query; act: PanelActions }) {
  if (isNarrow(query)) {
    return (
      <div class="sdw-lab-nothing">
        <p>No jobs match.</p>
        <Button onClick={() => act.search({ text: "", status: "", model: "", starred: false })}>Show all jobs</Button>
      </div>
    );
  }
  return (
    <div class="sdw-lab-nothing">
      <Icon path={VIDEO} />
      <p>No jobs yet. Everything you generate appears here, newest first, including jobs from magics and other notebooks.</p>
      <Button onClick={act.studio}>Open the Studio</Button>
    </div>
  );
}

function List({ state, act }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { total, rows } = state;
  useLayoutEffect(() => act.place(box.current!), []);
  return (
    <div ref={box} class="sdw-lab-list" role="list" aria-label="Jobs" onScroll={act.scrolled} onKeyDown={act.key} onMouseLeave={() => act.play("", false)}>
      <div class="sdw-lab-sheet" style={{ height: `${(total ?? 0) * ROW_PX}px` }} role="presentation">
        {rows.map(({ place, job }) =>
          job ? <Row key={job.id} place={place} job={job} state={state} act={act} /> : <Blank key={`at${place}`} place={place} />,
        )}
      </div>
    </div>
  );
}

function at(place: number): Record<string, string> {
  return { transform: `translateY(${place * ROW_PX}px)`, height: `${ROW_PX}px` };
}

function Blank({ place }: { place: number }) {
  return <div class="sdw-lab-item sdw-lab-blank" style={at(place)} />;
}

function Row({ place, job, state, act }: Props & { place: number; job: Job }) {
  const isSelected = job.id === state.selected;
  const deleting = state.deleting.get(job.id);
  const isFirst = !state.rows.some((row) => row.job?.id === state.selected) && state.rows[0]?.place === place;
  const told = `${shortly(job.prompt, 120)}. ${job.status_text}${state.isFresh(job) ? ". New" : ""}`;
  return (
    <div
      class={`sdw-lab-item${isSelected ? " sdw-selected" : ""}${deleting === undefined ? "" : " sdw-lab-leaving"}`}
      role="listitem"
      aria-posinset={place + 1}
      aria-setsize={state.total ?? -1}
      data-tone={toneOf(job.status)}
      data-sdw-job={job.id}
      style={at(place)}
    >
      <button
        type="button"
        class="sdw-lab-pick"
        aria-label={told}
        aria-current={isSelected}
        tabIndex={isSelected || isFirst ? 0 : -1}
        onClick={() => act.select(job.id)}
        onDblClick={() => act.open(job.id)}
      >
        <Poster job={job} state={state} act={act} />
        <span class="sdw-lab-words">
          <span class="sdw-lab-prompt" dir="auto">
            {state.isFresh(job) && <span class="sdw-lab-dot" />}
            {job.prompt}
          </span>
          <Line job={job} state={state} deleting={deleting} />
        </span>
      </button>
      {deleting !== undefined && <Button off={!deleting} onClick={() => act.undo(job.id)}>Undo</Button>}
    </div>
  );
}

/** How it stands, and when it was; the tick says "succeeded" where there is little room. */
function Line({ job, state, deleting }: { job: Job; state: PanelState; deleting: number | undefined }) {
  if (deleting !== undefined) return <span class="sdw-lab-line">{deleting ? `Deleting in ${deleting} s` : "Deleting…"}</span>;
  return (
    <span class="sdw-lab-line">
      <StatusIcon tone={toneOf(job.status)} />
      {job.status !== "succeeded" && <span class="sdw-lab-status">{job.status_text}</span>}
      <span class="sdw-lab-when">{elapsed(job, state.now_s) ?? <Ago at={job.created_at} minute={Math.floor(state.now_s / 60)} />}</span>
      {job.starred && <Icon path={STAR} fill="currentColor" />}
    </span>
  );
}

/** The first frame, which plays while the pointer rests on it. */
function Poster({ job, state, act }: Props & { job: Job }) {
  const [broken, setBroken] = useState(false);
  const url = state.posters[job.id];
  const plays = state.playing === job.id && !!job.clip && !broken;
  return (
    <span class="sdw-lab-poster" onMouseEnter={() => act.play(job.id, false)} onMouseLeave={() => act.play("", false)}>
      {url ? <img src={url} alt="" /> : <span class="sdw-lab-shape" style={{ "aspect-ratio": String(shapeOf(job.aspect_ratio)) }} />}
      {plays && <video src={act.clipUrl(job.id)} muted loop autoPlay playsInline aria-hidden="true" onError={() => setBroken(true)} />}
    </span>
  );
}
