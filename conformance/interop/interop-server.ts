import {
  type EverdictProcess,
  type Python,
  type PythonVersion,
  startEverdict,
  startPython,
} from "@everdict/testkit";
import type { Client } from "everdict";
import { connectTo } from "../connect-to.ts";
import { parameters } from "../parameters.ts";

/** A server, and both languages connected to it. */
export interface InteropServer extends AsyncDisposable {
  readonly server: EverdictProcess;
  readonly client: Client;
  readonly python: Python;
}

/**
 * Starts the built server, connects TypeScript to it over gRPC, and starts Python against it.
 *
 * @param args more arguments for the server: where it keeps its data.
 */
export async function startInteropServer(
  version: PythonVersion,
  args?: readonly string[],
): Promise<InteropServer> {
  const server = await startEverdict(args === undefined ? { memory: parameters.memoryStore } : { args });
  const client = connectTo(server);
  const python = startPython(version, server.env);
  return {
    server,
    client,
    python,
    [Symbol.asyncDispose]: async () => {
      await python.stop();
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

let lastNumber = 0;

/** A dict name that no other case uses. */
export function uniqueName(): string {
  lastNumber += 1;
  return `case-${process.pid}-${String(lastNumber).padStart(5, "0")}`;
}
