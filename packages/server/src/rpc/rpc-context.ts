import type { Caller } from "@everdict/engine";
import type { CallOptions, ConnectionMemory, DictService, TokenAdmin, TokenInfo } from "@everdict/protocol";

/** What the RPCs about identity tell of this server. */
export interface ServerIdentity {
  /** The workspace that this server is. */
  readonly workspaceName: string;
  /** What is known of a token. */
  readonly describeToken: (tokenId: string) => TokenInfo | undefined;
  /** A short-lived token in JWT form for the JavaScript clients. */
  readonly issueAuthToken: (caller: Caller) => string;
}

/** How the RPCs about tokens change them. */
export interface TokenManagement {
  /** Absent: tokens of this server cannot be managed through it. */
  readonly tokens?: TokenAdmin | undefined;
  /** Writes down who did what. */
  readonly audit: (who: { readonly tokenId: string; readonly by: string }, what: string) => void;
}

/** What an RPC handler works with. */
export interface RpcContext extends TokenManagement {
  readonly caller: Caller;
  /** The dictionaries, as this caller. */
  readonly service: DictService;
  /** To be passed on to the service: signal and idempotency key of the call. */
  readonly options: CallOptions;
  /** What is held for the caller on its connection. */
  readonly memory: ConnectionMemory;
  readonly identity: ServerIdentity;
  /** See `Limits`: a request of more entries is refused before objects are made of them. */
  readonly requestMaxEntries: number;
}
