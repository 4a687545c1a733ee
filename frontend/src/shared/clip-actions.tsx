// What can be done with a clip: the same bar on the stage, in a list, on a tile and in Compare. Its More is clip-more.tsx.
import type { ComponentChildren, Ref } from "preact";
import { Button } from "./button";
import { AGAIN, COMPARE, CONTINUE, DOWNLOAD, MORE, REUSE, STAR } from "./glyphs";
import { Icon } from "./icons";
import { useRoving } from "./roving";

/** What a button does; words instead: it rests, and they say why. */
export type Does = (() => void) | string;

export interface ClipActionsProps {
  again: Does;
  reuse: Does;
  /** Makes the next clip from the last frame of this one. */
  goOn: Does;
  download: Does;
  compare: Does;
  star: () => void;
  starred: boolean;
  /** Whether it is chosen to be compared. */
  chosen: boolean;
  /** Whether More is open. */
  open: boolean;
  more: () => void;
  moreRef?: Ref<HTMLButtonElement> | undefined;
  /** Words beside the first pictures, where there is room. */
  wordy?: boolean;
  /** Said of Again under the pointer: what it costs. */
  costs?: string;
}

/** The bar. One focus stop, unless it stands in a row that is one itself: `apart={false}`. */
export function ClipActions({ apart = true, ...props }: ClipActionsProps & { apart?: boolean }) {
  return apart ? <Apart {...props} /> : <div {...BAR}>{buttons(props)}</div>;
}

const BAR = { class: "sdw-clip-actions", role: "toolbar", "aria-label": "Clip actions" } as const;

function Apart(props: ClipActionsProps) {
  return <div {...BAR} {...useRoving<HTMLDivElement>()}>{buttons(props)}</div>;
}

function buttons({ again, reuse, goOn, download, compare, star, starred, chosen, open, more, moreRef, wordy = false, costs = "" }: ClipActionsProps) {
  const act = (name: string, glyph: string, does: Does, hint: string, words = false, props = {}) => {
    const off = typeof does === "string";
    return (
      <Button
        class={words ? "sdw-icon-button sdw-worded" : "sdw-icon-button"}
        aria-label={name}
        title={off ? does : hint}
        off={off}
        onClick={() => off || does()}
        {...props}
      >
        <Icon path={glyph} width={glyph === MORE ? 2.2 : 1.4} fill={glyph === STAR && starred ? "currentColor" : "none"} />
        {words && <span>{name}</span>}
      </Button>
    );
  };
  return [
    act("Again", AGAIN, again, costs ? `Again: ${costs}` : "Again", wordy),
    act("Reuse", REUSE, reuse, "Reuse its prompt and options", wordy),
    act("Continue", CONTINUE, goOn, "Continue from its last frame", wordy),
    act("Download", DOWNLOAD, download, "Download"),
    act("Compare", COMPARE, compare, "Compare", false, { "aria-pressed": chosen }),
    act("Star", STAR, star, starred ? "Unstar" : "Star", false, { "aria-pressed": starred, ...(starred && { class: "sdw-icon-button sdw-starred" }) }),
    act("More", MORE, more, "More", false, { "aria-expanded": open, ref: moreRef }),
  ];
}

/** What a person says about a clip. */
export interface Marks {
  starred?: boolean;
  /** 1 to 5; null takes it away. */
  rating?: number | null;
  tags?: string[];
  note?: string;
}

export interface ClipMoreProps {
  clip: { as_magic: string; as_python: string; rating: number | null; tags: string[]; note: string };
  mark: (marks: Marks) => void;
  /** Deletes it, with an Undo that the caller shows; null: it cannot be deleted now. */
  remove: (() => void) | null;
  removeRef?: Ref<HTMLButtonElement> | undefined;
  /** For the live region. */
  say: (words: string) => void;
  /** Escape was pressed: put it away, with the focus on More. */
  close: () => void;
  children?: ComponentChildren;
}
