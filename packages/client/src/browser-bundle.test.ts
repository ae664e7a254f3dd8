// The core must run where there is no Node: bundled for browsers it holds no built-in module and no gRPC.
import { builtinModules } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { type OutputChunk, rolldown } from "rolldown";
import { beforeAll, describe, expect, test } from "vitest";

let chunks: OutputChunk[];
let code: string;

beforeAll(async () => {
  const warnings: string[] = [];
  const bundle = await rolldown({
    input: fileURLToPath(new URL("./index.ts", import.meta.url)),
    platform: "browser",
    resolve: { conditionNames: ["@everdict/source", "browser", "import", "default"] },
    onLog: (level, log) => void (level === "warn" && warnings.push(log.message)),
  });
  const { output } = await bundle.generate({
    format: "iife",
    name: "everdict",
    codeSplitting: false,
    comments: { jsdoc: false },
  });
  await bundle.close();
  expect(warnings).toEqual([]);
  chunks = output.filter((each) => each.type === "chunk");
  code = chunks.map((chunk) => chunk.code).join("\n");
});

describe("the bundle for browsers", () => {
  test("imports nothing: no built-in module, no gRPC, no protobuf", () => {
    expect(chunks).toHaveLength(1);
    expect(chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])).toEqual([]);
    const packages = fileURLToPath(new URL("../..", import.meta.url));
    const modules = chunks.flatMap(({ modules }) => Object.keys(modules).map((id) => relative(packages, id)));
    expect(modules.filter((id) => /grpc|protobuf|smol-toml|store-log|platform\/node/.test(id))).toEqual([]);
    expect(modules.some((id) => id.endsWith("platform/default.ts"))).toBe(true);
    const named = [...code.matchAll(/\b(?:import|require)\(?\s*["'`](?:node:)?([\w/]+)["'`]/g)].map(
      (match) => match[1]!,
    );
    expect(named.filter((name) => builtinModules.includes(name))).toEqual([]);
    expect(code).not.toContain("node:");
  });

  test("is small", () => {
    const sizes = { bytes: code.length, gzipped: gzipSync(code).length };
    console.info(
      `browser bundle with the memory engine, without docs, not minified: ${JSON.stringify(sizes)}`,
    );
    // A bound that catches a stray dependency, not an ambition. What Python's types need for keys, numpy, pandas,
    // zones and the console takes a quarter of it, checks of arguments with their messages 6 KB. What goes beyond Modal's
    // calls takes 16 KB: half of it in the client, the rest in sessions and the engine. 2 % are left.
    expect(sizes.gzipped).toBeLessThan(159_000);
  });

  test("runs on memory: with nothing but what browsers have", async () => {
    const { Client, Dict } = runBare();
    const client = Client.connect({ url: "memory:" });
    const dict = Dict.fromName<string, unknown>("jobs", { createIfMissing: true, client });
    await dict.put("a", { at: 1, self: dict });
    expect(await dict.len()).toBe(1);
    const { self } = (await dict.get("a")) as { self: typeof dict };
    expect(self.name).toBe("jobs");
    const seen = [];
    for await (const [key] of dict) seen.push(key);
    expect(seen).toEqual(["a"]);
    await client.close();
  });

  test("says what it cannot do here", async () => {
    const { Client } = runBare();
    for (const url of ["http://127.0.0.1:7227", "file:./data"]) {
      await expect(Client.connect({ url }).service()).rejects.toMatchObject({ code: "not_configured" });
    }
    await expect(Client.connect().service()).rejects.toMatchObject({ code: "not_configured" });
  });
});

// The platform's encoder gives arrays of this realm, so the bundle must know the same array classes.
const browserGlobals =
  "TextEncoder TextDecoder URL crypto performance AbortController AbortSignal setTimeout clearTimeout " +
  "setInterval clearInterval queueMicrotask Uint8Array ArrayBuffer DataView";

/** Runs the bundle in a realm that has what browsers, workers and edge runtimes have, and nothing of Node. */
function runBare(): typeof import("./index.ts") {
  const names = browserGlobals.split(" ");
  const realm = createContext(Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)])));
  expect(runInContext("typeof process + typeof Buffer + typeof require", realm)).toBe("undefined".repeat(3));
  return runInContext(`${code}; everdict`, realm) as typeof import("./index.ts");
}
