// Builds the bundles that the Python package ships; with --check, only compares them with the committed ones.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const STATIC = join(here, "../seedance_widgets/widgets/static");
// The module and the style of each bundle, below src/. Choose and Compare have the style of the grid; their code comes
// when they are opened.
const BUNDLES = {
  card: ["card/index.ts", "card/card.css"],
  studio: ["studio/index.ts", "studio/studio.css"],
  views: ["views/index.ts", "views/views.css"],
  choose: ["views/choose-index.ts"],
  compare: ["views/compare-index.ts"],
};
const LATER = ["studio", "views"]; // src/NAME/later.ts becomes NAME-later.js: what the first view does not need, sent in a second message
const LICENSES = "LICENSES.txt"; // Preact's licence asks that its text travels with every copy

// Names that only we and our Preact know, in all bundles the same: what comes in a second message uses the Preact of the first.
const OURS = [
  ..."getDerivedStateFromProps getDerivedStateFromError getSnapshotBeforeUpdate getChildContext debounceRendering".split(" "),
  ..."componentWillReceiveProps componentWillUpdate componentWillMount componentWillUnmount".split(" "),
  ..."componentDidMount componentDidUpdate componentDidCatch shouldComponentUpdate".split(" "),
  ..."setState forceUpdate contextType unmount diffed current silent".split(" "),
  ..."cancelPressed retryPressed startedAt phaseAt heardAt pullAgain phase".split(" "),
];
const PREACTS = [..."abcefghikmnprsuvxzFHNPRSV"].map((letter) => `__${letter}`);
export const SHORT = {
  mangleProps: new RegExp(`^(__|${[...OURS, ...PREACTS].join("|")})$`),
  mangleCache: Object.fromEntries([
    ...OURS.map((name, i) => [name, `$${i.toString(36)}`]),
    ...["__", ...PREACTS].map((name) => [name, name.slice(1)]),
  ]),
};

const COMMON = {
  ...SHORT,
  absWorkingDir: here, // the output must not depend on where the command was started
  entryNames: "[name]",
  bundle: true,
  minify: true,
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  charset: "utf8",
  legalComments: "none",
  // Calls of `h` are shorter than those of the automatic runtime that tsconfig.json names for the tests.
  tsconfigRaw: { compilerOptions: { jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" } },
  inject: [join(here, "src/shared/h.ts")],
  logLevel: "warning",
};

async function buildInto(folder) {
  for (const [name, [module, style]] of Object.entries(BUNDLES)) {
    const src = join(here, "src");
    await build({
      ...COMMON,
      entryPoints: { [name]: join(src, module), ...(style && { [`${name}-style`]: join(src, style) }) },
      outdir: folder,
      format: "esm",
      banner: { js: "/* Built from frontend/. Contains Preact, MIT: see LICENSES.txt */" },
    });
    if (style) await rename(join(folder, `${name}-style.css`), join(folder, `${name}.css`));
  }
  for (const name of LATER) {
    const lent = join(here, "src/shared/lent.ts");
    await build({
      ...COMMON,
      entryPoints: { [`${name}-later`]: join(here, "src", name, "later.ts") },
      outdir: folder,
      format: "iife",
      alias: { preact: lent, "preact/hooks": lent },
      plugins: [{ name: "words", setup: (build) => build.onResolve({ filter: /\/words$/ }, () => ({ path: lent })) }],
      banner: { js: "/* Built from frontend/ by `npm run build`. */" },
    });
  }
  const preact = await readFile(join(here, "node_modules/preact/LICENSE"), "utf8");
  await writeFile(join(folder, LICENSES), `The bundles in this folder contain Preact.\n\n${preact.trim()}\n`);
}

async function rename(from, to) {
  await writeFile(to, await readFile(from));
  await rm(from);
}

const files = [
  ...Object.entries(BUNDLES).flatMap(([name, [, style]]) => (style ? [`${name}.js`, `${name}.css`] : [`${name}.js`])),
  ...LATER.map((name) => `${name}-later.js`),
  LICENSES,
];

async function check() {
  const folder = await mkdtemp(join(tmpdir(), "seedance-bundle-"));
  try {
    await buildInto(folder);
    const stale = [];
    for (const file of files) {
      const committed = await readFile(join(STATIC, file)).catch(() => null);
      if (!committed?.equals(await readFile(join(folder, file)))) stale.push(file);
    }
    return stale;
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv.includes("--check")) {
  const stale = await check();
  if (stale.length) {
    console.error(
      `${stale.join(" and ")} in seedance_widgets/widgets/static/ is not what frontend/ builds. ` +
        "Run `npm ci && npm run build` in frontend/ and commit the result.",
    );
    process.exit(1);
  }
  console.log("The committed bundles are what frontend/ builds.");
} else {
  await buildInto(STATIC);
  for (const file of files) console.log(`${file}  ${(await readFile(join(STATIC, file))).length} bytes`);
}
