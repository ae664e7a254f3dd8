// The core must run where there is no Node: bundled for browsers it holds no built-in module, and it works there.
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { type OutputChunk, rolldown } from "rolldown";
import { expect, test } from "vitest";

async function bundle(): Promise<OutputChunk[]> {
  const built = await rolldown({
    input: fileURLToPath(new URL("./index.ts", import.meta.url)),
    platform: "browser",
    resolve: { conditionNames: ["@everdict/source", "browser", "import", "default"] },
  });
  const { output } = await built.generate({ format: "iife", name: "session", comments: { jsdoc: false } });
  await built.close();
  return output.filter((each) => each.type === "chunk");
}

/** What browsers, workers and edge runtimes have; no setImmediate, no Buffer, no process. */
const browserGlobals =
  "TextEncoder TextDecoder URL crypto performance AbortController AbortSignal setTimeout clearTimeout " +
  "queueMicrotask MessageChannel Uint8Array ArrayBuffer DataView";

test("the core imports nothing, is small, and carries calls in a realm without anything of Node", async () => {
  const chunks = await bundle();
  expect(chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])).toEqual([]);
  const code = chunks.map((chunk) => chunk.code).join("\n");
  const named = [...code.matchAll(/\b(?:import|require)\(?\s*["'`](?:node:)?([\w/]+)["'`]/g)].map(
    (match) => match[1]!,
  );
  expect(named.filter((name) => builtinModules.includes(name))).toEqual([]);
  expect(
    chunks.flatMap((chunk) => Object.keys(chunk.modules)).filter((id) => /\/ws\/|protobuf/.test(id)),
  ).toEqual([]);
  const gzipped = gzipSync(code).length;
  console.info(`session core with both ends, without docs, not minified, gzipped: ${gzipped} bytes`);
  expect(gzipped).toBeLessThan(43_000);

  const names = browserGlobals.split(" ");
  const realm = createContext(Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)])));
  expect(runInContext("typeof process + typeof Buffer + typeof setImmediate", realm)).toBe(
    "undefined".repeat(3),
  );
  const session = runInContext(`${code}; session`, realm) as typeof import("./index.ts");
  const [clientEnd, serverEnd] = session.carrierPair();
  const service = { get: (_: string, key: Uint8Array) => key.slice() };
  const host = new session.SessionHost({
    authorize: () => ({ service: service as never, isValid: () => true }),
  });
  host.accept(serverEnd);
  const client = new session.SessionClient({ connect: async () => clientEnd });
  const answers = await Promise.all([1, 2, 3].map((byte) => client.get("di", Uint8Array.of(byte))));
  expect(answers.map((each) => each![0])).toEqual([1, 2, 3]);
  await client.close();
  await host.close(1000);
});
