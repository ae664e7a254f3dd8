import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type OwnedProcess, startOwnedProcess } from "./owned-process.ts";
import { repositoryRoot } from "./repository.ts";
import { type TemporaryDirectory, temporaryDirectory } from "./temporary-directory.ts";

/** How the server is started. */
export interface StartOptions {
  /** Where it keeps its data. Default: a new directory, removed with the last disposal. */
  readonly dataDirectory?: string | undefined;
  /** Whether it keeps everything in memory only. Default: false, the embedded store. */
  readonly memory?: boolean | undefined;
  /** The port. Default: a free one. */
  readonly port?: number | undefined;
  /** More arguments for `everdict serve`. */
  readonly args?: readonly string[] | undefined;
  /** Arguments for Node itself. */
  readonly nodeArgs?: readonly string[] | undefined;
  /** How many descriptors it may have open. Default: as many as this process. */
  readonly descriptorsMax?: number | undefined;
  /** The token of an earlier start, for a server that prints its secret only once. */
  readonly token?: Token | undefined;
  /** Fails if the server is not ready after this long. Default: 20,000. */
  readonly timeoutMs?: number | undefined;
}

/** The credentials of a caller. */
export interface Token {
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/** A running `everdict serve`, the real built program in a process of its own. */
export interface EverdictProcess extends AsyncDisposable {
  /** Its address, `http://127.0.0.1:PORT`. */
  readonly serverUrl: string;
  /** The connection URL for TypeScript, as printed. */
  readonly url: string;
  readonly port: number;
  readonly token: Token;
  readonly dataDirectory: string;
  /** The variables that connect Python's client and the `modal` command. */
  readonly env: Readonly<Record<string, string>>;
  /** The process's id. */
  readonly pid: number;
  /** Ends it as `kill -9` does. */
  kill9(): Promise<void>;
  /** Asks it to finish (SIGTERM) and resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Starts the server again on the same port and data after it has ended. */
  restart(): Promise<EverdictProcess>;
  /** What it printed on standard output so far. */
  printed(): string;
  /** The last part of its log. */
  log(): string;
}

/** Starts the built server and waits until it is ready. */
export async function startEverdict(options: StartOptions = {}): Promise<EverdictProcess> {
  const ownDirectory = options.dataDirectory === undefined ? temporaryDirectory() : undefined;
  const dataDirectory = options.dataDirectory ?? ownDirectory!.path;
  return start(options, dataDirectory, ownDirectory);
}

async function start(
  options: StartOptions,
  dataDirectory: string,
  ownDirectory: TemporaryDirectory | undefined,
): Promise<EverdictProcess> {
  const program = join(repositoryRoot, "packages", "cli", "bin", "everdict.js");
  if (!existsSync(join(repositoryRoot, "packages", "cli", "dist")))
    throw new Error("not built yet: npm run build");
  const port = String(options.port ?? 0);
  const store = options.memory ? ["--memory"] : ["--data-dir", dataDirectory];
  const { nodeArgs = [], args: more = [] } = options;
  const args = [...nodeArgs, program, "serve", "--port", port, ...store, ...more];
  const [command, commandArgs] = withDescriptors(process.execPath, args, options.descriptorsMax);
  const owned = startOwnedProcess(command, commandArgs, {
    PATH: process.env.PATH ?? "",
    HOME: dataDirectory,
  });
  const awaited = ["MODAL_SERVER_URL", "EVERDICT_URL"];
  if (options.token === undefined) awaited.push("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET");
  let output = "";
  owned.child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const printed = await readyLines(owned, awaited, options.timeoutMs ?? 20_000);

  const serverUrl = need(printed, "MODAL_SERVER_URL");
  const token = options.token ?? {
    tokenId: need(printed, "MODAL_TOKEN_ID"),
    tokenSecret: need(printed, "MODAL_TOKEN_SECRET"),
  };
  const usedPort = Number(new URL(serverUrl).port);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    owned.child.kill(signal);
    return (await owned.ended).code;
  };
  return {
    serverUrl,
    url: need(printed, "EVERDICT_URL"),
    port: usedPort,
    token,
    dataDirectory,
    env: {
      MODAL_SERVER_URL: serverUrl,
      MODAL_TOKEN_ID: token.tokenId,
      MODAL_TOKEN_SECRET: token.tokenSecret,
    },
    pid: owned.child.pid!,
    kill9: async () => {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
    restart: () => start({ ...options, port: usedPort, token }, dataDirectory, ownDirectory),
    printed: () => output,
    log: owned.errorOutput,
    [Symbol.asyncDispose]: async () => {
      await end("SIGKILL");
      ownDirectory?.[Symbol.dispose]();
    },
  };
}

/** A command that runs another one with this many descriptors and no more. */
function withDescriptors(
  command: string,
  args: readonly string[],
  descriptorsMax: number | undefined,
): [command: string, args: readonly string[]] {
  if (descriptorsMax === undefined) return [command, args];
  return ["/bin/sh", ["-c", `ulimit -n ${descriptorsMax} && exec "$@"`, "sh", command, ...args]];
}

/** Collects the printed `NAME=value` lines until all that are awaited are there. */
async function readyLines(
  owned: OwnedProcess,
  awaited: readonly string[],
  timeoutMs: number,
): Promise<Map<string, string>> {
  const printed = new Map<string, string>();
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: owned.child.stdout }).on("line", (line) => {
      const match = /^\s*(?:export )?([A-Z_]+)=["']?([^"']*)["']?\s*$/.exec(line);
      if (match !== null) printed.set(match[1]!, match[2]!);
      if (awaited.every((name) => printed.has(name))) resolve();
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      owned.child.kill("SIGKILL");
      reject(new Error(`the server was not ready after ${timeoutMs} ms\n${owned.errorOutput()}`));
    }, timeoutMs);
  });
  const early = owned.ended.then(({ code, signal }) => {
    throw new Error(`the server ended with ${code ?? signal} before it was ready\n${owned.errorOutput()}`);
  });
  await Promise.race([ready, limit, early]).finally(() => clearTimeout(timer));
  early.catch(() => {});
  return printed;
}

function need(printed: Map<string, string>, name: string): string {
  const value = printed.get(name);
  if (value === undefined || value === "") throw new Error(`the server printed no ${name}`);
  return value;
}
