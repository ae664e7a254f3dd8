import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

// Whatever a test run started must not outlive it, also when the run is interrupted.
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** How a process ended. */
export interface ProcessEnd {
  /** The exit code, or null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A started process whose streams are pipes. */
export interface OwnedProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves when it has ended and its output is read; rejects if it could not be started. */
  readonly ended: Promise<ProcessEnd>;
  /** The last part of what it wrote to standard error, for messages. */
  errorOutput(): string;
}

const errorOutputMaxCharacters = 20_000;

/** Starts a process that is killed with this one at the latest. */
export function startOwnedProcess(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): OwnedProcess {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-errorOutputMaxCharacters);
  });
  // A write to a process that has just ended is answered by its end, not by an exception here.
  child.stdin.on("error", () => {});
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  ended.catch(() => running.delete(child));
  return { child, ended, errorOutput: () => errors };
}
