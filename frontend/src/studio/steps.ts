// Undo of the form: what was filled in, chosen or recalled. Typing is the browser's to take back. Pure.
import { sameRequest, sameValue } from "./request";
import type { JobView, RequestView } from "./view";

const MOST = 100;
const TOGETHER_MS = 1000; // a slider that is dragged is one step

export interface Step {
  before: RequestView;
  after: RequestView;
  /** The job that the next clip goes on from, where the step changed it: before and after. */
  goesOn?: [JobView | null, JobView | null] | undefined;
  /** Steps of the same kind, one right after the other, are one. */
  kind: string;
  at: number;
}

export function noted(steps: Step[], step: Step): Step[] {
  const last = steps.at(-1);
  const together = last && step.kind && last.kind === step.kind && sameRequest(last.after, step.before) && (step.kind === "recall" || step.at - last.at < TOGETHER_MS);
  return together ? [...steps.slice(0, -1), { ...last, after: step.after, at: step.at }] : [...steps, step].slice(-MOST);
}

/** What leads from one end of a step to the other, for the fields that stand at its first end still. */
export function across(now: RequestView, from: RequestView, to: RequestView): Partial<RequestView> {
  return Object.fromEntries(Object.keys(to).filter((field) => !sameValue(from[field], to[field]) && sameValue(now[field], from[field])).map((field) => [field, to[field]]));
}

/** Whether the browser has something of its own to take back in a field of text: what was typed since the step that ended so. */
export function isTyped(target: EventTarget | null, now: RequestView, end: RequestView | undefined): boolean {
  if (!(target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && /text|url|search|number/.test(target.type)))) return false;
  const field = target.closest<HTMLElement>("[data-field]")?.dataset.field ?? "";
  const known = !Array.isArray(now[field]) && field in now;
  return known ? !end || now[field] !== end[field] : target.value !== "";
}
