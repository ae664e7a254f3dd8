// Runs a bundle of the simulation (simulation-bundle.mjs) in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

// There is a process for each processor: a collector with threads of its own takes a fifth longer.
const gcFlags = ["--single-threaded-gc", "--min-semi-space-size=32", "--max-semi-space-size=32"];

/**
 * Runs seeds `first`, `first + step`, … until `count` are done or there were enough violations, and hands every
 * line the process writes to `onLine`. Resolves when the process has ended. @throws if it did not end by itself
 */
export async function runSimulation({ bundle, first, count, step, violationsMax }, onLine) {
  const args = [bundle, first, count, step, violationsMax].map(String);
  const child = spawn(process.execPath, [...gcFlags, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) onLine(JSON.parse(line));
  const [code, signal] = await exited;
  if (code !== 0) throw new Error(`the simulation from seed ${first} on ended with ${code ?? signal}`);
}
