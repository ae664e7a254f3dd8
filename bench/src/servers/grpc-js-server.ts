import { fileURLToPath } from "node:url";
import { startServer } from "../processes/child-server.ts";
import { profileArgs } from "../processes/profile-args.ts";
import type { RunningServer, ServerOptions } from "./running-server.ts";

const program = fileURLToPath(new URL("./grpc-js-program.js", import.meta.url));

/** Our handlers on an engine in memory, served by `@grpc/grpc-js` instead of our own module. */
export async function startGrpcJs({ profileDirectory }: ServerOptions): Promise<RunningServer> {
  const args = [...profileArgs(profileDirectory, "server grpc-js"), program];
  const server = await startServer(process.execPath, args, /^port \d+$/m);
  return {
    port: Number(/^port (\d+)$/m.exec(server.output)?.[1]),
    pid: server.pid,
    tokenId: "ak-bench",
    tokenSecret: "as-bench",
    tidy: async () => {},
    stop: server.stop,
  };
}
