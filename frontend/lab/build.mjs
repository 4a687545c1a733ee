// Builds the JupyterLab extension into ../../labextension; with --check, only compares it with the committed one.
import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const OUTPUT = join(here, "../../labextension");
// The oldest JupyterLab that it runs in: built against a newer one, it would complain there about each shared package.
const CORE = join(here, "core-4.4.json");
// What JupyterLab says to a person who wants to be rid of it.
const INSTALLED = { packageManager: "python", packageName: "seedance-widgets", uninstallInstructions: "Use your Python package manager (pip, conda, …) to uninstall the package seedance-widgets" };
const LICENSES = "LICENSES.txt"; // Preact's licence asks that its text travels with every copy
const { build } = createRequire(join(here, "../package.json"))("esbuild"); // the same as that of the widgets
const BUILDER = createRequire(import.meta.url).resolve("@jupyter/builder/lib/build-labextension.js");

/** JSX needs its functions, and nothing else does: else Preact would come with each page, and not with what is drawn. */
const WITH_JSX = {
  name: "with-jsx",
  setup: (build) =>
    build.onLoad({ filter: /\.tsx$/ }, async ({ path }) => ({
      contents: `import { h, Fragment } from ${JSON.stringify(join(here, "../src/shared/h.ts"))};\n${await readFile(path, "utf8")}`,
      loader: "tsx",
    })),
};

/** The modules and one sheet of our sources and those of the widgets; JupyterLab's packages stay outside. */
async function bundleInto(folder) {
  const { version } = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  await build({
    absWorkingDir: here,
    entryPoints: { index: join(here, "src/index.ts"), "index-style": join(here, "src/lab.css") },
    entryNames: "[name]",
    outdir: folder,
    bundle: true,
    splitting: true, // what a person looks at comes when it is first opened
    minify: true,
    format: "esm",
    target: ["es2022", "chrome111", "firefox113", "safari16.4"],
    charset: "utf8",
    legalComments: "none",
    external: ["@jupyterlab/*", "@lumino/*"],
    define: { __VERSION__: JSON.stringify(version) },
    tsconfigRaw: { compilerOptions: { jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" } },
    plugins: [WITH_JSX],
    logLevel: "warning",
  });
  const sheet = await readFile(join(folder, "index-style.css"), "utf8");
  const put = `const style = document.createElement("style");\nstyle.textContent = ${JSON.stringify(sheet.trim())};\ndocument.head.append(style);\n`;
  await writeFile(join(folder, "style.js"), put); // in place of two loaders and what they carry along
}

/** The whole extension, in a folder of its own, so that nothing of this machine gets into it. */
async function buildInto(folder) {
  const stage = await mkdtemp(join(tmpdir(), "seedance-lab-"));
  try {
    await mkdir(join(stage, "lib"));
    await bundleInto(join(stage, "lib"));
    await cp(join(here, "schema"), join(stage, "schema"), { recursive: true });
    for (const name of ["package.json", "rspack.config.cjs"]) await copyFile(join(here, name), join(stage, name));
    await promisify(execFile)(process.execPath, [BUILDER, "--core-package-file", CORE, stage], { cwd: stage });
    await rm(folder, { recursive: true, force: true });
    await cp(join(stage, "labextension"), folder, { recursive: true });
    await writeFile(join(folder, "install.json"), `${JSON.stringify(INSTALLED, null, 2)}\n`);
    await rm(join(folder, "static/third-party-licenses.json"), { force: true }); // names nothing: Preact is in our module
    const preact = await readFile(join(here, "../node_modules/preact/LICENSE"), "utf8");
    await writeFile(join(folder, LICENSES), `The bundle in this folder contains Preact.\n\n${preact.trim()}\n`);
  } finally {
    await rm(stage, { recursive: true });
  }
}

/** The files of a folder and what is in them. */
async function read(folder) {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])).filter((each) => each.isFile());
  const paths = names.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Promise.all(paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)]));
}

async function check() {
  const folder = join(await mkdtemp(join(tmpdir(), "seedance-lab-check-")), "labextension");
  try {
    await buildInto(folder);
    const [built, committed] = [new Map(await read(folder)), new Map(await read(OUTPUT))];
    const names = new Set([...built.keys(), ...committed.keys()]);
    return [...names].filter((name) => !built.get(name)?.equals(committed.get(name) ?? Buffer.alloc(0)));
  } finally {
    await rm(dirname(folder), { recursive: true });
  }
}

if (process.argv.includes("--check")) {
  const stale = await check();
  if (stale.length) {
    console.error(`labextension/ is not what frontend/lab builds (${stale.join(", ")}). Run \`npm ci && npm run build\` in frontend/lab/ and commit it.`);
    process.exit(1);
  }
  console.log("The committed JupyterLab extension is what frontend/lab builds.");
} else {
  await buildInto(OUTPUT);
  for (const [name, content] of await read(OUTPUT)) console.log(`${name}  ${content.length} bytes`);
}
