// Runs a bundle of the simulation (simulation-bundle.mjs) in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/**
 * Runs seeds `first`, `first + step`, … until `count` are done or there were enough violations, and hands every
 * line the process writes to `onLine`. Resolves when the process has ended. @throws if it did not end by itself
 */
export async function runSimulation({ bundle, first, count, step, violationsMax }, onLine) {
  // There is a process for each processor, so threads of the collector would only be in the way.
  const args = ["--single-threaded-gc", ...[bundle, first, count, step, violationsMax].map(String)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) onLine(JSON.parse(line));
  const [code, signal] = await exited;
  if (code !== 0) throw new Error(`the simulation from seed ${first} on ended with ${code ?? signal}`);
}
