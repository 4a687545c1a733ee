// The selected job: its whole story and what can be done with it.
import { useRef } from "preact/hooks";
import { Button } from "../../src/shared/button";
import { Deleting } from "../../src/shared/deleting";
import { credits, dotted } from "../../src/shared/format";
import { STAR } from "../../src/shared/glyphs";
import { CROSS, StatusIcon } from "../../src/shared/icons";
import { Prompt } from "../../src/shared/prompt";
import { toneOf } from "../../src/shared/tone";
import { Ago } from "../../src/shared/ago";
import { IconButton } from "../../src/shared/icon-button";
import { elapsed, factsOf, type Job, mayDelete } from "./job";
import { tagsOf } from "./panel-state";
import type { JobActions, JobState } from "./props";

interface Props {
  job: Job;
  state: JobState;
  act: JobActions;
  /** In the main area, with its clip: it cannot be opened or closed. */
  isLarge?: boolean;
}

export function Detail({ job, state, act, isLarge = false }: Props) {
  const deleting = state.deleting.get(job.id);
  const reason = job.save_problem ?? job.problem?.message ?? (job.needs_key ? job.status_text : null);
  const facts = dotted(factsOf(job), job.credits_charged !== null && credits(job.credits_charged, job.service));
  return (
    <section class="sdw-lab-detail" aria-label={isLarge ? "This job" : "Selected job"} data-tone={toneOf(job.status)}>
      <div class="sdw-job-line">
        <span class="sdw-status">
          <StatusIcon tone={toneOf(job.status)} />
          <span>{job.needs_key ? "Needs a key" : job.status_text}</span>
        </span>
        <span class="sdw-hint">{elapsed(job, state.now_s) ?? <Ago at={job.created_at} minute={Math.floor(state.now_s / 60)} />}</span>
        <span class="sdw-tools">
          <IconButton
            class={job.starred ? "sdw-icon-button sdw-starred" : "sdw-icon-button"}
            name="Star"
            title={job.starred ? "Unstar" : "Star"}
            glyph={STAR}
            full={job.starred}
            aria-pressed={job.starred}
            onClick={() => act.mark(job.id, { starred: !job.starred })}
          />
          {!isLarge && <IconButton name="Close" glyph={CROSS} onClick={() => act.select("")} />}
        </span>
      </div>
      <Prompt text={job.prompt} />
      <p class="sdw-hint">{facts}</p>
      {reason && <p class="sdw-lab-reason">{reason}</p>}
      {deleting === undefined ? (
        <div class="sdw-actions">
          {!isLarge && <Button onClick={() => act.open(job.id)}>Open</Button>}
          {job.clip && <Button title="Puts %seedance_show into the notebook" onClick={() => act.insert(job.id, "show")}>Insert clip</Button>}
          <Button title="Puts the cell that makes it into the notebook; nothing is sent until you run it" onClick={() => act.insert(job.id, "again")}>
            Make again
          </Button>
          {job.can_cancel && <Button onClick={() => act.cancel(job.id)}>Cancel</Button>}
          {job.cancel_asked_at !== null && !job.is_final && <Button off onClick={() => {}}>Cancelling…</Button>}
          {job.can_download && <Button onClick={() => act.download(job.id)}>Download again</Button>}
          {mayDelete(job) && <Button onClick={() => act.remove(job)}>Delete</Button>}
        </div>
      ) : (
        <Deleting left_s={deleting} unconfirmed={job.status === "unconfirmed"} undo={() => act.undo(job.id)} />
      )}
      <div class="sdw-lab-marks">
        <label>
          <span>Rating</span>
          <select class="sdw-input" value={job.rating ?? ""} onChange={(event) => act.mark(job.id, { rating: Number(event.currentTarget.value) || null })}>
            <option value="">None</option>
            {[1, 2, 3, 4, 5].map((each) => (
              <option key={each} value={each}>
                {`${each} of 5`}
              </option>
            ))}
          </select>
        </label>
        <Written name="Tags" hint="rain, hero" text={job.tags.join(", ")} save={(text) => act.mark(job.id, { tags: tagsOf(text) })} />
        <Written name="Note" hint="Enter saves, Esc cancels" text={job.note} save={(note) => act.mark(job.id, { note })} />
      </div>
    </section>
  );
}

/** A line that is saved when it is left or by Enter, and that Escape gives back. */
function Written({ name, hint, text, save }: { name: string; hint: string; text: string; save: (text: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const leave = () => {
    const said = field.current!.value.trim();
    if (said !== text) save(said);
  };
  return (
    <label>
      <span>{name}</span>
      <input
        key={text}
        ref={field}
        type="text"
        class="sdw-input"
        placeholder={hint}
        defaultValue={text}
        onBlur={leave}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Enter") leave();
          if (event.key === "Escape") field.current!.value = text;
        }}
      />
    </label>
  );
}
