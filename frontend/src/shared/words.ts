// What is drawn, in a person's language: each text is looked up in the catalogue that the kernel sends; without one it stays.
import { Fragment, options } from "preact";

/** A translation, or one for each plural category of the language. */
export type Form = string | Record<string, string>;

/** The trait `words`, compiled by `languages/catalogue.py`; empty for English. */
export interface Words {
  language: string;
  /** Texts as they are. */
  texts: Record<string, string>;
  /** What texts with placeholders look like, each with its translation. */
  patterns: [string, Form][];
}

const TOLD = ["aria-label", "aria-valuetext", "title", "placeholder", "alt"];
const DOTS = /(^· | · | ·$)/;

let spoken: Words | null | undefined;
let texts: Map<string, string>;
let patterns: [RegExp, Form][];

/** Speaks a language from now on. The answer is its name: a key by which what is drawn in another one is drawn anew. */
export function speak(trait: unknown): string | undefined {
  if (trait !== spoken) {
    spoken = trait as Words | null | undefined;
    texts = new Map(Object.entries(spoken?.texts ?? {}));
    patterns = (spoken?.patterns ?? []).map(([source, to]) => [RegExp(source, "s"), to]);
    options.vnode = spoken?.language ? (tell as (vnode: object) => void) : () => {};
  }
  return spoken?.language;
}

/** A text of ours in that language; what the catalogue does not have stays as it is. */
export function said(text: string): string {
  const key = text.trim();
  if (!spoken?.language || !/[a-z]/i.test(key)) return text;
  if (!texts.has(key)) texts.set(key, made(key)); // most of them are drawn four times a second
  return text.replace(key, () => texts.get(key)!);
}

function made(key: string): string {
  for (const [source, to] of patterns) {
    const given = source.exec(key)?.groups;
    if (given) return formOf(to, given.count).replace(/{(\w+)}/g, (_, name: string) => (name.endsWith("words") ? said(given[name]!) : given[name]!));
  }
  const parts = key.split(DOTS);
  return parts[1] ? parts.map(said).join("") : key;
}

function formOf(to: Form, count = ""): string {
  return typeof to == "string" ? to : to[new Intl.PluralRules(spoken!.language).select(+count.replace(/,/g, ""))] ?? to.other!;
}

/** Each element passes here when it is made. What stands under `translate={false}` is a person's own. */
function tell({ type, props }: { type: unknown; props: Record<string, unknown> }): void {
  if ((typeof type != "string" && type != Fragment) || props.translate === false) return;
  for (const name of TOLD) if (props[name]) props[name] = said(props[name] as string);
  const { children } = props;
  if (children) props.children = told(Array.isArray(children) ? children : [children]);
}

/** Text that stands together is one sentence, in the place of its beginning. */
function told(children: unknown[]): unknown[] {
  const all: unknown[] = [];
  let at = -1;
  children.forEach((child, i) => {
    if (typeof child == "string" || typeof child == "number") {
      if (at < 0) at = i;
      all[at] = `${all[at] ?? ""}${child}`;
    } else {
      if (child && child !== true) at = -1;
      all[i] = child;
    }
  });
  return all.map((each) => (typeof each == "string" ? said(each) : each));
}
