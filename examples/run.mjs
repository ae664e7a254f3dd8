// Runs an example: `node examples/run.mjs lock`, `node examples/run.mjs job-board/board`.
//
// The examples are plain TypeScript. Node 22.18 and later run such a file directly (`node examples/lock.ts`); for
// earlier versions this strips the types with the bundler that the project already has.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const examples = dirname(fileURLToPath(import.meta.url));
const name = process.argv[2];
if (name === undefined) {
  console.error("usage: node examples/run.mjs EXAMPLE [ARGS], for instance: node examples/run.mjs lock");
  process.exit(2);
}

// Inside the project, so that the stripped file finds the same packages as the original.
const cache = join(examples, "..", ".cache");
mkdirSync(cache, { recursive: true });
const directory = mkdtempSync(join(cache, "example-"));
try {
  const file = join(directory, "example.mjs");
  const bundle = await rolldown({
    input: join(examples, `${name}.ts`),
    platform: "node",
    external: /^[^./]/,
    logLevel: "silent",
  });
  await bundle.write({ file, format: "esm" });
  await bundle.close();
  process.argv.splice(1, 2, file);
  await import(pathToFileURL(file).href);
} finally {
  rmSync(directory, { recursive: true });
}
