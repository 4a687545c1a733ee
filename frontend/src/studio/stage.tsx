// The stage: the chosen job, its clip large, with its prompt and facts.
import { hasEnded } from "../card/view";
import { describe, frame, PullLine, Video } from "../shared/clip";
import { money, names, Options } from "../shared/facts";
import { ProblemBlock } from "../shared/problem";
import { Prompt } from "../shared/prompt";
import { toneOf } from "../shared/tone";
import type { Actions } from "./actions";
import { Glyph } from "./glyphs";
import { fileUrl } from "./host";
import { JobActions } from "./job-actions";
import { JobProgress } from "./job-progress";
import { UNKNOWN } from "./jobs";
import { shapeOf } from "./request";
import { silentS, stageOf, type StudioState } from "./state";
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
      {job ? <Chosen key={job.job_id} {...props} job={job} /> : <Bare {...props} />}
    </section>
  );
}

function Bare({ state }: StageProps) {
  const words = state.selected ? "Loading this job…" : state.jobs.total ? "Choose a job below to see its clip here." : "Your clip will play here.";
  return (
    <div class="sdw-stage">
      <div class="sdw-frame sdw-bare sdw-nothing" style={shaped(state.draft.request.aspect_ratio)}>
        <Glyph name="video" />
        <p>{words}</p>
      </div>
    </div>
  );
}

function shaped(ratio: string): Record<string, string> {
  const shape = shapeOf(ratio);
  return { "aspect-ratio": String(shape), "max-width": `${Math.round(TALLEST_PX * shape)}px` };
}

function Chosen({ state, act, base, job }: StageProps & { job: JobView }) {
  const silent = silentS(state) !== null && !job.final;
  const known = state.known[job.job_id] ?? UNKNOWN;
  return (
    <div class={silent ? "sdw-chosen sdw-silent" : "sdw-chosen"} data-tone={toneOf(job.status)}>
      {(job.clip || !hasEnded(job)) && <Picture state={state} act={act} base={base} job={job} />}
      <JobProgress job={job} known={known} now={state.now} heardAt={state.heardAt} silent={silent} act={act} />
      <ProblemBlock problem={job.problem} />
      <Prompt text={job.prompt} />
      <Options view={job} />
      <JobActions job={job} pressed={known.pressed} silent={silent} url={fileUrl(job.url, base)} act={act} />
      <div class="sdw-footer">
        {money(job)}
        {names(job)}
      </div>
    </div>
  );
}

function Picture({ state, act, base, job }: StageProps & { job: JobView }) {
  const { clip } = job;
  const url = state.urlFailed === job.job_id ? null : fileUrl(job.url, base);
  const poster = state.posters[job.job_id] ?? null;
  const pulled = state.pull.phase === "ready" ? state.pull.url : null;
  const source = clip ? (url ?? pulled) : null;
  return (
    <div class="sdw-media">
      <div class="sdw-stage">
        <div class={source || poster ? "sdw-frame" : "sdw-frame sdw-bare"} style={clip ? frame(clip, TALLEST_PX) : shaped(job.request.aspect_ratio)}>
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
      {clip && (source === url && url ? <p class="sdw-caption">{describe(clip)}</p> : <PullLine clip={clip} pull={state.pull} again={act.pullAgain} />)}
    </div>
  );
}
