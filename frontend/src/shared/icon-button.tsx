// A button of a picture alone, whose name is read out and shown under the pointer.
import type { ComponentProps } from "preact";
import { Button } from "./button";
import { Icon } from "./icons";

interface Props extends Omit<ComponentProps<typeof Button>, "name"> {
  name: string;
  /** What is drawn. */
  glyph: string;
  /** Drawn full. */
  full?: boolean;
}

export function IconButton({ name, glyph, full = false, ...props }: Props) {
  return (
    <Button class="sdw-icon-button" aria-label={name} title={name} {...props}>
      <Icon path={glyph} fill={full ? "currentColor" : "none"} />
    </Button>
  );
}
