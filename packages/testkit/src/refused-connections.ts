import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type EventEmitter, errorMonitor } from "node:events";
import { within } from "./within.ts";

/**
 * Resolves once so many connections that this process tried to make to the port were refused, because nobody listens;
 * rejects if that takes longer than 20 s.
 *
 * @example
 * const call = dict.put("a", 1);
 * await refusedConnections(port, 3);
 * await startServer({ port });
 */
export async function refusedConnections(port: number, count: number): Promise<void> {
  let refused = 0;
  let isReached: () => void;
  const reached = new Promise<void>((resolve) => {
    isReached = resolve;
  });
  const watch = (message: unknown): void => {
    const { socket } = message as { readonly socket: EventEmitter };
    socket.once(errorMonitor, (error: NodeJS.ErrnoException & { readonly port?: number }) => {
      if (error.code === "ECONNREFUSED" && error.port === port && ++refused === count) isReached();
    });
  };
  subscribe("net.client.socket", watch);
  const what = `${count} connections to port ${port} are refused`;
  await within(what, 20_000, reached).finally(() => unsubscribe("net.client.socket", watch));
}
