import type { Argument } from "../resp/command-writer.ts";
import type { Reply } from "../resp/reply.ts";
import type { Address } from "./address.ts";

/**
 * What the router needs of a connection: send a batch of commands, hear its replies in order, hear its end, end it.
 * Nothing is ever sent again here: only the router decides what an end means for the commands under way.
 */
export interface Connection {
  /** Adds a command, behind a prefix if there is one, to what `flush` sends. Its bytes must not change until then. */
  add(command: readonly Argument[], prefix?: readonly Argument[]): void;
  /** Sends what was added in one go; replies arrive in the same order, later. */
  flush(): void;
  /** Ends it at once; commands without a reply may or may not have been executed. */
  destroy(): void;
}

/** Who hears of what happens on a connection. */
export interface ConnectionEvents {
  /** The next reply. */
  onReply(reply: Reply): void;
  /** Told once, also after `destroy`. No reply comes after it. */
  onEnd(reason: Error): void;
}

/** Makes connections, with whatever a server asks of a new one (TLS, a password) already done. */
export interface Transport {
  /** @throws whatever kept the connection from being made; nothing was sent then. */
  connect(address: Address, events: ConnectionEvents): Promise<Connection>;
}
