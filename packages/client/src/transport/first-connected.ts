import { Status } from "@everdict/protocol";
import type { ServerAddress } from "../connection/server-address.ts";
import { type Attempt, firstInTurn } from "./first-in-turn.ts";
import type { RawChannel } from "./grpc-channel.ts";
import { GrpcFailure } from "./grpc-failure.ts";

/** A channel that can say when it is connected. */
export interface ConnectableChannel extends RawChannel {
  connected(timeoutMs: number): Promise<void>;
}

const attemptTimeoutMs = 10_000;

/**
 * Connects to the first server that answers, by turns. With a single address it returns at once: the calls
 * themselves connect.
 *
 * @throws {GrpcFailure} UNAVAILABLE if none can be reached.
 */
export async function firstConnected<C extends ConnectableChannel>(
  addresses: readonly ServerAddress[],
  open: (address: ServerAddress) => C,
): Promise<C> {
  if (addresses.length === 1) return open(addresses[0]!);
  const attempt =
    (address: ServerAddress): Attempt<C> =>
    async (signal) => {
      const channel = open(address);
      signal.addEventListener("abort", () => channel.close(), { once: true });
      try {
        await channel.connected(attemptTimeoutMs);
        return channel;
      } catch (error) {
        channel.close();
        throw error;
      }
    };
  return firstInTurn(addresses.map(attempt), {
    letGo: (channel) => channel.close(),
    failure: () => new GrpcFailure(Status.UNAVAILABLE, "none of the servers can be reached"),
  });
}
