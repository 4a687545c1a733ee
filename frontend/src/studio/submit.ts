// One click, one job. Pure; times are milliseconds of one clock.
import { sameRequest } from "./request";
import type { RequestView, StudioView } from "./view";

export const QUIET_AFTER_MS = 10_000;
const REST_MS = 500; // the second half of a double click comes within this time

/** A click on Generate, and what it asked for. */
export interface Click {
  click_id: string;
  request: RequestView;
  force: boolean;
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
export function press(submits: Submits, wish: { request: RequestView; force: boolean; newId: string }, now: number): [Submits, Click | null] {
  if (rests(submits, now)) return [submits, null];
  const again = submits.waiting.find((click) => sameRequest(click.request, wish.request) && click.force === wish.force);
  const click: Click = { click_id: again?.click_id ?? wish.newId, request: wish.request, force: wish.force, at: now };
  const waiting = [...submits.waiting.filter((each) => each !== again), click];
  return [{ ...submits, waiting, pressedAt: now }, click];
}

/** The kernel has the clicks that it names. */
export function acknowledge(submits: Submits, view: StudioView): Submits {
  const known = (click: Click) => view.sending.includes(click.click_id) || view.outcome?.click_id === click.click_id;
  const heard = submits.waiting.filter(known);
  if (!heard.length) return submits;
  const waiting = submits.waiting.filter((click) => !heard.includes(click));
  return { ...submits, waiting, sent: [...submits.sent, ...heard].slice(-20) };
}
