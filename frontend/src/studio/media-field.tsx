// Reference media: adding by typing, pasting, dropping and choosing. What was added is drawn by media-items.tsx.
import { Button } from "../shared/button";
import { useRef, useState } from "preact/hooks";
import { Field, type FormProps, tied } from "./field";
import { urlsIn } from "./media-list";
import { late } from "./parts";
import type { Wish } from "./media-items";
import { problemsOf } from "./state";

const MOST = 5; // only a word beside the name; the kernel is asked
const TAKEN = "image/*,video/mp4,video/quicktime,.m4v,audio/mpeg,audio/wav";


const MediaItems = late("MediaItems");

export function MediaField(form: FormProps) {
  const { state, act, uid } = form;
  const urls = state.draft.request.media_urls;
  const field = useRef<HTMLInputElement>(null); // keeps what is typed by itself, until it is added
  const [over, setOver] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const wish = useRef<Wish>(null);
  const wrong = problemsOf(state, "media_urls").flatMap(({ index }) => (index === null ? [] : `${uid}-media-${index}-problem`));
  const add = (text: string): boolean => {
    const fresh = urlsIn(text);
    if (!fresh.length) return false;
    act.edit({ media_urls: [...urls, ...fresh] });
    act.say(fresh.length === 1 ? "Added 1 reference" : `Added ${fresh.length} references`);
    return true;
  };
  const addTyped = () => {
    if (!field.current) return;
    if (add(field.current.value)) field.current.value = "";
    field.current.focus();
  };
  const change = (next: string[], focus: Wish, words: string) => {
    wish.current = focus;
    act.edit({ media_urls: next });
    act.say(words);
  };
  const head = (
    <>
      <span id={`${uid}-media`}>Reference media</span>
      <span class="sdw-count">{urls.length ? `${urls.length} of ${MOST}` : "optional"}</span>
    </>
  );
  return (
    <div
      ref={box}
      class={over ? "sdw-drop sdw-drop-over" : "sdw-drop"}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.some((type) => /^text\/(uri-list|plain)$/.test(type))) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node | null) || setOver(false)}
      onDrop={(event) => {
        if (event.dataTransfer?.files?.length) return; // for the whole Studio
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        add(event.dataTransfer?.getData("text/uri-list") || event.dataTransfer?.getData("text/plain") || "");
      }}
    >
      <Field {...form} name="media_urls" head={head}>
        {(urls.length + state.coming.length > 0 || wish.current) && <MediaItems {...form} change={change} box={box} wish={wish} />}
        <div class="sdw-add">
          <input
            ref={field}
            type="text"
            inputMode="url"
            class="sdw-input"
            aria-label="Media URL"
            placeholder="https://… image, video or audio"
            autocomplete="off"
            spellcheck={false}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
              event.preventDefault();
              if (!event.repeat) addTyped();
            }}
            onPaste={(event) => {
              const text = event.clipboardData?.getData("text/plain") ?? "";
              if (event.currentTarget.value.trim() || urlsIn(text).length < 2) return; // one line goes into the field, to be looked at first
              event.preventDefault();
              add(text);
            }}
            {...tied(form, "media_urls")}
            {...(wrong[0] && { "aria-invalid": true, "aria-describedby": wrong.join(" ") })}
          />
          <Button onClick={addTyped}>
            Add media
          </Button>
          <Choose {...form} />
        </div>
        <p class="sdw-hint">Or drop or paste an image. Nothing leaves this notebook before Generate.</p>
      </Field>
    </div>
  );
}

/** Opens the browser's own dialog. */
function Choose({ act }: FormProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button onClick={() => input.current?.click()}>Choose files</Button>
      <input
        ref={input}
        type="file"
        multiple
        accept={TAKEN}
        hidden
        aria-label="Media files"
        onChange={({ currentTarget }) => {
          act.files([...(currentTarget.files ?? [])]);
          currentTarget.value = ""; // the same file may be chosen again
        }}
      />
    </>
  );
}
