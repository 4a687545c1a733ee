// What can be done with the chosen jobs together, wherever in the history they are.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../shared/button";
import { tagsIn } from "../shared/clip-more";
import { fileUrl } from "../shared/files";
import type { Actions } from "./actions";
import { marked } from "./jobs";
import { chosenWords, comparable, fitsCompare, jobOf, leftOf, type StudioState } from "./state";
import type { JobView } from "./view";

export interface TogetherProps {
  state: StudioState;
  act: Actions;
  base: string | null;
}

export function Together({ state, act, base }: TogetherProps) {
  const [open, setOpen] = useState<"" | "tag" | "export">("");
  const [asked, setAsked] = useState("");
  const undo = useRef<HTMLButtonElement>(null);
  const remove = useRef<HTMLButtonElement>(null);
  const tagger = useRef<HTMLButtonElement>(null);
  const { chosen, known, exported } = state;
  const clips = comparable(state);
  const here = chosen.map((id) => jobOf(state, id)).filter((job): job is JobView => !!job);
  const starred = here.length > 0 && here.length === chosen.length && here.every((job) => marked(job, known[job.job_id]?.pressed ?? null).starred);
  const running = here.filter((job) => !job.final && job.status !== "unconfirmed").map(({ job_id }) => job_id);
  const lefts = chosen.map((id) => leftOf(state, id)).filter((left) => left !== null);
  const left = Math.max(0, ...lefts);
  const toggle = (what: "tag" | "export") => setOpen(open === what ? "" : what);
  const removeAll = () => {
    const going = chosen.filter((id) => !running.includes(id));
    for (const id of going) act.remove(jobOf(state, id) ?? ({ job_id: id, prompt: "", status: "" } as JobView));
    act.say(going.length ? `${counted(going)} will be deleted in 10 seconds` : STILL_RUNNING);
    setOpen("");
  };
  useLayoutEffect(() => {
    if (lefts.length && remove.current === null) undo.current?.focus();
  }, [lefts.length > 0]);
  const keepAll = () => {
    for (const id of chosen) act.keep(id);
    remove.current?.focus(); // it is back: the state is drawn at once
  };
  return (
    <div class="sdw-remark sdw-together" role="group" aria-label="Selected jobs">
      <div class="sdw-actions">
        <strong>{chosenWords(chosen)}</strong>
        <Button off={!fitsCompare(clips)} title={fitsCompare(clips) ? "" : "Two to four clips can be compared"} onClick={act.compare}>
          {fitsCompare(clips) ? `Compare ${clips.length} clips` : "Compare"}
        </Button>
        {lefts.length ? (
          <>
            <span role="status" aria-live="off">
              {left ? `Deleting ${counted(lefts)} and their files in ${left} s. What they cost stays counted.` : "Deleting…"}
            </span>
            <Button ref={undo} off={!left} onClick={keepAll}>
              Undo
            </Button>
          </>
        ) : (
          <>
            <Button onClick={() => act.batch({ starred: !starred })}>{starred ? "Unstar" : "Star"}</Button>
            <Button ref={tagger} aria-expanded={open === "tag"} onClick={() => toggle("tag")}>
              Tag
            </Button>
            <Button aria-expanded={open === "export"} onClick={() => toggle("export")}>
              Export
            </Button>
            <Button ref={remove} off={running.length === chosen.length} title={running.length === chosen.length ? STILL_RUNNING : "With their files; Undo takes it back for ten seconds"} onClick={removeAll}>
              Delete
            </Button>
          </>
        )}
        <Button onClick={act.clear}>Clear</Button>
      </div>
      {open === "tag" && <Tags act={act} leave={() => { setOpen(""); tagger.current?.focus(); }} />}
      {open === "export" && (
        <div class="sdw-actions">
          <Button onClick={() => setAsked(act.send({ type: "export", job_ids: chosen, plain: false }))}>Export for me</Button>
          <Button title="Without ids and costs" onClick={() => setAsked(act.send({ type: "export", job_ids: chosen, plain: true }))}>
            Export for others
          </Button>
          <span class="sdw-hint">
            {!asked && "For others: without ids and costs."}
            {asked && exported?.click_id !== asked && "Exporting…"}
            {asked && exported?.click_id === asked && <Exported text={exported.text} url={fileUrl(exported.url, base)} />}
          </span>
        </div>
      )}
    </div>
  );
}

const STILL_RUNNING = "A job that is running cannot be deleted";

const counted = ({ length }: unknown[]) => (length === 1 ? "1 job" : `${length} jobs`);

function Exported({ text, url }: { text: string; url: string | null }) {
  return url ? (
    <a href={url} download>
      {text}
    </a>
  ) : (
    <>{text}</>
  );
}

/** Tags for all of them, beside those that they have: Enter adds them, Escape does not. */
function Tags({ act, leave }: { act: Actions; leave: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const add = () => {
    const tags = tagsIn(field.current?.value ?? "");
    if (tags.length) act.batch({ tags });
    leave();
  };
  return (
    <div class="sdw-actions">
      <input
        ref={field}
        type="text"
        class="sdw-input"
        aria-label="Tags to add"
        placeholder="Tags, separated by commas"
        onKeyDown={(event) => {
          if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
          event.preventDefault();
          event.stopPropagation();
          if (event.key === "Enter") add();
          else leave();
        }}
      />
      <Button onClick={add}>Add</Button>
    </div>
  );
}
