import type { Limits } from "./limits.ts";
import type { Method } from "./methods/method-table.ts";
import type { Role } from "./permissions.ts";
import type { Durability } from "./service.ts";
import type { TokenAdmin } from "./token-admin.ts";

/** Who a connection belongs to, and what it reached. */
export interface CallerInfo {
  /** Of the token. */
  readonly tokenId: string;
  /** Who the token belongs to. */
  readonly name: string;
  readonly role: Role;
  /** The only environments that exist for it. Absent: all do. */
  readonly environments?: readonly string[] | undefined;
  /** When the token ends, in Unix seconds. Absent: never, or not known. */
  readonly endsAtSeconds?: number | undefined;
  /** What the server calls itself. */
  readonly workspace: string;
  /** The version of the server. */
  readonly version: string;
  readonly store: StoreKind;
  /** The most that a dictionary here can have. */
  readonly durability: Durability;
  readonly limits: Limits;
  /** Whether tokens of this server can be managed, by those who may. */
  readonly hasTokens: boolean;
}

/** Where a server keeps its entries. */
export type StoreKind = "memory" | "log" | "cluster";

/** How often something happened since the server started, by name. */
export type Counters = Readonly<Record<string, number>>;

/** What is known of the calls of one method since the server started. */
export interface MethodStatus {
  readonly method: Method;
  readonly calls: number;
  /** By error code. */
  readonly errors: Counters;
  /** Of those in the last minute, in seconds; absent if there were none. The upper bound of a class of durations. */
  readonly p50Seconds?: number | undefined;
  readonly p99Seconds?: number | undefined;
}

/** A server at one moment. Its parts are what `/metrics` shows, for people. */
export interface ServerStatus {
  readonly startedAtSeconds: number;
  readonly nowSeconds: number;
  /** Whether calls are answered, and what is wrong, by part. */
  readonly isReady: boolean;
  readonly problems: readonly {
    readonly part: string;
    readonly state: "degraded" | "failed";
    readonly reason: string;
  }[];
  readonly methods: readonly MethodStatus[];
  /** How long the event loop was late within the last minute, in seconds. */
  readonly loopDelayP50Seconds: number;
  readonly loopDelayP99Seconds: number;
  readonly memory: {
    readonly residentBytes: number;
    readonly heapBytes: number;
    /** Held for requests and answers of clients, and the most there may be. */
    readonly clientBytes: number;
    readonly clientMaxBytes: number;
  };
  readonly connections: {
    readonly open: number;
    readonly max: number;
    readonly sessions: number;
    readonly streams: number;
    readonly grpcCalls: number;
  };
  /** How much was refused, by reason. */
  readonly refusals: Counters;
  /** Sizes and counters of the store, by the names of `/metrics` without their prefix. */
  readonly store: Counters;
  /** Servers of a cluster; absent for other stores. */
  readonly nodes?: readonly NodeStatus[] | undefined;
}

/** A server of a cluster. */
export interface NodeStatus {
  readonly address: string;
  readonly role: "primary" | "replica";
  readonly slots: number;
  readonly isReachable: boolean;
  /** Commands that were sent to it again. */
  readonly retries: number;
}

/**
 * Figures of the last hour, one point for each `stepSeconds`. The server keeps them in a ring of fixed size, so what
 * was before its start is missing. Every series is as long as `endsAtSeconds - stepSeconds * length` to `endsAtSeconds`.
 */
export interface ServerHistory {
  readonly stepSeconds: number;
  /** When the last point ends, in Unix seconds. */
  readonly endsAtSeconds: number;
  readonly series: Readonly<Record<HistorySeries, readonly number[]>>;
}

/** What a server remembers of the last hour: rates in a second, durations in seconds, sizes in bytes. */
export const historySeries = [
  "reads",
  "writes",
  "errors",
  "readP50Seconds",
  "readP99Seconds",
  "writeP50Seconds",
  "writeP99Seconds",
  "loopDelayP99Seconds",
  "residentBytes",
  "clientBytes",
  "sessions",
  "entries",
  "flushes",
  "flushP99Seconds",
  "recordsPerFlush",
  "diskBytes",
  "expirations",
  "repeatedAnswers",
  "retries",
] as const;

/** The name of a series of {@link ServerHistory}. One that a store does not have is all zero. */
export type HistorySeries = (typeof historySeries)[number];

/** An operation that took long. It says where its time went, and never what was in it. */
export interface SlowOperation {
  readonly method: Method;
  /** When it began, in Unix seconds. */
  readonly atSeconds: number;
  readonly durationMs: number;
  /** Waiting for its turn or for room; in the store; of that, while the store flushed; on its way to the client. */
  readonly queueMs: number;
  readonly storeMs: number;
  readonly flushMs: number;
  readonly wireMs: number;
  /** Of all that, how long the event loop was late. */
  readonly loopMs: number;
  readonly transport: "session" | "grpc";
  readonly dictId?: string | undefined;
  /** Who called: the id of the token. */
  readonly tokenId: string;
  /** How many entries or keys it named. */
  readonly entries: number;
  /** Absent: it succeeded. */
  readonly errorCode?: string | undefined;
  /** What it is called in the log, in a trace and in its error. */
  readonly requestId: string;
}

/** Operations on one dictionary in the last minute. */
export interface DictRate {
  readonly dictId: string;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
}

/**
 * What a server tells about itself, to those who may know. A token that is limited to environments may ask for `caller`
 * and `rates`, others for everything; `tokens` needs an admin token.
 */
export interface ServerManagement {
  /** Who the caller is. @throws `unsupported` if what the client is connected to is no server, or an older one */
  caller(): Promise<CallerInfo>;
  /** The server at this moment. @throws `permission_denied`, `unsupported` */
  status(): Promise<ServerStatus>;
  /** The last hour. @throws `permission_denied`, `unsupported` */
  history(): Promise<ServerHistory>;
  /** The slowest operations of the last hour, the slowest first; at most 100. @throws `permission_denied`, `unsupported` */
  slowOperations(): Promise<readonly SlowOperation[]>;
  /** The busiest dictionaries that the caller may see, the busiest first; at most 1,000. @throws `unsupported` */
  rates(): Promise<readonly DictRate[]>;
  /** The tokens of the server. */
  readonly tokens: TokenAdmin;
}

/** What may be asked over a session by name; the argument and the answer are JSON. */
export const managementOperations = {
  caller: { needs: "nothing" },
  rates: { needs: "nothing" },
  status: { needs: "allEnvironments" },
  history: { needs: "allEnvironments" },
  slowOperations: { needs: "allEnvironments" },
  "tokens.create": { needs: "admin" },
  "tokens.list": { needs: "admin" },
  "tokens.rotate": { needs: "admin" },
  "tokens.revoke": { needs: "admin" },
} as const satisfies Readonly<Record<string, { readonly needs: "nothing" | "allEnvironments" | "admin" }>>;

/** The name of an operation of {@link ServerManagement}. */
export type ManagementOperation = keyof typeof managementOperations;
