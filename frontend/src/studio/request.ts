// The request in the form: comparing, changing, switching the model. Pure.
import type { ModelView, RequestView } from "./view";

export const FIELDS = ["prompt", "model", "duration", "aspect_ratio", "resolution", "media_urls"] as const;
export type Field = (typeof FIELDS)[number];

export function sameValue(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((each, i) => each === b[i]) : a === b;
}

export function sameRequest(a: RequestView, b: RequestView): boolean {
  return FIELDS.every((field) => sameValue(a[field], b[field]));
}

export interface Switched {
  request: RequestView;
  /** What was changed besides the model, in words; "" when all could be kept. */
  said: string;
}

/** Another model: keeps what it takes, and says what it does not. */
export function switchModel(request: RequestView, model: ModelView): Switched {
  const next = { ...request, model: model.id };
  const said: string[] = [];
  const duration = nearest(request.duration, model.durations, (seconds) => seconds);
  if (duration !== request.duration) said.push(`duration is now ${duration} s instead of ${request.duration} s`);
  const aspect_ratio = nearest(request.aspect_ratio, model.aspect_ratios, shapeOf);
  if (aspect_ratio !== request.aspect_ratio) said.push(`aspect ratio is now ${aspect_ratio} instead of ${request.aspect_ratio}`);
  const resolution = nearest(request.resolution, model.resolutions, parseInt);
  if (resolution !== request.resolution) said.push(`resolution is now ${resolution} instead of ${request.resolution}`);
  Object.assign(next, { duration, aspect_ratio, resolution });
  return { request: next, said: said.length ? `For ${model.id}, ${listed(said)}.` : "" };
}

/** Width over height of "16:9"; 1 where that cannot be read. */
export function shapeOf(ratio: string): number {
  const [width, height] = ratio.split(":").map(Number);
  return width && height && width > 0 && height > 0 ? width / height : 1;
}

function nearest<T>(value: T, allowed: T[], measure: (value: T) => number): T {
  if (!allowed.length || allowed.includes(value)) return value; // no list: the model has no say
  const far = (other: T) => Math.abs(measure(other) - measure(value));
  return allowed.reduce((best, each) => (far(each) < far(best) ? each : best));
}

function listed(parts: string[]): string {
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : (parts[0] ?? "");
}
