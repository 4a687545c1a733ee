// Imports go down only: `shared` knows no part of the page, no part knows another, and no file imports itself in a round.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const source = join(__dirname, "..");
const files = ["src", "lab/src"].flatMap((folder) =>
  readdirSync(join(source, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name}`),
);
const targets = new Map(files.map((name) => [name, importsOf(name)]));

/** "studio" of "src/studio/form.tsx", "lab" of "lab/src/panel.tsx". */
function partOf(name: string): string {
  return name.startsWith("lab/") ? "lab" : name.split("/")[1]!;
}

function importsOf(name: string): string[] {
  const found = [...readFileSync(join(source, name), "utf8").matchAll(/from "(\.[^"]+)"/g)];
  return found.flatMap(([, path]) => {
    const target = relative(source, resolve(source, dirname(name), path!));
    return files.filter((each) => each.replace(/\.tsx?$/, "") === target);
  });
}

test("a part of the page imports from itself and from shared only", () => {
  const foreign = [...targets].flatMap(([name, imports]) => {
    const below = [partOf(name), "shared"];
    return imports.filter((each) => !below.includes(partOf(each))).map((each) => `${name} → ${each}`);
  });
  expect(targets.size).toBeGreaterThan(80);
  expect(foreign).toEqual([]);
});

test("no files import one another", () => {
  const rounds: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, path: string[]): void => {
    if (path.includes(name)) rounds.push([...path.slice(path.indexOf(name)), name].join(" → "));
    if (done.has(name) || path.includes(name)) return;
    for (const each of targets.get(name) ?? []) visit(each, [...path, name]);
    done.add(name);
  };
  for (const name of files) visit(name, []);
  expect(rounds).toEqual([]);
});
