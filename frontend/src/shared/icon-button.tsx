// A button of a picture alone, whose name is read out and shown under the pointer.
import type { ComponentProps } from "preact";
import { Button } from "./button";
import { Icon } from "./icons";
import { type GlyphName, PATHS } from "./glyphs";

interface Props extends Omit<ComponentProps<typeof Button>, "name"> {
  name: string;
  glyph: GlyphName;
  /** Drawn full. */
  full?: boolean;
}

export function IconButton({ name, glyph, full = false, ...props }: Props) {
  return (
    <Button class="sdw-icon-button" aria-label={name} title={name} {...props}>
      <Icon path={PATHS[glyph]} fill={full ? "currentColor" : "none"} />
    </Button>
  );
}
