// Promises about the source and the bundle that no behaviour test would see broken.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../src/card");
const bundle = join(import.meta.dirname, "../../seedance_widgets/widgets/static");
const read = (folder: string, name: string) => readFileSync(join(folder, name), "utf8");

test("every class in the style sheet has our prefix, because the sheet is global in the page", () => {
  const classes = [...read(source, "card.css").matchAll(/\.(-?[a-z_][\w-]*)/gi)].map(([, name]) => name);
  expect(classes.length).toBeGreaterThan(30);
  expect(classes.filter((name) => !name?.startsWith("sdw-"))).toEqual([]);
});

test("no rule applies outside the card", () => {
  const rules = read(source, "card.css").replaceAll(/\/\*[^]*?\*\//g, "");
  const selectors = [...rules.matchAll(/(?:^|[{};])\s*([^{};@]+)\{/g)].map(([, selector]) => selector?.trim() ?? "");
  const loose = selectors.filter((selector) => !selector.startsWith(".sdw-") && !/^(from|to|\d+%)$/.test(selector));
  expect(loose).toEqual([]);
});

test.each(readdirSync(source).filter((name) => /\.tsx?$/.test(name)))("%s writes no markup from strings", (name) => {
  expect(read(source, name)).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|eval\(/);
});

test("the bundle imports nothing and fetches nothing", () => {
  const code = read(bundle, "card.js");
  expect(code).not.toMatch(/\bimport\s*[("'{*]|\bfetch\(|XMLHttpRequest|importScripts/);
  expect([...code.matchAll(/https?:\/\/[^\s"'`]+/g)].map(([url]) => url).filter((url) => !url.startsWith("http://www.w3.org/"))).toEqual([]);
  expect(read(bundle, "card.css")).not.toMatch(/url\(|@import/);
});
