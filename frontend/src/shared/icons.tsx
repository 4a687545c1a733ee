// Small drawings in the colour of the text around them; all decorative, so hidden from assistive technology.
import type { ComponentChildren } from "preact";
import type { Tone } from "./tone";

export function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="sdw-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const line = { fill: "none", stroke: "currentColor", "stroke-width": 1.75, "stroke-linecap": "round", "stroke-linejoin": "round" } as const;

const SHAPES: Record<Tone, ComponentChildren> = {
  waiting: <circle cx="8" cy="8" r="4.25" {...line} />,
  working: <circle cx="8" cy="8" r="4.5" fill="currentColor" />,
  good: <path d="M3 8.5 6.5 12 13 4.5" {...line} stroke-width={2} />,
  bad: <path d="M4 4l8 8M12 4l-8 8" {...line} stroke-width={2} />,
  quiet: <path d="M3.5 8h9" {...line} stroke-width={2} />,
  unsure: <path d="M8 3v6M8 12.6v.2" {...line} stroke-width={2.25} />,
};

export function StatusIcon({ tone }: { tone: Tone }) {
  return <Icon>{SHAPES[tone]}</Icon>;
}

export function CopyIcon({ done }: { done: boolean }) {
  return (
    <Icon>
      {done ? (
        <path d="M3 8.5 6.5 12 13 4.5" {...line} />
      ) : (
        <path d="M10.5 5.5v-3h-8v8h3M5.5 5.5h8v8h-8z" {...line} stroke-width={1.25} />
      )}
    </Icon>
  );
}
