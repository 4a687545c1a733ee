// What stands behind More: rating, tags, note, the code of a clip, and Delete.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "./button";
import type { ClipMoreProps } from "./clip-actions";
import { useCopy } from "./copy";
import { onEscape } from "./keys";

/** What stands behind More. It stands below the bar, in the flow of the page, so that nothing cuts it off. */
export function ClipMore({ clip, mark, remove, removeRef, say, close, children }: ClipMoreProps) {
  const [writing, setWriting] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const stop = () => {
    setWriting(false);
    pencil.current?.focus();
  };
  return (
    <div class="sdw-more" role="group" aria-label="More" onKeyDown={onEscape(close)}>
      <Rating rating={clip.rating} rate={(rating) => mark({ rating })} />
      <Line key="tags" name="Tags" hint="Tags, separated by commas" text={clip.tags.join(", ")} save={(text) => mark({ tags: tagsIn(text) })} />
      <div class="sdw-actions">
        <CopyButton words="Copy as magic" code={clip.as_magic} say={say} />
        <CopyButton words="Copy as Python" code={clip.as_python} say={say} />
        {children}
        <Button
          ref={pencil}
          aria-expanded={writing}
          onMouseDown={(event) => writing && event.preventDefault()} // the field is left by the click, not before it
          onClick={() => (writing ? pencil.current?.focus() : setWriting(true))}
        >
          {clip.note ? "Edit note" : "Add note"}
        </Button>
        {remove && (
          <Button {...(removeRef && { ref: removeRef })} title="With its files; Undo takes it back for ten seconds" onClick={remove}>
            Delete
          </Button>
        )}
      </div>
      {writing && <Line key="note" name="Note" hint="Note (Enter saves, Esc cancels)" text={clip.note} save={(note) => mark({ note })} leave={stop} />}
    </div>
  );
}

/** "rain, take two" as tags. */
export function tagsIn(text: string): string[] {
  return [...new Set(text.split(",").map((each) => each.trim()).filter(Boolean))];
}

let groups = 0;

function Rating({ rating, rate }: { rating: number | null; rate: (rating: number | null) => void }) {
  const [name] = useState(() => `sdw-rating-${++groups}`);
  return (
    <div class="sdw-rating" role="radiogroup" aria-label="Rating">
      {[null, 1, 2, 3, 4, 5].map((each) => (
        <label key={each} class="sdw-choice" title={each ? `${each} of 5` : "No rating"}>
          <input type="radio" name={name} checked={rating === each} onChange={() => rate(each)} aria-label={each ? `${each} of 5` : "No rating"} />
          <span aria-hidden="true">{each ?? "–"}</span>
        </label>
      ))}
    </div>
  );
}

interface LineProps {
  name: string;
  hint: string;
  text: string;
  save: (text: string) => void;
  /** It was opened to be written in, and goes away afterwards. */
  leave?: () => void;
}

/** A line to write in: Enter and leaving it save, Escape does not. */
function Line({ name, hint, text, save, leave }: LineProps) {
  const field = useRef<HTMLInputElement>(null);
  const left = useRef(false); // closing takes the focus away, which must not save what Escape gave up
  useLayoutEffect(() => {
    if (leave) field.current?.focus();
  }, []);
  const end = (keep: boolean) => {
    if (left.current) return;
    left.current = !!leave;
    const said = field.current?.value.trim() ?? text;
    if (keep && said !== text) save(said);
    if (!keep && field.current) field.current.value = text;
    leave?.();
  };
  return (
    <input
      ref={field}
      type="text"
      class="sdw-input"
      aria-label={name}
      placeholder={hint}
      defaultValue={text}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
        if (event.key === "Escape" && !leave && field.current?.value === text) return; // nothing to give up: More closes
        event.preventDefault();
        event.stopPropagation();
        end(event.key === "Enter");
      }}
    />
  );
}

function CopyButton({ words, code, say }: { words: string; code: string; say: (words: string) => void }) {
  const [shown, setShown] = useState(false);
  const [copied, copy] = useCopy(code, (done) => {
    setShown(!done);
    say(done ? words.replace("Copy", "Copied") : "Couldn't copy; select the code below");
  });
  if (!code) return null;
  return (
    <>
      <Button class="sdw-button sdw-words" onClick={copy}>
        {copied ? "Copied" : words}
      </Button>
      {shown && <code class="sdw-code sdw-by-hand">{code}</code>}
    </>
  );
}
