// One click, one job. Pure; times are milliseconds of one clock.
import { sameRequest } from "./request";
import type { How } from "./host";
import type { RequestView, StudioView } from "./view";

export const QUIET_AFTER_MS = 10_000;
const REST_MS = 500; // the second half of a double click comes within this time

/** What a click asks for. */
export interface Wish {
  request: RequestView;
  force: boolean;
  /** The job that it names, and why. */
  how?: How;
  of?: string;
  /** More than one: a sweep. */
  takes?: number;
}

/** A click on Generate or Again, and what it asked for. */
export interface Click extends Wish {
  click_id: string;
  at: number;
}

export interface Submits {
  /** Not yet acknowledged by the kernel. */
  waiting: Click[];
  /** Acknowledged, newest last. */
  sent: Click[];
  /** When the last click was. */
  pressedAt: number;
}

export const NO_SUBMITS: Submits = { waiting: [], sent: [], pressedAt: -Infinity };

const isQuiet = (click: Click, now: number) => now - click.at >= QUIET_AFTER_MS;

/** Whether Generate rests: a click is on its way, or has only just been made. */
export function rests(submits: Submits, now: number): boolean {
  return now - submits.pressedAt < REST_MS || isOnItsWay(submits, now);
}

export function isOnItsWay({ waiting }: Submits, now: number): boolean {
  return waiting.some((click) => !isQuiet(click, now));
}

/** Whether the kernel has left a click without an answer for so long that a person should know. */
export function isUnheard({ waiting }: Submits, now: number): boolean {
  return waiting.some((click) => isQuiet(click, now));
}

/**
 * A press of Generate: the click to send, or null while it rests.
 *
 * Pressing again for a request that the kernel has not heard is the same click, so that it cannot become two jobs.
 */
export function press(submits: Submits, { newId, ...wish }: Wish & { newId: string }, now: number): [Submits, Click | null] {
  if (rests(submits, now)) return [submits, null];
  const again = submits.waiting.find((click) => sameRequest(click.request, wish.request) && click.force === wish.force && click.how === wish.how && click.of === wish.of && click.takes === wish.takes);
  const click: Click = { ...wish, click_id: again?.click_id ?? newId, at: now };
  const waiting = [...submits.waiting.filter((each) => each !== again), click];
  return [{ ...submits, waiting, pressedAt: now }, click];
}

/** Whether the same was sent from here in the last seconds: then a person is asked. */
export function isRecent({ sent, waiting }: Submits, request: RequestView, now: number): boolean {
  return [...waiting, ...sent].some((click) => now - click.at < QUIET_AFTER_MS && sameRequest(click.request, request));
}

/** The kernel has the clicks that it names. */
export function acknowledge(submits: Submits, view: StudioView): Submits {
  const known = (click: Click) => view.sending.includes(click.click_id) || view.outcome?.click_id === click.click_id;
  const heard = submits.waiting.filter(known);
  if (!heard.length) return submits;
  const waiting = submits.waiting.filter((click) => !heard.includes(click));
  return { ...submits, waiting, sent: [...submits.sent, ...heard].slice(-20) };
}
