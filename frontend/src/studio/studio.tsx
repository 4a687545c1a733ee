// The Studio, top to bottom: what service this is, the form beside the stage, the jobs. All a function of the state.
import { silentFor } from "../shared/format";
import { useState } from "preact/hooks";
import { keepKeys, SUPPRESS } from "../shared/keys";
import { Text } from "../shared/problem";
import type { Actions } from "./actions";
import { Form } from "./form";
import { Jobs } from "./job-list";
import { Stage } from "./stage";
import { isLoading, silentS, type StudioState } from "./state";
import { isPicture } from "./uploads";

export interface StudioProps {
  state: StudioState;
  act: Actions;
  /** Begins every id in this view. */
  uid: string;
  /** Where the server's own pages begin. */
  base: string | null;
}

export function Studio({ state, act, uid, base }: StudioProps) {
  const { view, height } = state;
  const [over, setOver] = useState(false);
  return (
    <div class="sdw-studio" style={height ? { height, overflow: "auto" } : undefined} {...SUPPRESS} onKeyDown={keepKeys} {...dropping(act, setOver)}>
      {over && (
        <div class="sdw-veil" aria-hidden="true">
          <span>Drop to add to the reference media. A clip made here fills the form.</span>
        </div>
      )}
      <div class="sdw-top">
        <div class="sdw-title">Seedance Studio</div>
        {view.label && <span class="sdw-badge">{view.label}</span>}
      </div>
      <div class="sdw-unseen" role="status" aria-live="polite">
        {state.said}
      </div>
      <Notices state={state} />
      <div class="sdw-desk">
        <Form state={state} act={act} uid={uid} />
        <Stage state={state} act={act} base={base} />
      </div>
      <Jobs state={state} act={act} uid={uid} base={base} />
    </div>
  );
}

/** Pictures and sounds go to the media, and films that fall onto these; another film may be a clip, which fills the form. */
function dropping(act: Actions, setOver: (over: boolean) => void) {
  const has = (event: DragEvent) => event.dataTransfer?.types.includes("Files");
  const take = (event: Event, data: DataTransfer | null) => {
    const files = [...(data?.files ?? [])];
    if (!files.length) return;
    event.preventDefault(); // left alone, the page would go away to show it
    event.stopPropagation();
    const onMedia = event.target instanceof Element && !!event.target.closest(".sdw-drop");
    const media = files.filter((file) => isPicture(file) || (onMedia && !file.name.endsWith(".json")));
    if (media.length) act.files(media);
    const other = files.find((file) => !media.includes(file));
    if (other && !media.length) act.open(other);
  };
  return {
    onDragOver: (event: DragEvent) => {
      if (!has(event)) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (has(event)) take(event, event.dataTransfer);
    },
    onPaste: (event: ClipboardEvent) => {
      const data = event.clipboardData;
      if (!data?.types?.includes("text/plain")) take(event, data); // words that were copied with a picture are words
    },
  };
}

const PATIENCE_MS = 4000;

function Notices({ state }: { state: StudioState }) {
  const silent = silentS(state);
  const { view, now, heardAt } = state;
  return (
    <div class="sdw-notices">
      {view.state === "offline" && (
        <div class="sdw-note sdw-offline" data-tone="unsure">
          <p class="sdw-problem-title">{/^The history/.test(view.problem ?? "") ? "Can't read the history right now" : "Can't load the models right now"}</p>
          <Text words={`${view.problem} Retrying automatically; your draft is safe.`} />
        </div>
      )}
      {isLoading(state) && now - heardAt > PATIENCE_MS && (
        <div class="sdw-note">The kernel is busy. You can start typing.</div>
      )}
      {silent !== null && (
        <div class="sdw-note sdw-offline" data-tone="unsure">
          No word from the kernel for {silentFor(silent)}. Jobs go on at the server. If the kernel was restarted, run the Studio's cell again.
        </div>
      )}
    </div>
  );
}
