// The reference media of the form: order, role, thumbnail; mending and removing; files on their way.
import { dotted } from "../shared/format";
import { useLayoutEffect, useState } from "preact/hooks";
import { type FormProps, Wrong } from "./field";
import { AUDIO, DOWN, IMAGE, LINK, UP, VIDEO } from "../shared/glyphs";
import { IconButton } from "../shared/icon-button";
import { CROSS, Icon } from "../shared/icons";
import { isContent, type Kind, moved, nameOf, plainUrl } from "./media-list";
import { sameValue } from "./request";
import { problemsOf } from "./state";
import { said } from "../shared/words";
import type { Coming } from "./uploads";
import type { MediaEntry } from "./view";

const ITEM = "application/x-seedance-medium"; // an item of the list that is dragged within it
const DRAWN: Record<Kind, string> = { image: IMAGE, video: VIDEO, audio: AUDIO };

/** Which button has the focus once the list is drawn anew. */
export type Wish = { index: number; button: string } | null;

export interface MediaItemsProps extends FormProps {
  change: (next: string[], wish: Wish, words: string) => void;
  /** Around the list and the field below it. */
  box: { current: HTMLDivElement | null };
  /** Where the focus goes once what was changed is drawn. */
  wish: { current: Wish };
}

export function MediaItems(form: MediaItemsProps) {
  const { state, act, uid, box, wish } = form;
  const urls = state.draft.request.media_urls;
  useLayoutEffect(() => {
    if (!wish.current || !box.current) return;
    const { index, button } = wish.current;
    wish.current = null;
    const items = box.current.querySelectorAll<HTMLElement>("li");
    const item = items[Math.min(index, items.length - 1)];
    const buttons = item?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)");
    const same = buttons && [...buttons].find((each) => each.getAttribute("aria-label") === said(button));
    (same ?? buttons?.[0] ?? box.current.querySelector<HTMLElement>("input"))?.focus();
  }, [urls]);
  return (
    <>
      {urls.length > 0 && (
        <ol class="sdw-media-list" aria-labelledby={`${uid}-media`}>
          {urls.map((_, index) => (
            <MediaItem key={index} {...form} index={index} />
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
    </>
  );
}

/** A file on its way, or the reason why it is no medium. */
function ComingItem({ coming: { id, name, share, problem }, drop }: { coming: Coming; drop: () => void }) {
  return (
    <li class={problem ? "sdw-media-item sdw-wrong" : "sdw-media-item"}>
      <span class="sdw-thumb">
        <Icon path={IMAGE} />
      </span>
      <div class="sdw-media-words">
        <span class="sdw-media-name" translate={false} title={name}>
          {name}
        </span>
        <span class="sdw-hint">{problem ? "not added" : share ? `reading, ${Math.floor(share * 100)}%` : "reading"}</span>
      </div>
      <div class="sdw-tools">
        <IconButton name={problem ? "Dismiss" : "Remove"} glyph={CROSS} onClick={drop} />
      </div>
      {problem && <Wrong id={`sdw-${id}`} texts={[problem]} />}
    </li>
  );
}

interface ItemProps extends MediaItemsProps {
  index: number;
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
  const role = known && sameValue(checked?.request.media_urls, urls) && (state.goesOn ? "last frame" : known.role); // it follows from all of them together
  const wrong = problemsOf(state, "media_urls").flatMap((problem) => (problem.index === index ? problem.text : []));
  if (entry?.problem) wrong.push(entry.problem);
  const [id, wrongId] = [`${uid}-media-${index}`, `${uid}-media-${index}-problem`];
  const mendable = mending || (wrong.length > 0 && !isContent(url));
  const replaced = (text: string) => urls.map((each, i) => (i === index ? text : each));
  const remove = () => change(urls.filter((_, i) => i !== index), { index, button: "Remove" }, `Removed ${file}`);
  const move = (to: number, button: string) => change(moved(urls, index, to), { index: to, button }, `${file} is now ${to + 1}`);
  const button = (name: string, glyph: string, off: boolean, press: () => void) => (
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
          <span class="sdw-media-name" translate={false} id={id} title={entry ? entry.name : url}>
            {file}
          </span>
        )}
        <span class="sdw-hint">
          {dotted(index + 1, kind ?? "link", role || null, entry?.notes.join(" ") || null)}
          {host && !mendable && <span class="sdw-host"> · {host}</span>}
        </span>
      </div>
      <div class="sdw-tools">
        {button("Move up", UP, index === 0, () => move(index - 1, "Move up"))}
        {button("Move down", DOWN, index === urls.length - 1, () => move(index + 1, "Move down"))}
        {button("Remove", CROSS, false, remove)}
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
        <Icon path={kind ? DRAWN[kind] : LINK} />
      )}
    </span>
  );
}
