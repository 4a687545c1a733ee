// The stage: the chosen job, its clip large, with its prompt and facts.
import { hasEnded } from "../shared/job-view";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../shared/button";
import { frame, PullLine, shaped } from "../shared/clip";
import { names } from "../shared/facts";
import { bytes, clock, cost, credits, dotted } from "../shared/format";
import { ProblemBlock } from "../shared/problem";
import { Prompt } from "../shared/prompt";
import { toneOf } from "../shared/tone";
import { Video } from "../shared/video";
import type { Actions } from "./actions";
import { Ago, thisMinute } from "../shared/ago";
import { Glyph } from "../shared/glyphs";
import { fileUrl } from "../shared/files";
import { JobActions } from "./job-actions";
import { JobProgress } from "./job-progress";
import { optionWords, UNKNOWN } from "./jobs";
import { shapeOf } from "./request";
import { leftOf, short, silentS, stageOf, type StudioState } from "./state";
import { Unconfirmed } from "./unconfirmed";
import type { JobView } from "./view";

const TALLEST_PX = 420;

interface StageProps {
  state: StudioState;
  act: Actions;
  base: string | null;
}

export function Stage(props: StageProps) {
  const job = stageOf(props.state);
  return (
    <section class="sdw-side" aria-label="Clip">
      {props.state.compare ? <Compared key={props.state.compare} {...props} /> : job ? <Chosen key={job.job_id} {...props} job={job} /> : <Bare {...props} />}
    </section>
  );
}

/** A widget of its own, which the kernel has made. */
function Compared({ state, act }: StageProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => act.embed(place.current!), []);
  return (
    <div class="sdw-compared">
      <Button onClick={act.stage}>{state.isTakes ? "Close takes" : "Close Compare"}</Button>
      <div ref={place} />
    </div>
  );
}

function Bare({ state, act }: StageProps) {
  const { selected, jobs, view: { missing } } = state;
  const gone = !!selected && missing?.job_id === selected;
  const other = jobs.total ? "Choose a job below to see its clip here." : "Your clip will play here.";
  return (
    <div class="sdw-stage">
      <div class="sdw-frame sdw-bare sdw-nothing" style={shaped(shapeOf(state.draft.request.aspect_ratio), TALLEST_PX)}>
        <Glyph name="video" />
        <p>{gone ? `There is no job ${short(selected)} in this history: it was deleted or never begun.` : selected ? "Loading this job…" : other}</p>
        {gone && missing?.newest && <Button onClick={() => act.select(missing.newest!)}>Show the newest job</Button>}
      </div>
    </div>
  );
}

function Chosen({ state, act, base, job }: StageProps & { job: JobView }) {
  const silent = silentS(state) !== null && !job.final;
  const known = state.known[job.job_id] ?? UNKNOWN;
  const { clip, cost_usd, credits_charged, parent_id } = job;
  return (
    <div class={silent ? "sdw-chosen sdw-silent" : "sdw-chosen"} data-tone={toneOf(job.status)}>
      {(clip || !hasEnded(job)) && <Picture state={state} act={act} base={base} job={job} />}
      <div class="sdw-told">
        <JobProgress job={job} known={known} now={state.now} heardAt={state.heardAt} silent={silent} act={act}>
          <span class="sdw-hint">
            {job.final && job.status !== "unconfirmed" && `${clip ? "in" : "after"} ${clock(job.elapsed_s)} · `}
            {job.final && <Ago at={job.created_at} minute={thisMinute()} />}
          </span>
        </JobProgress>
        <ProblemBlock problem={job.problem}>{job.status === "unconfirmed" && <Unconfirmed id={job.job_id} act={act} />}</ProblemBlock>
        <Prompt text={job.prompt} />
        <p class="sdw-hint">{optionWords(job.request)}</p>
        {clip && (
          <p class="sdw-hint sdw-file">
            <span title={clip.filename}>{clip.filename}</span>
            {dotted(" ", clip.width > 0 && (clip.has_audio ? "with sound" : "no sound"), bytes(clip.size_bytes), clip.problem && "could not be checked")}
          </p>
        )}
        <p class="sdw-hint">
          {dotted(cost_usd !== null && cost(cost_usd), credits_charged !== null && credits(credits_charged, job.service))}
        </p>
      </div>
      <JobActions
        staged
        job={job}
        pressed={known.pressed}
        chosen={state.chosen.includes(job.job_id)}
        silent={silent}
        left_s={leftOf(state, job.job_id)}
        url={fileUrl(job.url, base)}
        cannotContinue={state.view.cannot_continue}
        act={act}
      />
      <div class="sdw-footer">
        {names(job)}
        {parent_id && (
          <Button class="sdw-link" onClick={() => act.select(parent_id)}>
            Made from {parent_id.slice(0, 8)}
          </Button>
        )}
      </div>
    </div>
  );
}

function Picture({ state, act, base, job }: StageProps & { job: JobView }) {
  const { clip } = job;
  const url = state.urlFailed === job.job_id ? null : fileUrl(job.url, base);
  const poster = state.posters[job.job_id] ?? null;
  const pulled = state.pull.phase === "ready" && state.pullOf === job.job_id ? state.pull.url : null;
  const source = clip ? (url ?? pulled) : null;
  return (
    <div>
      <div class="sdw-stage">
        <div class={source || poster ? "sdw-frame" : "sdw-frame sdw-bare"} style={clip ? frame(clip, TALLEST_PX) : shaped(shapeOf(job.request.aspect_ratio), TALLEST_PX)}>
          {source ? (
            <Video
              key={source}
              clip={clip}
              name={job.prompt}
              url={source}
              poster={poster}
              otherwise={source === url ? () => act.clipFailed(job.job_id) : undefined}
            />
          ) : poster ? (
            <img src={poster} alt={`First frame: ${job.prompt}`} />
          ) : (
            <Glyph name="video" />
          )}
        </div>
      </div>
      {clip && !source && <PullLine clip={clip} pull={state.pull} again={act.pullAgain} />}
    </div>
  );
}
