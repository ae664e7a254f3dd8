import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { DisturbedServer } from "./disturbed-server.ts";

/** A process that works until it has done what it was told, or is told to stop. */
export interface Working {
  /** What it said last. @throws if it ended before that */
  readonly done: Promise<unknown>;
  /** Tells it to end, if it works until then. */
  stop(): void;
  kill(): void;
}

/** Starts a program of this folder, and resolves when it is connected and about to begin. */
export async function startWorking(
  program: string,
  { url, token }: DisturbedServer,
  args: readonly (string | number)[],
): Promise<Working> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const connection = JSON.stringify({ url, ...token });
  const child = fork(path, [connection, ...args.map(String)], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  const done = lastMessage(child, program);
  // Looked at when it is awaited.
  done.catch(() => {});
  return { done, stop: () => child.send("stop"), kill: () => child.kill("SIGKILL") };
}

async function lastMessage(child: ChildProcess, program: string): Promise<unknown> {
  let last: unknown;
  child.on("message", (message) => {
    last = message;
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0 || last === undefined) throw new Error(`${program} ended with ${code}`);
  return last;
}
