// The history: newest first, searched and paged by the kernel.
import { Button } from "../shared/button";
import { cost, credits } from "../shared/format";
import { memo } from "../shared/memo";
import { ProblemBlock } from "../shared/problem";
import { toneOf } from "../shared/tone";
import type { Actions } from "./actions";
import { Glyph } from "./glyphs";
import { fileUrl } from "./host";
import { JobActions } from "./job-actions";
import { JobProgress, type JobProgressProps } from "./job-progress";
import { ANY, isNarrow, optionWords, UNKNOWN } from "./jobs";
import { PutAway } from "./put-away";
import { shapeOf } from "./request";
import { isLoading, short, silentS, type StudioState, troubleOf } from "./state";
import type { JobView } from "./view";

const STATUSES = ["submitting", "queued", "processing", "succeeded", "failed", "cancelled", "unconfirmed"];

interface ListProps {
  state: StudioState;
  act: Actions;
  uid: string;
  base: string | null;
}

export function Jobs(props: ListProps) {
  const { state, act, uid, base } = props;
  const { jobs, query, known, posters, selected } = state;
  const silent = silentS(state) !== null;
  const empty = !jobs.items.length;
  const bare = empty && !isNarrow(query) && !state.searching; // nothing to search in
  return (
    <section class="sdw-jobs" aria-labelledby={`${uid}-jobs`}>
      <div class="sdw-jobs-head">
        <div class="sdw-title" id={`${uid}-jobs`}>
          Jobs
        </div>
        <span class="sdw-count">{!bare && counted(jobs.total)}</span>
        {!bare && <Search {...props} />}
      </div>
      <Trouble state={state} act={act} />
      {empty ? (
        <Nothing state={state} act={act} />
      ) : (
        <ul class={state.searching ? "sdw-list sdw-searching" : "sdw-list"} role="list" aria-label="Jobs">
          {jobs.items.map((job) => (
            <li key={job.job_id}>
              <JobItem
                job={job}
                known={known[job.job_id] ?? UNKNOWN}
                now={job.final ? 0 : state.now}
                heardAt={job.final ? 0 : state.heardAt}
                silent={silent && !job.final}
                poster={posters[job.job_id] ?? null}
                selected={job.job_id === selected}
                url={fileUrl(job.url, base)}
                act={act}
              />
            </li>
          ))}
        </ul>
      )}
      {jobs.pages > 1 && <Pages state={state} act={act} />}
    </section>
  );
}

function Trouble({ state, act }: Pick<ListProps, "state" | "act">) {
  const problem = troubleOf(state);
  return (
    problem && (
      <div class="sdw-trouble" data-tone="bad">
        <ProblemBlock problem={problem}>
          <PutAway act={act} />
        </ProblemBlock>
      </div>
    )
  );
}

function counted(total: number): string {
  return total.toLocaleString("en-US");
}

function Search({ state, act }: ListProps) {
  const { query, view } = state;
  return (
    <div class="sdw-search" role="search" aria-label="Jobs">
      <span class="sdw-search-box">
        <Glyph name="search" />
        <input
          type="search"
          class="sdw-input"
          aria-label="Search jobs"
          placeholder="Search jobs"
          value={query.text}
          onInput={(event) => act.search({ text: event.currentTarget.value })}
        />
      </span>
      <select class="sdw-input" aria-label="Status" value={query.status} onChange={(event) => act.search({ status: event.currentTarget.value })}>
        <option value="">Any status</option>
        {STATUSES.map((status) => (
          <option key={status} value={status}>
            {status}
          </option>
        ))}
      </select>
      <select class="sdw-input" aria-label="Made with" value={query.model} onChange={(event) => act.search({ model: event.currentTarget.value })}>
        <option value="">Any model</option>
        {withCurrent(view.models.map(({ id }) => id), query.model).map((id) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
      <label class="sdw-check">
        <input type="checkbox" checked={query.starred} onChange={(event) => act.search({ starred: event.currentTarget.checked })} />
        Starred only
      </label>
    </div>
  );
}

function withCurrent(ids: string[], current: string): string[] {
  return !current || ids.includes(current) ? ids : [...ids, current];
}

function Nothing({ state, act }: Pick<ListProps, "state" | "act">) {
  if (state.jobs.rev < 0 || isLoading(state)) return <p class="sdw-empty">Loading the history…</p>;
  if (state.searching) return <p class="sdw-empty">Searching…</p>;
  if (!isNarrow(state.query)) {
    return <p class="sdw-empty">No jobs yet. What you generate stands here, newest first, and so do jobs from magics and other notebooks.</p>;
  }
  return (
    <div class="sdw-empty">
      <p>No job fits this search.</p>
      <Button onClick={() => act.search(ANY)}>
        Show all jobs
      </Button>
    </div>
  );
}

function Pages({ state, act }: Pick<ListProps, "state" | "act">) {
  const { page, pages } = state.jobs;
  const turn = (to: number, words: string) => (
    <Button off={to < 0 || to >= pages} onClick={() => act.search({ page: to })}>
      {words}
    </Button>
  );
  return (
    <div class="sdw-pages" role="group" aria-label="Pages">
      {turn(page - 1, "Newer")}
      <span>
        Page {counted(page + 1)} of {counted(pages)}
      </span>
      {turn(page + 1, "Older")}
    </div>
  );
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** What tells one try from the next, what it cost, and when it was. */
function factsOf({ request, cost_usd, credits_charged, service, created_at }: JobView): string {
  const spent = [cost_usd !== null && cost(cost_usd), credits_charged !== null && credits(credits_charged, service)];
  const when = created_at > 0 && DAY.format(created_at * 1000);
  return [request.model, optionWords(request), ...spent, when].filter(Boolean).join(" · ");
}

interface ItemProps extends JobProgressProps {
  poster: string | null;
  selected: boolean;
  url: string | null;
}

const JobItem = memo(({ job, known, now, heardAt, silent, poster, selected, url, act }: ItemProps) => (
  <article
    class={`sdw-job${selected ? " sdw-selected" : ""}${silent ? " sdw-silent" : ""}`}
    aria-label="Seedance job"
    data-tone={toneOf(job.status)}
    data-status={job.status}
    data-job={job.job_id}
  >
    <Button class="sdw-pick" aria-label={`Show: ${short(job.prompt)}`} aria-pressed={selected} onClick={() => act.select(job.job_id)}>
      <span class="sdw-poster" style={{ "aspect-ratio": String(shapeOf(job.request.aspect_ratio)) }}>
        {poster ? <img src={poster} alt="" /> : <Glyph name="video" />}
      </span>
    </Button>
    <div class="sdw-job-main">
      <p class="sdw-job-prompt" dir="auto" title={job.prompt}>
        {job.prompt}
      </p>
      <JobProgress job={job} known={known} now={now} heardAt={heardAt} silent={silent} act={act}>
        <span class="sdw-hint">{factsOf(job)}</span>
      </JobProgress>
      {job.cancel_note && !job.final && <p class="sdw-hint">{job.cancel_note}</p>}
      {job.problem && <p class="sdw-job-problem">{job.problem.title}</p>}
      <JobActions job={job} pressed={known.pressed} silent={silent} url={url} act={act} />
    </div>
  </article>
));
