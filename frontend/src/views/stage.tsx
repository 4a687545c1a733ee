// The chosen clip large, below the tiles, as on the stage of the Studio.
import { useRef } from "preact/hooks";
import { Button } from "../shared/button";
import { frame, PullLine } from "../shared/clip";
import { ClipMore } from "../shared/clip-more";
import { dotted } from "../shared/format";
import { CROSS, Icon } from "../shared/icons";
import { TileActions } from "./clip-bar";
import type { GridActions } from "./grid-actions";
import type { GridState } from "./grid-state";
import type { Clips } from "./sources";
import type { CellView } from "./view";

const TALLEST_PX = 560;

export interface StageProps {
  state: GridState;
  act: GridActions;
  clips: Clips;
  cell: CellView;
  uid: string;
}

export function Stage({ state, act, clips, cell, uid }: StageProps) {
  const more = useRef<HTMLButtonElement>(null);
  const { clip, job_id } = cell;
  const url = clips.url(cell);
  const poster = state.posters[job_id] ?? null;
  const code = state.codes[job_id] ?? { as_magic: "", as_python: "" };
  return (
    <section
      class="sdw-stage-below"
      data-sdw-job={job_id}
      aria-labelledby={`${uid}-stage`}
      onKeyDown={(event) => {
        if (event.key === "Escape") act.fold();
      }}
    >
      <div class="sdw-stage-head">
        <h3 class="sdw-group-title" id={`${uid}-stage`} dir="auto" translate={false}>
          {cell.caption}
        </h3>
        <Button aria-label="Close the clip" title="Escape" class="sdw-button sdw-close" onClick={act.fold}>
          <Icon path={CROSS} />
        </Button>
      </div>
      <div class="sdw-stage">
        <div class="sdw-frame" style={frame(clip, TALLEST_PX)}>
          {url ? (
            <video key={url} controls loop playsInline src={url} poster={poster ?? undefined} translate={false} aria-label={cell.prompt} onError={() => act.refused(job_id)} />
          ) : (
            poster && <img src={poster} alt={`First frame: ${cell.prompt}`} />
          )}
        </div>
      </div>
      {clip && !url && <PullLine clip={clip} pull={clips.pull(job_id)} again={() => act.pullAgain(job_id)} />}
      <TileActions cell={cell} picked={state.picked.includes(job_id)} open={state.more} wordy moreRef={more} act={act} />
      {state.more && (
        <ClipMore
          clip={{ ...cell, ...code }}
          mark={(marks) => act.mark(job_id, marks)}
          remove={cell.final ? () => act.remove(job_id) : null}
          say={act.say}
          close={() => {
            act.more(job_id);
            more.current?.focus();
          }}
        />
      )}
      <p class="sdw-prompt-text" dir="auto" translate={false}>
        {cell.prompt}
      </p>
      {cell.note && <p class="sdw-stage-note" translate={false}>{cell.note}</p>}
      <p class="sdw-quiet">
        {dotted(...cell.options.map(([, value]) => value), cell.rating !== null && `rated ${cell.rating} of 5`, ...cell.tags, `job ${job_id}`, clip?.filename ?? null)}
      </p>
    </section>
  );
}
