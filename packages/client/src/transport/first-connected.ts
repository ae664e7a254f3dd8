/**
 * Choosing among equivalent servers (protocol section 1.1): attempts to connect race, each next one starting
 * three seconds after the one before or as soon as that one failed; the first that connects is used from then
 * on and the others are closed.
 */

import { Status } from "@everdict/protocol";
import type { ServerAddress } from "../connection/server-address.ts";
import type { RawChannel } from "./grpc-channel.ts";
import { GrpcFailure } from "./grpc-failure.ts";

/** A channel that can say when it is connected. */
export interface ConnectableChannel extends RawChannel {
  connected(timeoutMs: number): Promise<void>;
}

const headStartMs = 3000;
const attemptTimeoutMs = 10_000;

/**
 * Connects to the first server that answers. With a single address it returns at once: the calls themselves
 * connect.
 *
 * @throws {GrpcFailure} UNAVAILABLE if none can be reached.
 */
export async function firstConnected<C extends ConnectableChannel>(
  addresses: readonly ServerAddress[],
  open: (address: ServerAddress) => C,
): Promise<C> {
  if (addresses.length === 1) return open(addresses[0]!);
  const opened: C[] = [];
  return new Promise((resolve, reject) => {
    let failed = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let winner: C | undefined;

    const startNext = () => {
      clearTimeout(timer);
      const address = addresses[opened.length];
      if (address === undefined || winner !== undefined) return;
      const channel = open(address);
      opened.push(channel);
      if (opened.length < addresses.length) timer = setTimeout(startNext, headStartMs);
      channel.connected(attemptTimeoutMs).then(
        () => {
          if (winner !== undefined) return;
          winner = channel;
          clearTimeout(timer);
          for (const other of opened) if (other !== channel) other.close();
          resolve(channel);
        },
        () => {
          channel.close();
          failed += 1;
          if (winner !== undefined) return;
          if (failed === addresses.length)
            reject(new GrpcFailure(Status.UNAVAILABLE, "none of the servers can be reached"));
          else startNext();
        },
      );
    };
    startNext();
  });
}
