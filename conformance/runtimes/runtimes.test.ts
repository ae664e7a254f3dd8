// The client in every runtime that it promises, against a real server: other versions of Node, Bun, Deno, Chromium.
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type EverdictProcess,
  isSetUp,
  repositoryRoot,
  startEverdict,
  startOwnedProcess,
  within,
} from "@everdict/testkit";
import type { ConnectOptions } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumProgram, runInChromium } from "./chromium.ts";

const installed = (path: string) => join(repositoryRoot, ".cache", "runtimes", "node_modules", path);

/** How each runs a program. */
const runtimes: Readonly<Record<string, { readonly program: string; readonly args: readonly string[] }>> = {
  [`Node ${process.versions.node}, which runs the tests`]: { program: process.execPath, args: [] },
  "Node 22": { program: installed("node-22/bin/node"), args: [] },
  "Node 24": { program: installed("node-24/bin/node"), args: [] },
  Bun: { program: installed("bun/bin/bun"), args: ["run"] },
  Deno: { program: installed("deno/deno"), args: ["run", "--allow-all", "--no-lock", "--quiet"] },
};

let server: EverdictProcess;
let ways: Record<string, ConnectOptions>;

beforeAll(async () => {
  server = await startEverdict({ memory: true });
  const url = server.serverUrl;
  ways = {
    "a session of bare frames": { url, ...server.token, transport: "session" },
    "a session by WebSocket": { url: url.replace("http", "ws"), ...server.token },
    "a session that waits actively": { url, ...server.token, lowLatency: true },
    gRPC: { url, ...server.token, transport: "grpc" },
  };
});
afterAll(() => server[Symbol.asyncDispose]());

function runtimeIsSetUp(part: string, isThere: boolean): boolean {
  return isSetUp({ part, isThere, remedy: "node scripts/setup-runtimes.mjs" });
}

describe("the client works, by every way to connect, in", () => {
  for (const [name, { program, args }] of Object.entries(runtimes)) {
    test.runIf(runtimeIsSetUp(name, existsSync(program)))(
      name,
      async () => {
        const script = join(repositoryRoot, "conformance", "runtimes", "program.mjs");
        const owned = startOwnedProcess(program, [...args, script, JSON.stringify(ways)], {
          PATH: process.env.PATH ?? "",
          HOME: server.dataDirectory,
        });
        let printed = "";
        owned.child.stdout.setEncoding("utf8").on("data", (text: string) => {
          printed += text;
        });
        // Although it leaves a client open.
        const { code, signal } = await within("it ends by itself", 110_000, owned.ended);
        expect([code, signal, owned.errorOutput()]).toEqual([0, null, expect.anything()]);
        const { checks, failures, left } = JSON.parse(printed) as Report;
        expect(failures).toEqual([]);
        expect([checks, left]).toEqual([4 * 10, 1]);
      },
      120_000,
    );
  }

  test.runIf(runtimeIsSetUp("Chromium", chromiumProgram() !== undefined))(
    "Chromium",
    async () => {
      const { url } = ways["a session of bare frames"]!;
      const { checks, failures } = await runInChromium<Report>({
        "http:": { url: url!, ...server.token },
        "ws:": { url: url!.replace("http", "ws"), ...server.token },
      });
      expect(failures).toEqual([]);
      expect(checks).toBe(2 * 10);
    },
    120_000,
  );
});

interface Report {
  readonly checks: number;
  readonly failures: readonly string[];
  readonly left: number;
}
