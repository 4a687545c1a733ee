// Reference media: adding by typing, pasting, dropping and choosing; order, role, thumbnail; mending and removing.
import { dotted } from "../shared/format";
import { Button } from "../shared/button";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Field, type FormProps, tied, Wrong } from "./field";
import { Glyph, type GlyphName } from "../shared/glyphs";
import { IconButton } from "../shared/icon-button";
import { isContent, type Kind, moved, nameOf, plainUrl, urlsIn } from "./media-list";
import { late } from "./parts";
import { sameValue } from "./request";
import { problemsOf } from "./state";
import type { MediaEntry } from "./view";

const MOST = 5; // only a word beside the name; the kernel is asked
const TAKEN = "image/*,video/mp4,video/quicktime,.m4v,audio/mpeg,audio/wav";
const ITEM = "application/x-seedance-medium"; // an item of the list that is dragged within it

const ComingItem = late("ComingItem");

/** Which button has the focus once the list is drawn anew. */
type Wish = { index: number; button: string } | null;

export function MediaField(form: FormProps) {
  const { state, act, uid } = form;
  const urls = state.draft.request.media_urls;
  const field = useRef<HTMLInputElement>(null); // keeps what is typed by itself, until it is added
  const [over, setOver] = useState(false);
  const list = useMediaFocus(urls);
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
  const change = (next: string[], wish: Wish, words: string) => {
    list.wish.current = wish;
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
      ref={list.box}
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
        {urls.length > 0 && (
          <ol class="sdw-media-list" aria-labelledby={`${uid}-media`}>
            {urls.map((_, index) => (
              <MediaItem key={index} {...form} index={index} change={change} />
            ))}
          </ol>
        )}
        {state.coming.length > 0 && (
          <ul class="sdw-media-list" aria-label="Files on their way">
            {state.coming.map((coming) => (
              <ComingItem key={coming.id} coming={coming} drop={() => act.dropFile(coming.id)} />
            ))}
          </ul>
        )}
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

/** Keeps the focus where a person expects it when items move or go. */
function useMediaFocus(urls: string[]) {
  const box = useRef<HTMLDivElement>(null);
  const wish = useRef<Wish>(null);
  useLayoutEffect(() => {
    if (!wish.current || !box.current) return;
    const { index, button } = wish.current;
    wish.current = null;
    const items = box.current.querySelectorAll<HTMLElement>("li");
    const item = items[Math.min(index, items.length - 1)];
    const buttons = item?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)");
    const same = buttons && [...buttons].find((each) => each.getAttribute("aria-label") === button);
    (same ?? buttons?.[0] ?? box.current.querySelector<HTMLElement>("input"))?.focus();
  }, [urls]);
  return { box, wish };
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

interface ItemProps extends FormProps {
  index: number;
  change: (next: string[], wish: Wish, words: string) => void;
}

function MediaItem({ state, act, uid, index, change }: ItemProps) {
  const [mending, setMending] = useState(false); // the field stays while a person types, also once all is well
  const [over, setOver] = useState("");
  const urls = state.draft.request.media_urls;
  const url = urls[index] ?? "";
  const entry = state.media[url];
  const { host, file } = entry ? { host: "", file: entry.name } : nameOf(url);
  const { checked } = state;
  const known = checked?.answer.media.find((each) => each.url === url);
  const kind = (known?.kind ?? entry?.kind ?? null) as Kind | null;
  const role = known && sameValue(checked?.request.media_urls, urls) && known.role; // it follows from all of them together
  const wrong = problemsOf(state, "media_urls").flatMap((problem) => (problem.index === index ? problem.text : []));
  if (entry?.problem) wrong.push(entry.problem);
  const [id, wrongId] = [`${uid}-media-${index}`, `${uid}-media-${index}-problem`];
  const mendable = mending || (wrong.length > 0 && !isContent(url));
  const replaced = (text: string) => urls.map((each, i) => (i === index ? text : each));
  const remove = () => change(urls.filter((_, i) => i !== index), { index, button: "Remove" }, `Removed ${file}`);
  const move = (to: number, button: string) => change(moved(urls, index, to), { index: to, button }, `${file} is now ${to + 1}`);
  const button = (name: string, glyph: GlyphName, off: boolean, press: () => void) => (
    <IconButton name={name} glyph={glyph} aria-describedby={id} disabled={off} onClick={press} />
  );
  const isItem = (event: DragEvent) => event.dataTransfer?.types.includes(ITEM);
  const drag = {
    draggable: urls.length > 1 && !mendable,
    onDragStart: (event: DragEvent) => event.dataTransfer?.setData(ITEM, String(index)),
    onDragOver: (event: DragEvent) => {
      if (!isItem(event)) return;
      event.preventDefault();
      setOver("sdw-onto");
    },
    onDragLeave: () => setOver(""),
    onDrop: (event: DragEvent) => {
      setOver("");
      if (!isItem(event)) return;
      event.preventDefault();
      event.stopPropagation();
      const from = Number(event.dataTransfer?.getData(ITEM));
      if (urls[from] !== undefined && from !== index) change(moved(urls, from, index), null, `Moved to ${index + 1}`);
    },
  };
  return (
    <li class={["sdw-media-item", wrong.length && "sdw-wrong", over].filter(Boolean).join(" ")} {...drag}>
      <Thumb key={url} url={url} kind={kind} fine={!wrong.length && !!known} thumbnail={entry?.thumbnail} />
      <div class="sdw-media-words">
        {mendable ? (
          <input
            type="text"
            inputMode="url"
            class="sdw-input"
            aria-label={`Link ${index + 1}`}
            aria-invalid={wrong.length > 0 || undefined}
            aria-describedby={wrong.length ? wrongId : undefined}
            autocomplete="off"
            spellcheck={false}
            value={url}
            onFocus={() => setMending(true)}
            onInput={(event) => act.edit({ media_urls: replaced(event.currentTarget.value.trim()) })}
            onBlur={() => {
              setMending(false);
              if (!url) remove();
            }}
          />
        ) : (
          <span class="sdw-media-name" id={id} title={entry ? entry.name : url}>
            {file}
          </span>
        )}
        <span class="sdw-hint">
          {dotted(index + 1, kind ?? "link", role || null, entry?.notes.join(" ") || null)}
          {host && !mendable && <span class="sdw-host"> · {host}</span>}
        </span>
      </div>
      <div class="sdw-tools">
        {button("Move up", "up", index === 0, () => move(index - 1, "Move up"))}
        {button("Move down", "down", index === urls.length - 1, () => move(index + 1, "Move down"))}
        {button("Remove", "remove", false, remove)}
      </div>
      <Wrong id={wrongId} texts={wrong} />
    </li>
  );
}

/** `fine`: the kernel has looked at the URL. Before that the page must not ask a host that may be a private one. */
function Thumb({ url, kind, fine, thumbnail }: { url: string; kind: Kind | null; fine: boolean; thumbnail: MediaEntry["thumbnail"] | undefined }) {
  const [broken, setBroken] = useState(false);
  const picture = thumbnail || (fine && kind === "image" && plainUrl(url));
  return (
    <span class="sdw-thumb">
      {picture && !broken ? (
        <img src={picture} alt="" draggable={false} loading={thumbnail ? "eager" : "lazy"} referrerpolicy="no-referrer" onError={() => setBroken(true)} />
      ) : (
        <Glyph name={kind ?? "link"} />
      )}
    </span>
  );
}
