/**
 * Bundles the console's page into dist/console: index.html, console.js, console.css, icon.svg and licences.txt, which the server embeds; and
 * the program that drives it in a browser into dist/console-test. Does nothing if they are newer than everything that they are made from.
 *   node console/build.mjs [--install]     with --install it first runs npm ci where that is needed
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = join(root, "dist/console");
const driver = join(root, "dist/console-test/drive.mjs");
const index = join(page, "index.html");
const lock = join(root, "package-lock.json");
const installed = join(root, "node_modules/.package-lock.json");
const generated = join(root, "src/gen/sea/v1/alignment_pb.ts");
const protos = [join(root, "../../protos/sea"), join(root, "../protos")];
const sources = [join(root, "console"), join(root, "src"), lock, ...protos];

if (newest(sources) <= Math.min(time(index), time(driver))) {
  process.exit(0);
}

if (process.argv.includes("--install") && time(installed) < time(lock)) {
  npm("ci", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000");
}

if (time(generated) < newest(protos)) {
  npm("run", "--silent", "generate");
}

const { build } = await import("esbuild");
const result = await build({
  absWorkingDir: root,
  entryPoints: { console: "console/src/main.ts" },
  outdir: "dist/console",
  bundle: true,
  minify: true,
  metafile: true,
  // A classic script: a browser loads no module from a file on the disk, and the page replays runs from there too.
  format: "iife",
  target: ["chrome100", "firefox104", "safari15.4"],
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});
await build({
  absWorkingDir: root,
  entryPoints: ["console/test/drive.ts"],
  outfile: driver,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node18",
  packages: "external",
  logLevel: "warning",
});
mkdirSync(page, { recursive: true });
copyFileSync(join(root, "console/icon.svg"), join(page, "icon.svg"));
writeFileSync(join(page, "licences.txt"), licences(Object.keys(result.metafile.inputs)));
// Last, because its time says that everything is there.
writeFileSync(index, readFileSync(join(root, "console/index.html")));

/** The licences of the packages that the bundle has parts of. */
function licences(inputs) {
  const packages = new Set(inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean));
  return [...packages].sort().map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licensed under ${license}.`;
    return `${name} ${version}\n\n${text}\n`;
  }).join(`\n${"-".repeat(80)}\n\n`);
}

/** The latest time at which a file of these changed. */
function newest(paths) {
  return Math.max(...paths.map((path) => {
    if (!statSync(path).isDirectory()) {
      return time(path);
    }

    return newest(readdirSync(path).filter((each) => each !== "gen").map((each) => join(path, each)));
  }));
}

function time(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function npm(...args) {
  // npm is a script on Windows, which only a shell starts.
  const { status } = spawnSync("npm", args, { cwd: root, stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" });
  if (status !== 0) {
    console.error(`npm ${args[0]} failed in ${relative(process.cwd(), root) || "."}`);
    process.exit(status ?? 1);
  }
}
