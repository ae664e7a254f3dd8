import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { owned } from "./owned-children.ts";

/** A server in its own process. */
export interface ChildServer {
  readonly pid: number;
  /** What it wrote to its standard output until it was ready. */
  readonly output: string;
  stop(): Promise<void>;
}

/**
 * Starts a program and waits until `ready` matches its standard output.
 *
 * @throws with what it wrote to standard error if it ends before, or takes too long
 */
export async function startServer(
  program: string,
  args: readonly string[],
  ready: RegExp,
  readyTimeoutMs = 20_000,
): Promise<ChildServer> {
  const child = owned(spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] }));
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  const deadline = Date.now() + readyTimeoutMs;
  while (!ready.test(output)) {
    if (failure !== undefined || child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`${program} did not become ready: ${failure?.message ?? (errors || output)}`);
    }
    await sleep(20);
  }
  return { pid: child.pid!, output, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}

/** A port of the loopback interface that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Resolves once somebody listens on the port. */
export async function waitForPort(port: number, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    if (Date.now() > deadline) throw new Error(`nobody listens on port ${port}`);
    await sleep(20);
  }
}
