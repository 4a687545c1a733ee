// Small drawings of one stroke.
import { CROSS, Icon } from "./icons";

export const PATHS = {
  up: "M8 12.5v-9M4 7.5l4-4 4 4",
  down: "M8 3.5v9M4 8.5l4 4 4-4",
  remove: CROSS,
  open: "M9.5 2.5h4v4M13 3 8 8M6.5 3.5h-4v10h10v-4",
  note: "M3 13l.6-2.8 7.2-7.2 2.2 2.2-7.2 7.2z",
  image: "M2.5 3.5h11v9h-11zM2.5 11l3-3 2.5 2.5L10.5 8l3 3",
  video: "M2.5 3.5h11v9h-11zM6.5 6v4l3.5-2z",
  audio: "M6 11.5V4l6-1.5V10M6 11.5a1.75 1.75 0 1 1-3.5 0 1.75 1.75 0 0 1 3.5 0zM12 10a1.75 1.75 0 1 1-3.5 0A1.75 1.75 0 0 1 12 10z",
  link: "M6.5 9.5l3-3M7 4.5l1.5-1.5a2.8 2.8 0 0 1 4 4L11 8.5M5 7.5 3.5 9a2.8 2.8 0 0 0 4 4L9 11.5",
  star: "M8 2l1.8 3.8 4.2.6-3 2.9.7 4.2L8 11.5l-3.7 2 .7-4.2-3-2.9 4.2-.6z",
  compare: "M2.5 3.5h4.5v9H2.5zM9 3.5h4.5v9H9z",
  again: "M12.9 6.5A5 5 0 1 0 13 9.3M13 3v3.5H9.5",
  reuse: "M6.5 3.5 3 7l3.5 3.5M3 7h6a4 4 0 0 1 4 4v1.5",
  continue: "M3.5 3.5v9L10 8zM12.5 3.5v9",
  download: "M8 2.5V10M4.8 7 8 10.2 11.2 7M2.5 10.5v3h11v-3",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 13.5 13.5",
} as const;

export type GlyphName = keyof typeof PATHS;

export function Glyph({ name }: { name: GlyphName }) {
  return <Icon path={PATHS[name]} />;
}
