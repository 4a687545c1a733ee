// The stage: the chosen job, its clip large, with its prompt and facts.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../shared/button";
import { PullLine } from "../shared/clip";
import { names } from "../shared/facts";
import { about, bytes, clock, cost, credits, dotted } from "../shared/format";
import { ProblemBlock } from "../shared/problem";
import { Prompt } from "../shared/prompt";
import { toneOf } from "../shared/tone";
import { Video } from "../shared/video";
import type { Actions } from "./actions";
import { Ago, thisMinute } from "../shared/ago";
import { VIDEO } from "../shared/glyphs";
import { Icon } from "../shared/icons";
import { priceOf } from "./cost";
import { Film } from "./film";
import { fileUrl } from "../shared/files";
import { JobActions } from "./job-actions";
import { JobProgress } from "./job-progress";
import { madeFrom, optionWords, UNKNOWN } from "./jobs";
import { late } from "./parts";
import { canSubmit, leftOf, short, silentS, stageOf, type StudioState } from "./state";
import type { JobView } from "./view";

const Unconfirmed = late("Unconfirmed");
const UseFrame = late("UseFrame");
const SendAgain = late("SendAgain");

interface StageProps {
  state: StudioState;
  act: Actions;
  base: string | null;
}

export function Stage(props: StageProps) {
  const { state, act, base } = props;
  const job = stageOf(state);
  const filmed = state.film.length > 0 && !state.compare;
  return (
    <div class={filmed ? "sdw-beside sdw-filmed" : "sdw-beside"}>
      <section class="sdw-side" aria-label="Clip">
        {state.compare ? <Compared key={state.compare} {...props} /> : job ? <Chosen key={job.job_id} {...props} job={job} /> : <Bare {...props} />}
      </section>
      {filmed && <Film film={state.film} selected={state.selected} posters={state.posters} base={base} act={act} />}
    </div>
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
    <div class="sdw-stage sdw-bare sdw-nothing">
      <Icon path={VIDEO} />
      <p>{gone ? `There is no job ${short(selected)} in this history: it was deleted or never begun.` : selected ? "Loading this job…" : other}</p>
      {gone && missing?.newest && <Button onClick={() => act.select(missing.newest!)}>Show the newest job</Button>}
    </div>
  );
}

function Chosen({ state, act, base, job }: StageProps & { job: JobView }) {
  const silent = silentS(state) !== null && !job.final;
  const [video, watch] = useState<HTMLVideoElement | null>(null);
  const known = state.known[job.job_id] ?? UNKNOWN;
  const usd = priceOf(state.view.models, job.request);
  const { clip, cost_usd, credits_charged, parent_id } = job;
  const progress = (
    <JobProgress job={job} known={known} now={state.now} heardAt={state.heardAt} silent={silent} act={act}>
      <span class="sdw-hint">
        {job.final && job.status !== "unconfirmed" && `${clip ? "in" : "after"} ${clock(job.elapsed_s)} · `}
        {job.final && <Ago at={job.created_at} minute={thisMinute()} />}
      </span>
    </JobProgress>
  );
  return (
    <div class={silent ? "sdw-chosen sdw-silent" : "sdw-chosen"} data-tone={toneOf(job.status)} data-sdw-job={job.job_id}>
      {/* The stage is as high for each job, whatever it shows. */}
      <div class="sdw-stage">
        {clip ? <Picture state={state} act={act} base={base} job={job} watch={watch} /> : <div class="sdw-large">{progress}</div>}
      </div>
      <div class="sdw-below">
        {clip && <UseFrame state={state} act={act} job={job} video={video} />}
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
        <div class="sdw-told">
          {clip && progress}
          <ProblemBlock problem={job.problem}>
            {job.status === "unconfirmed" && <Unconfirmed id={job.job_id} act={act} />}
            {job.problem?.fix === "again" && <SendAgain costs={usd === null ? "" : about(usd)} off={!canSubmit(state)} send={() => act.again(job)} />}
          </ProblemBlock>
          <Prompt text={job.prompt} />
          <p class="sdw-hint">{optionWords(job.request)}</p>
          {clip && (
            <p class="sdw-hint sdw-file">
              <span translate={false} title={clip.filename}>{clip.filename}</span>
              {dotted(" ", clip.width > 0 && (clip.has_audio ? "with sound" : "no sound"), bytes(clip.size_bytes), clip.problem && "could not be checked")}
            </p>
          )}
          <p class="sdw-hint">
            {dotted(cost_usd !== null && cost(cost_usd), credits_charged !== null && credits(credits_charged, job.service))}
          </p>
        </div>
        <div class="sdw-footer">
          {names(job)}
          {parent_id && (
            <Button class="sdw-link" onClick={() => act.select(parent_id)}>
              {madeFrom(job.relation)} {parent_id.slice(0, 8)}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

function Picture({ state, act, base, job, watch }: StageProps & { job: JobView; watch: (video: HTMLVideoElement | null) => void }) {
  const { clip } = job;
  const url = state.urlFailed === job.job_id ? null : fileUrl(job.url, base);
  const poster = state.posters[job.job_id] ?? null;
  const pulled = state.pull.phase === "ready" && state.pullOf === job.job_id ? state.pull.url : null;
  const source = pulled ?? url;
  if (source) {
    return (
      <Video
        key={source}
        loop
        clip={clip}
        name={job.prompt}
        url={source}
        poster={poster}
        watch={watch}
        otherwise={source === url ? () => act.clipFailed(job.job_id) : undefined}
      />
    );
  }
  return (
    <>
      {poster ? <img src={poster} alt={`First frame: ${job.prompt}`} /> : <Icon path={VIDEO} />}
      {clip && <PullLine clip={clip} pull={state.pull} again={act.pullAgain} />}
    </>
  );
}
