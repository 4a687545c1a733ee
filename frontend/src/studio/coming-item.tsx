// A file that is on its way into the media.
import { Glyph } from "../shared/glyphs";
import { IconButton } from "../shared/icon-button";
import { Wrong } from "./field";
import type { Coming } from "./uploads";

export interface ComingItemProps {
  coming: Coming;
  /** Takes it back, or puts its refusal out of sight. */
  drop: () => void;
}

/** A file on its way, or the reason why it is no medium. */
export function ComingItem({ coming: { id, name, share, problem }, drop }: ComingItemProps) {
  return (
    <li class={problem ? "sdw-media-item sdw-wrong" : "sdw-media-item"}>
      <span class="sdw-thumb">
        <Glyph name="image" />
      </span>
      <div class="sdw-media-words">
        <span class="sdw-media-name" title={name}>
          {name}
        </span>
        <span class="sdw-hint">{problem ? "not added" : share ? `reading, ${Math.floor(share * 100)}%` : "reading"}</span>
      </div>
      <div class="sdw-tools">
        <IconButton name={problem ? "Dismiss" : "Remove"} glyph="remove" onClick={drop} />
      </div>
      {problem && <Wrong id={`sdw-${id}`} texts={[problem]} />}
    </li>
  );
}
