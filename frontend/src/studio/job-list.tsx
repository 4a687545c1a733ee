// The history: newest first, searched and paged by the kernel.
import { Button } from "../shared/button";
import { hasEnded, type Problem } from "../shared/job-view";
import { Icon, StatusIcon } from "../shared/icons";
import { cancelNote } from "../shared/cancel";
import { about, counted, dotted } from "../shared/format";
import { memo } from "../shared/memo";
import { placesIn, useRoving } from "../shared/roving";
import { Filter, SearchBox, STATUS_WORDS, statusWords } from "../shared/search";
import { toneOf } from "../shared/tone";
import type { Actions } from "./actions";
import { VIDEO } from "../shared/glyphs";
import { Deleting } from "../shared/deleting";
import { fileUrl } from "../shared/files";
import { JobActions, WHEN_ASKED } from "./job-actions";
import { JobProgress, type JobProgressProps } from "./job-progress";
import { Ago, thisMinute } from "../shared/ago";
import { ANY, isNarrow, marked, optionWords, relationWords, UNKNOWN } from "./jobs";
import { late } from "./parts";
import { promptIn } from "./prompts";
import { Refusal } from "./refusal";
import { jobOf, leftOf, short, silentS, type StudioState, troubleOf } from "./state";
import type { JobView } from "./view";

const Together = late("Together");

interface PartProps {
  state: StudioState;
  act: Actions;
}

interface ListProps extends PartProps {
  uid: string;
  base: string | null;
}

export function Jobs(props: ListProps) {
  const { state, act, uid, base } = props;
  const { jobs, query, known, posters, selected } = state;
  const silent = silentS(state) !== null;
  const minute = thisMinute();
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
      <Refusal problem={troubleOf(state)} act={act} />
      {state.chosen.length > 0 && <Together state={state} act={act} base={base} />}
      <Leaving state={state} act={act} />
      {empty ? (
        <Nothing state={state} act={act} />
      ) : (
        <ul class={state.searching ? "sdw-list sdw-searching" : "sdw-list"} role="list" aria-label="Jobs" onKeyDown={(event) => inRows(event, act)} onClickCapture={(event) => chooseRows(event, act)}>
          {jobs.items.map((job) => (
            <li key={job.job_id}>
              <JobItem
                job={job}
                known={known[job.job_id] ?? UNKNOWN}
                now={job.final ? 0 : state.now}
                heardAt={job.final ? 0 : state.heardAt}
                silent={silent && !job.final}
                minute={minute}
                poster={posters[job.job_id] ?? null}
                selected={job.job_id === selected}
                chosen={state.chosen.includes(job.job_id)}
                left_s={leftOf(state, job.job_id)}
                url={fileUrl(job.url, base)}
                cannotContinue={state.view.cannot_continue}
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

const STARS = ["1", "2", "3", "4", "5"];
const atLeast = (rating: string) => (rating === "5" ? "5 of 5" : `${rating} of 5 or more`);

function Search({ state, act }: ListProps) {
  const { query, view } = state;
  return (
    <div class="sdw-search" role="search" aria-label="Jobs">
      <SearchBox placeholder="Search jobs" value={query.text} look={(text) => act.search({ text })} />
      <Filter name="Status" any="Any status" value={query.status} values={Object.keys(STATUS_WORDS)} words={statusWords} pick={(status) => act.search({ status })} />
      <Filter name="Made with" any="Any model" value={query.model} values={view.models.map(({ id }) => id)} pick={(model) => act.search({ model })} />
      {(state.jobs.tags.length > 0 || query.tag) && <Filter name="Tag" any="Any tag" value={query.tag} values={state.jobs.tags} pick={(tag) => act.search({ tag })} />}
      <Filter name="Rating" any="Any rating" value={query.rating ? `${query.rating}` : ""} values={STARS} words={atLeast} pick={(rating) => act.search({ rating: +rating })} />
      <label class="sdw-check">
        <input type="checkbox" checked={query.starred} onChange={(event) => act.search({ starred: event.currentTarget.checked })} />
        Starred only
      </label>
    </div>
  );
}

/** What is being deleted and stands nowhere else: neither in this page of the list, on the stage, nor among the chosen. */
function Leaving({ state, act }: PartProps) {
  const hidden = state.deleting.filter(({ id }) => (promptIn(id) ? !state.promptsOpen : !jobOf(state, id) && !state.chosen.includes(id)));
  return (
    <>
      {hidden.map(({ id }) => (
        <Deleting key={id} left_s={leftOf(state, id) ?? 0} name={promptIn(id) ? `“${promptIn(id)}”` : `job ${id}`} bare={!!promptIn(id)} then={WHEN_ASKED} unconfirmed={false} undo={() => act.keep(id)} />
      ))}
    </>
  );
}

function Nothing({ state, act }: PartProps) {
  const narrow = isNarrow(state.query);
  const waits = state.jobs.rev < 0 ? "Loading the history…" : state.searching && "Searching…";
  const none = narrow ? "No jobs match." : "No jobs yet. Everything you generate appears here, newest first, including jobs from magics and other notebooks.";
  return (
    <div class="sdw-empty">
      <p>{waits || none}</p>
      {!waits && narrow && <Button onClick={() => act.search(ANY)}>Show all jobs</Button>}
    </div>
  );
}

function Pages({ state, act }: PartProps) {
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

const rowOf = (target: EventTarget | null) => (target as HTMLElement).closest<HTMLElement>("[data-sdw-job]");

/** With Ctrl a row is chosen or left out, with Shift all up to it are chosen. */
function chooseRows(event: MouseEvent, act: Actions): void {
  const id = rowOf(event.target)?.dataset.sdwJob;
  if (!id || !(event.shiftKey || event.ctrlKey || event.metaKey) || (event.target as HTMLElement).closest("a, input, .sdw-more")) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey) act.chooseTo(id);
  else act.choose(id);
}

/** Up and down: the same control of the next row, or what opens its clip; with Shift both are chosen. Ctrl+A: all rows. */
function inRows(event: KeyboardEvent, act: Actions): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const from = event.target as HTMLElement;
  const row = from.closest<HTMLElement>(".sdw-job");
  if (!row || event.altKey || !placesIn(row).includes(from)) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() !== "a" || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    return act.choosePage();
  }
  if (event.key === "Escape") act.clear();
  if (!by) return;
  const rows = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(".sdw-job")];
  const next = rows[rows.indexOf(row) + by];
  if (!next) return;
  event.preventDefault();
  if (event.shiftKey) act.chooseTo(row.dataset.sdwJob!, next.dataset.sdwJob!);
  const places = placesIn(next);
  const same = (name: string) => places.find((each) => each.getAttribute(name) === from.getAttribute(name));
  (same("aria-label") ?? same("class") ?? places[0])?.focus();
}

/** What the status does not say yet: why it failed, or what an unconfirmed job may have cost and what to do about it. */
function reason({ status }: JobView, { what, charged, next }: Problem): string {
  return status === "unconfirmed" ? `${charged} ${next}` : what.replace(/^Job \S+ failed: /, "");
}

/** What a person said of it: a rating, and tags, of which each shows the jobs that have it. */
function Said({ job: { rating, tags }, act }: { job: JobView; act: Actions }) {
  if (!rating && !tags.length) return null;
  return (
    <p class="sdw-said">
      {rating && <span>{rating} of 5</span>}
      {tags.map((tag) => (
        <Button key={tag} class="sdw-chip sdw-tag" dir="auto" aria-label={`Show all with the tag ${tag}`} onClick={() => act.search({ tag })}>
          <span translate={false}>{tag}</span>
        </Button>
      ))}
    </p>
  );
}

interface ItemProps extends JobProgressProps {
  minute: number;
  poster: string | null;
  selected: boolean;
  chosen: boolean;
  left_s: number | null;
  url: string | null;
  cannotContinue: string;
}

const JobItem = memo(({ job, known, now, heardAt, silent, minute, poster, selected, chosen, left_s, url, cannotContinue, act }: ItemProps) => (
  <article
    class={`sdw-job${selected ? " sdw-selected" : ""}${silent ? " sdw-silent" : ""}${left_s === null ? "" : " sdw-leaving"}`}
    aria-label="Seedance job"
    data-tone={toneOf(job.status)}
    data-sdw-job={job.job_id}
    {...useRoving<HTMLElement>()}
  >
    <Button class="sdw-pick" aria-label={`Show: ${short(job.prompt)}`} aria-pressed={selected} onClick={() => act.select(job.job_id)}>
      {/* As high for each job, so that no row jumps when its clip lands. */}
      <span class="sdw-poster">{poster ? <img src={poster} alt="" /> : hasEnded(job) && !job.clip ? <StatusIcon tone={toneOf(job.status)} /> : <Icon path={VIDEO} />}</span>
    </Button>
    <div class="sdw-job-main">
      <p class="sdw-job-prompt" dir="auto" translate={false} title={job.prompt}>
        {job.prompt}
      </p>
      <JobProgress job={job} known={known} now={now} heardAt={heardAt} silent={silent} act={act}>
        <span class="sdw-hint">
          {dotted(relationWords(job), optionWords(job.request), job.cost_usd !== null && about(job.cost_usd), job.final && " ")}
          {job.final && <Ago at={job.created_at} minute={minute} />}
        </span>
      </JobProgress>
      <Said job={marked(job, known.pressed)} act={act} />
      {cancelNote(job) && <p class="sdw-hint">{cancelNote(job)}</p>}
      {job.problem && (
        <p class="sdw-job-problem" title={reason(job, job.problem)}>
          {reason(job, job.problem)}
        </p>
      )}
      <JobActions job={job} pressed={known.pressed} chosen={chosen} silent={silent} left_s={left_s} url={url} cannotContinue={cannotContinue} act={act} />
    </div>
    {/* Last, so that the arrows come to the actions first; it stands on the picture. */}
    <Button class="sdw-tick" role="checkbox" aria-checked={chosen} aria-label={`Select: ${short(job.prompt)}`} title="Select (Shift: all up to here)" onClick={() => act.choose(job.job_id)} />
  </article>
));
