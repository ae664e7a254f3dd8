// The short forms of two scripts that check themselves; `node conformance/scripts/full.mjs load` runs the long ones.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { repositoryRoot } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { parameters } from "../parameters.ts";

/** Runs a script and shows what it says. Answers its status and its complaints. */
async function run(script: string, sizes: readonly number[]) {
  const args = [`conformance/scripts/${script}`, ...sizes.map(String)];
  const child = spawn(process.execPath, args, { cwd: repositoryRoot, stdio: ["ignore", "pipe", "pipe"] });
  const [output, complaints] = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    return chunks;
  });
  const [status] = await once(child, "close");
  console.info(Buffer.concat(output!).toString());
  return { status, complaints: Buffer.concat(complaints!).toString() };
}

// Memory is read from /proc.
describe.skipIf(process.platform !== "linux")("the real server", () => {
  test(`with consumers that stop among ${parameters.streamedEntries} entries neither grows nor slows down`, async () => {
    const ended = await run("slow-consumer.mjs", [parameters.streamedEntries]);
    expect(ended).toEqual({ status: 0, complaints: "" });
  }, 600_000);

  test(`holds ${parameters.idleSessions} idle sessions of each kind and ${parameters.ephemeralDicts} ephemeral dicts`, async () => {
    const ended = await run("idle-sessions.mjs", [parameters.idleSessions, parameters.ephemeralDicts]);
    expect(ended).toEqual({ status: 0, complaints: "" });
  }, 600_000);
});
