// Promises about the source and the bundles that no behaviour test would see broken.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");
const bundle = join(import.meta.dirname, "../../seedance_widgets/widgets/static");
const read = (folder: string, name: string) => readFileSync(join(folder, name), "utf8");
const files = readdirSync(source, { recursive: true, encoding: "utf8" });

test.each(["shared/base.css", "card/card.css", "studio/studio.css", "views/views.css"])("%s: every class has our prefix and no rule applies outside the widget, because the sheet is global in the page", (sheet) => {
  const rules = read(source, sheet).replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/@import[^;]*;/g, "");
  const selectors = [...rules.matchAll(/(?:^|[{};])\s*([^{};@]+)\{/g)].map(([, selector]) => selector?.trim() ?? "");
  const loose = selectors.filter((selector) => !selector.startsWith(".sdw-") && !/^(from|to|\d+%)$/.test(selector));
  expect(loose).toEqual([]);
  const classes = selectors.flatMap((selector) => [...selector.matchAll(/\.(-?[a-z_][\w-]*)/gi)].map(([, name]) => name));
  expect(classes.length).toBeGreaterThan(3);
  expect(classes.filter((name) => !name?.startsWith("sdw-"))).toEqual([]);
});

test.each(files.filter((name) => /\.tsx?$/.test(name)))("%s writes no markup from strings", (name) => {
  expect(read(source, name)).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|eval\(/);
});

test.each(["card", "studio", "views"])("the bundle of the %s imports nothing and fetches nothing", (name) => {
  const code = read(bundle, `${name}.js`);
  expect(code).not.toMatch(/\bimport\s*[("'{*]|\bfetch\(|XMLHttpRequest|importScripts/);
  const urls = [...code.matchAll(/https?:\/\/[^\s"'`…]+/g)].map(([url]) => url);
  expect(urls.filter((url) => !url.startsWith("http://www.w3.org/"))).toEqual([]);
  expect(read(bundle, `${name}.css`)).not.toMatch(/url\(|@import/);
});

test("the bundle of the Studio is below 66 kB, that of the grid and Compare below 44, and that of the card below 30", () => {
  expect(read(bundle, "views.js").length).toBeLessThan(44_000);
  expect(read(bundle, "studio.js").length).toBeLessThan(66_000);
  expect(read(bundle, "card.js").length).toBeLessThan(30_000);
});
