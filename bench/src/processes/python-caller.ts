import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { RunningServer } from "../servers/running-server.ts";
import { owned } from "./owned-children.ts";

const script = fileURLToPath(new URL("../../python/get_loop.py", import.meta.url));

/** What one run of a Python process gave. */
export interface PythonRun {
  readonly calls: number;
  readonly seconds: number;
  /** What the process itself took. */
  readonly cpuSeconds: number;
}

/** A Python process with Modal's own client, that calls `get` in a loop when told to. */
export class PythonCaller {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  /** Starts one and waits until it has made its first calls. */
  static async start(interpreter: string, server: RunningServer, home: string): Promise<PythonCaller> {
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: home,
      MODAL_CONFIG_PATH: `${home}/.modal.toml`,
      MODAL_DISABLE_API_PROXY: "1",
      MODAL_SERVER_URL: `http://127.0.0.1:${server.port}`,
      MODAL_TOKEN_ID: server.tokenId,
      MODAL_TOKEN_SECRET: server.tokenSecret,
      PYTHONDONTWRITEBYTECODE: "1",
    };
    const child = owned(spawn(interpreter, [script], { env, stdio: ["pipe", "pipe", "inherit"] }));
    const caller = new PythonCaller(child);
    await caller.#line();
    return caller;
  }

  /** Calls for so long. */
  async run(seconds: number): Promise<PythonRun> {
    this.#child.stdin.write(`${seconds}\n`);
    return JSON.parse(await this.#line()) as PythonRun;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.stdin.end();
    await exited;
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("a Python process ended before it answered");
    return value;
  }
}
