// Bundles the simulation of lost power with the store's sources, as they are or with a patch. Bundled it runs twice
// as fast as under a test runner, in as many processes as there are processors.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const source = fileURLToPath(new URL("../src/", import.meta.url));

/**
 * Writes the bundle to `file`.
 *
 * @param patches replacements `{ file, find, replace }` in the store's sources
 * @throws if a text to replace is not there exactly once: then the patch no longer does what it says
 */
export async function bundleSimulation(file, patches = []) {
  const unused = new Set(patches);
  const bundle = await rolldown({
    input: join(source, "testing/simulation-process.ts"),
    platform: "node",
    resolve: { conditionNames: ["@everdict/source", "node", "import", "default"] },
    plugins: [{ name: "patch", load: (id) => load(id, patches, unused) }],
  });
  await bundle.write({ file, format: "esm" });
  await bundle.close();
  for (const patch of unused) throw new Error(`no file ${patch.file} is part of the simulation`);
}

async function load(id, patches, unused) {
  const wanted = patches.filter((patch) => id === join(source, patch.file));
  if (wanted.length === 0) return null;
  let code = await readFile(id, "utf8");
  for (const patch of wanted) {
    const count = code.split(patch.find).length - 1;
    if (count !== 1) throw new Error(`${patch.file} has the text to replace ${count} times: ${patch.find}`);
    code = code.replace(patch.find, () => patch.replace);
    unused.delete(patch);
  }
  return { code, moduleType: "ts" };
}
