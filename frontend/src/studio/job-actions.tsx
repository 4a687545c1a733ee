// What can be done with a job: the same row in the list and on the stage.
import { Button } from "../shared/button";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { cancelWords, showsCancel } from "../shared/cancel";
import { useCopy } from "../shared/copy";
import { Deleting } from "../shared/deleting";
import type { Actions } from "./actions";
import { Glyph } from "../shared/glyphs";
import { IconButton } from "../shared/icon-button";
import type { Pressed } from "./jobs";
import type { JobView } from "./view";

/** What is sent waits for a kernel that is busy, and goes nowhere when there is none. */
export const WHEN_ASKED = "as soon as the kernel answers";

export interface JobActionsProps {
  job: JobView;
  pressed: Pressed | null;
  /** Whether it is chosen to be compared. */
  chosen: boolean;
  silent: boolean;
  /** Seconds until it is deleted; null: it is not. */
  left_s: number | null;
  /** The address of the clip, where the server can give it. */
  url: string | null;
  act: Actions;
}

export function JobActions({ job, pressed, chosen, silent, left_s, url, act }: JobActionsProps) {
  const [writing, setWriting] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const remove = useRef<HTMLButtonElement>(null);
  const starred = pressed?.starred ?? job.starred;
  const note = pressed?.note ?? job.note;
  const asked = pressed?.cancel || job.cancel === "asked";
  const stopWriting = () => {
    setWriting(false);
    pencil.current?.focus();
  };
  const undo = () => {
    act.keep(job.job_id);
    remove.current?.focus(); // it is back: the state is drawn at once
  };
  return (
    <>
      {writing ? (
        <NoteField text={note} save={(text) => text !== note && act.mark(job.job_id, { note: text })} close={stopWriting} />
      ) : (
        note && <div key="note" class="sdw-job-note">{note}</div>
      )}
      {/* Keyed, so that it is not made anew from the note, which would lose the focus. */}
      <div key="actions" class="sdw-actions">
        {left_s === null ? (
          <>
            {showsCancel(job) && (
              <Button off={asked || job.cancel !== "available" || silent} onClick={() => act.cancel(job.job_id)}>
                {cancelWords(job, asked)}
              </Button>
            )}
            <Button onClick={() => act.reuse(job)}>Reuse</Button>
            <CopyButton words="Copy magic" code={job.as_magic} act={act} />
            <CopyButton words="Copy Python" code={job.as_python} act={act} />
            {(job.final || job.status === "unconfirmed") && (
              <Button ref={remove} class="sdw-icon-button sdw-words" title="With its files; Undo takes it back for ten seconds" onClick={() => act.remove(job)}>
                Delete
              </Button>
            )}
            <span class="sdw-tools">
              {url && (
                <a class="sdw-icon-button" href={url} target="_blank" rel="noopener noreferrer" aria-label="Open file" title="Open file">
                  <Glyph name="open" />
                </a>
              )}
              {job.clip && <IconButton name="Compare" glyph="compare" aria-pressed={chosen} onClick={() => act.choose(job.job_id)} />}
              <IconButton
                ref={pencil}
                name={note ? "Edit note" : "Add note"}
                glyph="note"
                aria-expanded={writing}
                onMouseDown={(event) => writing && event.preventDefault()} // the field is left by the click, not before it
                onClick={() => (writing ? pencil.current?.focus() : setWriting(true))}
              />
              <IconButton
                class={starred ? "sdw-icon-button sdw-starred" : "sdw-icon-button"}
                name="Star"
                title={starred ? "Unstar" : "Star"}
                glyph="star"
                full={starred}
                aria-pressed={starred}
                onClick={() => act.mark(job.job_id, { starred: !starred })}
              />
            </span>
          </>
        ) : (
          <Deleting left_s={left_s} then={WHEN_ASKED} unconfirmed={job.status === "unconfirmed"} undo={undo} />
        )}
      </div>
    </>
  );
}

function NoteField({ text, save, close }: { text: string; save: (text: string) => void; close: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const left = useRef(false); // closing takes the focus away, which must not save what Escape gave up
  useLayoutEffect(() => field.current?.focus(), []);
  const leave = (keep: boolean) => {
    if (left.current) return;
    left.current = true;
    if (keep) save(field.current?.value.trim() ?? text);
    close();
  };
  return (
    <input
      ref={field}
      type="text"
      class="sdw-input"
      aria-label="Note"
      placeholder="A note for yourself: Enter keeps it, Escape does not"
      defaultValue={text}
      onBlur={() => leave(true)}
      onKeyDown={(event) => {
        if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        leave(event.key === "Enter");
      }}
    />
  );
}

function CopyButton({ words, code, act }: { words: string; code: string; act: Actions }) {
  const [shown, setShown] = useState(false);
  const [copied, copy] = useCopy(code, (done) => {
    setShown(!done);
    act.say(done ? words.replace("Copy", "Copied") : "This page may not copy: the code is shown instead");
  });
  if (!code) return null;
  return (
    <>
      <Button class="sdw-icon-button sdw-words" onClick={copy}>
        {copied ? "Copied" : words}
      </Button>
      {shown && <code class="sdw-code sdw-by-hand">{code}</code>}
    </>
  );
}
