// Promises about the source and the bundles that no behaviour test would see broken.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");
const bundle = join(import.meta.dirname, "../../seedance_widgets/widgets/static");
const read = (folder: string, name: string) => readFileSync(join(folder, name), "utf8");
const lab = join(import.meta.dirname, "../lab");
const extension = join(import.meta.dirname, "../../labextension");
const files = [source, join(lab, "src")].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)));

test.each(["shared/base.css", "shared/clip-actions.css", "card/card.css", "studio/studio.css", "views/views.css", "../lab/src/lab.css"])("%s: every class has our prefix and no rule applies outside the widget, because the sheet is global in the page", (sheet) => {
  const rules = read(source, sheet).replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/@import[^;]*;/g, "");
  const selectors = [...rules.matchAll(/(?:^|[{};])\s*([^{};@]+)\{/g)].map(([, selector]) => selector?.trim() ?? "");
  const loose = selectors.filter((selector) => !selector.startsWith(".sdw-") && !/^(from|to|\d+%)$/.test(selector));
  expect(loose).toEqual([]);
  const classes = selectors.flatMap((selector) => [...selector.matchAll(/\.(-?[a-z_][\w-]*)/gi)].map(([, name]) => name));
  expect(classes.length).toBeGreaterThan(3);
  expect(classes.filter((name) => !name?.startsWith("sdw-"))).toEqual([]);
});

test.each(files.filter((name) => /\.tsx?$/.test(name)))("%s writes no markup from strings", (name) => {
  expect(readFileSync(name, "utf8")).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|eval\(/);
});

test.each(["card", "studio", "views", "choose", "compare", "studio-later", "views-later"])("the bundle of the %s imports nothing and fetches nothing", (name) => {
  const code = read(bundle, `${name}.js`);
  expect(code).not.toMatch(/\bimport\s*[("'{*]|\bfetch\(|XMLHttpRequest|importScripts/);
  const urls = [...code.matchAll(/https?:\/\/[^\s"'`…]+/g)].map(([url]) => url);
  expect(urls.filter((url) => !url.startsWith("http://www.w3.org/"))).toEqual([]);
  if (!/later|choose|compare/.test(name)) expect(read(bundle, `${name}.css`)).not.toMatch(/url\(|@import/);
});

test("the bundle of the Studio is below 80 kB, that of the grid below 45, those of Choose and Compare below 40, and that of the card below 30", () => {
  expect(read(bundle, "views.js").length).toBeLessThan(45_000);
  for (const name of ["choose.js", "compare.js"]) expect(read(bundle, name).length).toBeLessThan(40_000);
  expect(read(bundle, "studio.js").length).toBeLessThan(80_000);
  expect(read(bundle, "card.js").length).toBeLessThan(30_000);
});

test("what comes in a second message brings no Preact of its own", () => {
  expect(read(bundle, "studio-later.js").length).toBeLessThan(25_000);
  expect(read(bundle, "studio-later.js")).not.toContain("._H");
  expect(read(bundle, "studio.js")).toContain("._H");
});

test("the JupyterLab extension asks its server by ServerConnection alone, and nobody else", () => {
  const sources = files.filter((name) => name.startsWith(lab)).map((name) => [name, readFileSync(name, "utf8")] as const);
  expect(sources.filter(([, code]) => /(?<![.#\w])fetch\(|XMLHttpRequest|EventSource|WebSocket/.test(code)).map(([name]) => name)).toEqual([]);
  expect(sources.filter(([, code]) => code.includes("makeRequest(")).map(([name]) => name)).toEqual([join(lab, "src/server.ts")]);
  const code = readdirSync(join(extension, "static")).map((name) => read(join(extension, "static"), name)).join("\n");
  const urls = [...code.matchAll(/https?:\/\/[^\s"'`…)]+/g)].map(([url]) => url);
  expect(urls.filter((url) => !url.startsWith("http://www.w3.org/"))).toEqual([]);
});

test("the JupyterLab extension is of the version of the package", () => {
  const { version } = JSON.parse(read(lab, "package.json")) as { version: string };
  expect(read(join(lab, "../.."), "pyproject.toml")).toContain(`\nversion = "${version}"\n`);
  expect(JSON.parse(read(extension, "package.json"))).toMatchObject({ name: "seedance-widgets", version });
});

test("what each page loads of the JupyterLab extension is below 60 kB, and below 85 with the panel", () => {
  const files = readdirSync(join(extension, "static")).map((name) => readFileSync(join(extension, "static", name)));
  const sum = (some: Buffer[]) => some.reduce((bytes, file) => bytes + file.length, 0);
  const atOnce = files.filter((file) => !file.includes("Search jobs"));
  expect(files.length - atOnce.length).toBe(1); // the views, which come when one is first opened
  expect(sum(atOnce)).toBeLessThan(60_000);
  expect(Math.max(...files.map((file) => file.length))).toBeLessThan(60_000);
  expect(sum(files)).toBeLessThan(85_000);
});
