import type { PromptDictService, TokenMemory } from "@everdict/protocol";
import {
  type Carrier,
  type CarrierPairOptions,
  carrierPair,
  SessionClientConnection,
  SessionHost,
  type SessionHostOptions,
} from "../src/index.ts";

/** A server in memory that knows one token. */
export interface MemoryServer {
  readonly host: SessionHost;
  /** The client's end of a new connection. */
  connect(pair?: CarrierPairOptions): Carrier;
  /** Ends all connections at once, as a crash does. */
  crash(): void;
}

/** The token that {@link memoryServer} knows. */
export const token = { tokenId: "ak-test", tokenSecret: "as-secret" };

/** What a server in memory may be given. */
export interface MemoryServerOptions extends Partial<SessionHostOptions> {
  /** The account of {@link token}. */
  readonly memory?: TokenMemory;
}

/** Serves a service to clients that connect with {@link token}. */
export function memoryServer(
  service: PromptDictService,
  { memory, ...options }: MemoryServerOptions = {},
): MemoryServer {
  const caller = { service, isValid: () => true, memory };
  const host = new SessionHost({
    authorize: (tokenId, tokenSecret) =>
      tokenId === token.tokenId && tokenSecret === token.tokenSecret ? caller : undefined,
    ...options,
  });
  const ends = new Set<Carrier>();
  return {
    host,
    connect: (pair) => {
      const [clientEnd, serverEnd] = carrierPair(pair);
      ends.add(serverEnd);
      host.accept(serverEnd);
      return clientEnd;
    },
    crash: () => {
      for (const each of ends) each.destroy();
      ends.clear();
    },
  };
}

/** Bytes of a text. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Text of bytes. */
export const text = (found: Uint8Array | undefined): string | undefined =>
  found === undefined ? undefined : new TextDecoder().decode(found);

/** A connection to such a server. */
export function connected(
  service: PromptDictService,
  options: ConstructorParameters<typeof SessionClientConnection>[1] = {},
  hostOptions: MemoryServerOptions = {},
): { connection: SessionClientConnection; server: MemoryServer } {
  const server = memoryServer(service, hostOptions);
  const connection = new SessionClientConnection(server.connect(), { ...token, ...options });
  return { connection, server };
}
