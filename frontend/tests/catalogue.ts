// Catalogues as the kernel sends them, one that marks every text instead of translating it, and the English that is left.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Words } from "../src/shared/words";

const ROOT = join(import.meta.dirname, "../..");
export const LANGUAGES = ["th", "zh"];
export type Part = "card" | "clips" | "studio" | "grid";
type Catalogue = Record<Part, Record<string, string>>;

/** Whatever Python made of a small catalogue, and what texts become by it: `tests/languages/test_catalogue.py`. */
export const GOLDEN = JSON.parse(readFileSync(join(ROOT, "tests/languages/words.json"), "utf8")) as { words: Words; said: [string, string][] };

export const catalogue = (language: string) => JSON.parse(readFileSync(join(ROOT, `seedance_widgets/languages/${language}.json`), "utf8")) as Catalogue;

/** Each text in angle brackets: what stands outside of them no catalogue has. */
export function marking(...parts: Part[]): Words {
  const file = catalogue("th");
  const keys = parts.flatMap((part) => Object.keys(file[part]));
  const isOpen = (key: string) => key.includes("{");
  const open = keys.filter(isOpen).sort((a, b) => bare(b).length - bare(a).length);
  return {
    language: "th",
    texts: Object.fromEntries(keys.filter((key) => !isOpen(key)).map((key) => [key, `«${key}»`])),
    patterns: open.map((key) => [patternOf(key), `«${key}»`]),
  };
}

const bare = (key: string) => key.replaceAll(/{\w+}/g, "");

function patternOf(key: string): string {
  const pieces = key.split(/{(\w+)}/).map((piece, i) => {
    if (i % 2) return `(?<${piece}>${piece.startsWith("count") ? "[\\d.,]+" : /^prompt$|words$/.test(piece) ? ".+?" : "(?:(?! · ).)+?"})`;
    return piece.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return `^${pieces.join("")}$`;
}

const TOLD = ["aria-label", "aria-valuetext", "title", "placeholder", "alt"];

/** English below an element that is not marked, and not a person's own. */
export function unmarked(root: Element): string[] {
  const found: string[] = [];
  const look = (text: string | null) => {
    let left = text ?? "";
    while (/«[^«»]*»/.test(left)) left = left.replace(/«[^«»]*»/, "");
    if (/[a-z]{2}/i.test(left)) found.push(left.trim());
  };
  for (const element of root.querySelectorAll("*")) {
    if (element.closest("[translate=no], code")) continue;
    for (const name of TOLD) look(element.getAttribute(name));
    for (const node of element.childNodes) if (node.nodeType === 3) look(node.textContent);
  }
  return [...new Set(found)];
}

/** The attribute that `translate` sets: the page of these tests does not know it. */
export function knowTranslate(): void {
  Object.defineProperty(HTMLElement.prototype, "translate", {
    configurable: true,
    get(this: HTMLElement) {
      return this.getAttribute("translate") !== "no";
    },
    set(this: HTMLElement, value: boolean) {
      this.setAttribute("translate", value ? "yes" : "no");
    },
  });
}
