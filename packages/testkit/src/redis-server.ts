/**
 * A real redis-server in a process of its own, in a directory of its own, on a free port.
 *
 * Learnt the hard way: `--cluster-port` must be given (the default, port + 10,000, may be beyond 65,535);
 * `--save ""`, or a server that is asked to stop writes a snapshot; a stopped process (SIGSTOP) can still be killed.
 */

import { writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { freePorts } from "./free-ports.ts";
import { type OwnedProcess, startOwnedProcess } from "./owned-process.ts";
import { redisInstallLine, redisProgram } from "./redis-program.ts";
import { type TemporaryDirectory, temporaryDirectory } from "./temporary-directory.ts";
import { waitUntil } from "./wait-until.ts";

/** How a server is started. */
export interface RedisServerOptions {
  readonly port: number;
  /** Present: Cluster mode, with this port for the other servers. */
  readonly clusterPort?: number | undefined;
  /** The content of `nodes.conf`, for a server that begins as part of a cluster. */
  readonly nodesConf?: string | undefined;
  /** More options, as for the program. */
  readonly args?: readonly string[] | undefined;
  /** The program. Default: as `redisProgram` finds it. */
  readonly program?: string | undefined;
}

/** One server and what a test may do to its process. */
export class RedisServer {
  readonly port: number;
  readonly #options: RedisServerOptions;
  readonly #program: string;
  readonly #directory: TemporaryDirectory;
  #process: OwnedProcess | undefined;

  /** Not started yet. @throws `Error` if there is no program. */
  constructor(options: RedisServerOptions) {
    const program = options.program ?? redisProgram();
    if (program === undefined) throw new Error(`no redis-server; to install it: ${redisInstallLine}`);
    this.#program = program;
    this.#options = options;
    this.port = options.port;
    this.#directory = temporaryDirectory();
    if (options.nodesConf !== undefined) {
      writeFileSync(join(this.#directory.path, "nodes.conf"), options.nodesConf);
    }
  }

  /** Starts one outside Cluster mode, on a port that is free. */
  static async startAlone(...args: readonly string[]): Promise<RedisServer> {
    const [port] = await freePorts(1);
    const server = new RedisServer({ port: port!, args });
    await server.start();
    return server;
  }

  /** Its address, `127.0.0.1:PORT`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The id of its process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#process?.child.pid;
  }

  /** Starts the process and waits until it listens. */
  async start(): Promise<void> {
    const { clusterPort, args = [] } = this.#options;
    const cluster =
      clusterPort === undefined
        ? []
        : [
            "--cluster-enabled",
            "yes",
            "--cluster-port",
            String(clusterPort),
            "--cluster-config-file",
            "nodes.conf",
          ];
    const owned = startOwnedProcess(
      this.#program,
      [
        ...["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#directory.path],
        ...["--save", "", "--repl-diskless-sync-delay", "0", "--loglevel", "warning"],
        ...cluster,
        ...args,
      ],
      { PATH: process.env.PATH ?? "", LC_ALL: "C" },
    );
    owned.child.stdout.resume();
    this.#process = owned;
    let ended = false;
    const onEnd = (): void => {
      ended = true;
    };
    owned.ended.then(onEnd, onEnd);
    await waitUntil(`redis-server listens on port ${this.port}`, async () => {
      if (ended) throw new Error(`redis-server ended at once: ${owned.errorOutput()}`);
      return await accepts(this.port);
    });
  }

  /** Ends the process as a crash does. Harmless if it has ended. */
  async kill(): Promise<void> {
    const owned = this.#process;
    this.#process = undefined;
    if (owned === undefined) return;
    owned.child.kill("SIGKILL");
    await owned.ended.catch(() => {});
  }

  /** Stops the process without ending it: connections stay, nothing is answered. */
  pause(): void {
    this.#process?.child.kill("SIGSTOP");
  }

  /** Lets a paused process go on. */
  resume(): void {
    this.#process?.child.kill("SIGCONT");
  }

  /** Kills it and removes its files. */
  async destroy(): Promise<void> {
    await this.kill();
    this.#directory[Symbol.dispose]();
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
