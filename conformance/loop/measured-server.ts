import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { DictService } from "@everdict/protocol";
import { temporaryDirectory } from "@everdict/testkit";
import { parseServerUrl } from "../../packages/client/src/connection/server-address.ts";
import { platform } from "../../packages/client/src/platform/node.ts";
import { connectServer } from "../../packages/client/src/transport/connect-server.ts";

/** A server in a process of its own, whose event loop is measured. */
export interface MeasuredServer extends AsyncDisposable {
  /** The same server over each transport. */
  readonly services: Readonly<Record<"session" | "gRPC", DictService>>;
  /** Where it may put backups. */
  readonly backups: string;
  /** Has it do something that no client can ask for. */
  ask(command: "take" | "advance" | "sweep" | "backup", argument?: unknown): Promise<unknown>;
  /** The longest time for which its event loop was held meanwhile, in milliseconds. */
  holdMs(work: () => Promise<unknown>): Promise<number>;
}

/** Starts one, on a new directory or in memory. */
export async function startMeasuredServer(store: "log" | "memory"): Promise<MeasuredServer> {
  const directory = temporaryDirectory();
  const backups = temporaryDirectory();
  const program = fileURLToPath(new URL("loop-server.mjs", import.meta.url));
  const child = fork(program, store === "log" ? [directory.path] : [], { execArgv: [] });
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  const pending = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  child.on("message", ({ id, result, error }: { id: number; result: unknown; error?: string }) => {
    const { resolve, reject } = pending.get(id)!;
    pending.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  child.on("exit", (code, signal) => {
    for (const { reject } of pending.values()) reject(new Error(`the server ended with ${code ?? signal}`));
  });
  let lastId = 0;
  const ask: MeasuredServer["ask"] = (command, argument) =>
    new Promise((resolve, reject) => {
      pending.set(++lastId, { resolve, reject });
      child.send({ id: lastId, command, argument });
    });
  const [session, grpc] = await Promise.all([connect(url, "session"), connect(url, "grpc")]);
  return {
    services: { session: session.service, gRPC: grpc.service },
    backups: backups.path,
    ask,
    holdMs: async (work) => {
      await ask("take");
      await work();
      return (await ask("take")) as number;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([session.close(), grpc.close()]);
      child.kill("SIGKILL");
      await once(child, "exit");
      directory[Symbol.dispose]();
      backups[Symbol.dispose]();
    },
  };
}

function connect(url: string, transport: "session" | "grpc") {
  const target = {
    kind: "server",
    addresses: [parseServerUrl(url, "test").address],
    credentials: { tokenId: "loop", tokenSecret: "loop" },
    maxThrottleWaitMs: undefined,
  } as const;
  return connectServer(target, { timeoutMs: 120_000, transport }, platform);
}
