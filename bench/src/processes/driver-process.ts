import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ClientSpec } from "../clients/dict-client.ts";
import type { Sample } from "../measure/sample.ts";
import type { ValueSize } from "../workload.ts";
import type { DriverReply, DriverRequest, IterateResult, OpenResult } from "./driver-messages.ts";
import { owned } from "./owned-children.ts";
import { profileArgs } from "./profile-args.ts";

const program = fileURLToPath(new URL("../driver.js", import.meta.url));

/** How a driver is started. */
export interface DriverOptions {
  readonly client: ClientSpec;
  readonly serverPid: number | undefined;
  /** For the file of its profile. */
  readonly name: string;
  /** Where CPU profiles go. Default: none are taken. */
  readonly profileDirectory: string | undefined;
}

/** A client in its own process, doing one thing at a time. */
export class DriverProcess {
  readonly #child: ChildProcess;
  readonly opened: OpenResult;

  private constructor(child: ChildProcess, opened: OpenResult) {
    this.#child = child;
    this.opened = opened;
  }

  static async start({ client, serverPid, name, profileDirectory }: DriverOptions): Promise<DriverProcess> {
    const child = owned(
      fork(program, [], {
        execArgv: profileArgs(profileDirectory, `client ${name}`),
        serialization: "advanced",
      }),
    );
    try {
      const opened = (await ask(child, { do: "open", client, serverPid })) as OpenResult;
      return new DriverProcess(child, opened);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** Has it run a loop. */
  measure(request: DriverRequest & { do: "closedLoop" | "openLoop" | "update" }): Promise<Sample> {
    return ask(this.#child, request) as Promise<Sample>;
  }

  iterate(size: ValueSize, raw: boolean): Promise<IterateResult> {
    return ask(this.#child, { do: "iterate", size, raw }) as Promise<IterateResult>;
  }

  /** Has it remove everything; answers how long that took, in milliseconds. */
  clear(): Promise<number> {
    return ask(this.#child, { do: "clear" }) as Promise<number>;
  }

  /** Has it write what the runs need. */
  async prepare(request: DriverRequest & { do: "fill" | "addEntries" }): Promise<void> {
    await ask(this.#child, request);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    await ask(this.#child, { do: "close" });
    await exited;
  }
}

function ask(child: ChildProcess, request: DriverRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      child.off("message", onMessage);
      child.off("exit", onExit);
    };
    const onMessage = (reply: DriverReply): void => {
      stop();
      if ("error" in reply) reject(new Error(reply.error));
      else resolve(reply.ok);
    };
    const onExit = (code: number | null): void => {
      stop();
      reject(new Error(`a driver ended with ${code} while it was to ${request.do}`));
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.send(request);
  });
}
