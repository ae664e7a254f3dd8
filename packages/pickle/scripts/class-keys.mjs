// Writes testing/class-keys.json anew: the bytes of the keys that stand there, from every CPython that is there. Add a key
// by writing its expression into the file, with an empty object.
//
//     node packages/pickle/scripts/class-keys.mjs python3.8 python3.9 …
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../testing/class-keys.json", import.meta.url);
const program = new URL("../testing/class_keys.py", import.meta.url).pathname;
const expressions = Object.keys(JSON.parse(readFileSync(file, "utf8")).keys);
const keys = Object.fromEntries(expressions.map((expression) => [expression, {}]));
const versions = [];
for (const python of process.argv.slice(2)) {
  const minor = spawnSync(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
    encoding: "utf8",
  }).stdout.trim();
  const run = spawnSync(python, [program], { input: `${JSON.stringify(expressions)}\n`, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`${python}: ${run.stderr}`);
  versions.push(minor);
  for (const [at, bytes] of JSON.parse(run.stdout).entries()) {
    if (bytes === null) continue;
    keys[expressions[at]][bytes] ??= [];
    keys[expressions[at]][bytes].push(minor);
  }
}
writeFileSync(file, `${JSON.stringify({ versions, keys }, null, 2)}\n`);
