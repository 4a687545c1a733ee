// Small drawings in the colour of the text around them; all decorative, so hidden from assistive technology.
import type { Tone } from "./tone";

interface IconProps {
  path: string;
  /** Of the line, in sixteenths of the icon. */
  width?: number;
  fill?: string;
}

export function Icon({ path, width = 1.4, fill = "none" }: IconProps) {
  return (
    <svg class="sdw-icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} fill={fill} stroke-width={width} />
    </svg>
  );
}

export const CROSS = "M4 4l8 8M12 4l-8 8";
const TICK = "M3 8.5 6.5 12 13 4.5";
const DISC = "M8 3.75a4.25 4.25 0 1 1-.01 0z";

const SHAPES: Record<Tone, string> = {
  waiting: DISC,
  working: DISC,
  good: TICK,
  bad: CROSS,
  quiet: "M3.5 8h9",
  unsure: "M8 3v6M8 12.6v.2",
};

export function StatusIcon({ tone }: { tone: Tone }) {
  return <Icon path={SHAPES[tone]} width={2} fill={tone === "working" ? "currentColor" : "none"} />;
}

export function CopyIcon({ done }: { done: boolean }) {
  return <Icon path={done ? TICK : "M10.5 5.5v-3h-8v8h3M5.5 5.5h8v8h-8z"} width={done ? 1.75 : 1.25} />;
}
