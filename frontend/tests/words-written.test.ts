// Every text that is written into an element of the card, the Studio and the grid is in the catalogues.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogue } from "./catalogue";

const source = join(import.meta.dirname, "../src");
const { card, clips, studio, grid } = catalogue("th");
const known = new Set(Object.keys({ ...card, ...clips, ...studio, ...grid }));
const names = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tsx"));

/** Attributes that are read out or shown, and the text between two tags; what is put together of several is tried as it is drawn. */
function textsIn(code: string): string[] {
  const said = [...code.matchAll(/\b(?:aria-label|title|placeholder|alt|any|words|hint)="([^"]+)"/g), ...code.matchAll(/(?<!=)>\s*([A-Z][^<>{}=;]*)</g)];
  return said.map(([, text]) => text!.trim().replaceAll(/\s+/g, " ")).filter((text) => /[a-z]{2}/.test(text));
}

test.each(names)("%s", (name) => {
  expect(textsIn(readFileSync(join(source, name), "utf8")).filter((text) => !known.has(text))).toEqual([]);
});

test("texts are found at all", () => {
  expect(names.flatMap((name) => textsIn(readFileSync(join(source, name), "utf8"))).length).toBeGreaterThan(100);
});
