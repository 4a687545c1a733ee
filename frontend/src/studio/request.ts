// The request in the form: comparing, changing, switching the model. Pure.
import { EMPTY_REQUEST, type ModelView, type OptionView, type RequestView } from "./view";

/** The prompt and the options that have a control of their own; the kernel's table may have more. */
export const OWN_FIELDS: readonly string[] = Object.keys(EMPTY_REQUEST);
/** "prompt", or the name of an option. */
export type Field = string;

/** The options that are drawn as a plain field: those without a control of their own. */
export function plainOptions(options: OptionView[]): OptionView[] {
  return options.filter(({ name, kind }) => !OWN_FIELDS.includes(name) && !/urls|json/.test(kind));
}

/** All fields of the form. */
export function fieldsOf(options: OptionView[]): Field[] {
  return [...OWN_FIELDS, ...plainOptions(options).map(({ name }) => name)];
}

export function sameValue(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((each, i) => each === b[i]) : a === b;
}

export function sameRequest(a: RequestView, b: RequestView): boolean {
  return Object.keys(a).every((field) => sameValue(a[field] ?? null, b[field] ?? null));
}

export interface Switched {
  request: RequestView;
  /** What was changed besides the model, in words; "" when all could be kept. */
  said: string;
}

/** Another model: keeps what it takes, and says what it does not. */
export function switchModel(request: RequestView, model: ModelView): Switched {
  const said: string[] = [];
  const fit = <T>(name: string, value: T, allowed: T[], measure: (value: T) => number, unit = ""): T => {
    const next = nearest(value, allowed, measure);
    if (next !== value) said.push(`${name} is now ${next}${unit} instead of ${value}${unit}`);
    return next;
  };
  const next = {
    ...request,
    model: model.id,
    duration: fit("duration", request.duration, model.durations, Number, " s"),
    aspect_ratio: fit("aspect ratio", request.aspect_ratio, model.aspect_ratios, shapeOf),
    resolution: fit("resolution", request.resolution, model.resolutions, parseInt),
  };
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
  return parts.join(", ").replace(/, ([^,]*)$/, " and $1");
}
