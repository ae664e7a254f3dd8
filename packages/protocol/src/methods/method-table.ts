import type { DictStats, FoundEntry, Page, PageRequest } from "../bulk.ts";
import type { CommitOutcome, CommitRequest } from "../commit.ts";
import type { Entry, TimedEntry } from "../entry.ts";
import type { ErrorCode } from "../error-table.ts";
import type { Dicts } from "../gen/everdict/v1/dicts_pb.ts";
import type { ModalClient } from "../gen/modal/client/api_pb.ts";
import type { Need } from "../permissions.ts";
import type {
  ContentsParts,
  CreationMode,
  DictChange,
  DictInfo,
  DictService,
  EnvironmentInfo,
  GetOrCreateDictRequest,
  ListDictsRequest,
  UpdateEnvironmentRequest,
} from "../service.ts";

/** A method of {@link DictService}. */
export type Method = keyof DictService;

/**
 * Whether a call may be made again after an unknown outcome.
 *
 * - `always`: a repeat does no harm.
 * - `underKey`: only under the idempotency key of the first attempt, while the server is sure to know it.
 * - `creation`: as `underKey` where the mode says that the thing must be new, else as `always`.
 * - `untilDelivered`: a stream, as long as nothing of it was delivered.
 * - `never`: a repeat would not find what the first attempt changed.
 */
export type RepeatRule = "always" | "underKey" | "creation" | "untilDelivered" | "never";

/** What a request holds besides its dictionary, by kind. */
export interface RequestTypes {
  readonly nothing: undefined;
  readonly key: Uint8Array;
  readonly entry: Entry;
  readonly entries: readonly TimedEntry[];
  readonly commit: CommitRequest;
  readonly keys: readonly Uint8Array[];
  readonly page: PageRequest;
  readonly dictChange: DictChange;
  readonly parts: ContentsParts;
  readonly dictCreation: GetOrCreateDictRequest;
  readonly dictPage: ListDictsRequest;
  readonly environmentCreation: { readonly name: string; readonly mode: CreationMode };
  readonly environmentChange: UpdateEnvironmentRequest;
  readonly name: string;
}

/** What an answer is, by kind. */
export interface AnswerTypes {
  readonly done: undefined;
  /** No more than `done`; on the wire it is a flag that is set. */
  readonly written: undefined;
  /** A value, or absence. */
  readonly value: Uint8Array | undefined;
  readonly outcome: CommitOutcome;
  readonly foundEntry: FoundEntry | undefined;
  /** Values, or absences. */
  readonly values: readonly (Uint8Array | undefined)[];
  readonly page: Page;
  readonly stats: DictStats;
  readonly flag: boolean;
  readonly count: number;
  readonly dictInfo: DictInfo;
  readonly dictInfos: readonly DictInfo[];
  readonly environmentInfo: EnvironmentInfo;
  readonly environmentInfos: readonly EnvironmentInfo[];
  /** Batches of entries, then the end. */
  readonly stream: AsyncIterable<readonly Entry[]>;
}

/** What a method resolves to, nothing as `undefined`; of a stream, the stream. */
export type AnswerOf<M extends Method> =
  Promise<void> extends ReturnType<DictService[M]> ? undefined : Settled<ReturnType<DictService[M]>>;

type Settled<Result> = Result extends Promise<infer Answer> ? Answer : Result;

/** The kinds of answer that a method can have, by what it resolves to. */
type AnswerKindOf<M extends Method> = {
  [Kind in keyof AnswerTypes]: [AnswerOf<M>, AnswerTypes[Kind]] extends [AnswerTypes[Kind], AnswerOf<M>]
    ? Kind
    : never;
}[keyof AnswerTypes];

/** One row of {@link methodTable}. */
export interface MethodRule {
  /** What it needs: `read` changes nothing, `write` changes entries and dictionaries, `admin` environments. */
  readonly needs: Need;
  /** The same for a request of the mode `lookup`, where the method has modes. Absent: it has none. */
  readonly lookupNeeds?: Need;
  /** What its first argument names. `server`: nothing, it is about all environments. */
  readonly names: "dict" | "environment" | "server";
  /** Whether it may be made again after an unknown outcome. */
  readonly repeat: RepeatRule;
  /** The error that a repeat ends with if an earlier attempt took effect: then the call was done. */
  readonly doneIf?: ErrorCode;
  /** What it is called over gRPC, where several methods may be one RPC and one method several. */
  readonly rpcs: readonly (keyof typeof ModalClient.method | keyof typeof Dicts.method)[];
  /** The type of its frame in a session. */
  readonly frame: number;
  readonly request: keyof RequestTypes;
  readonly answer: keyof AnswerTypes;
}

// biome-ignore format: a row reads as two lines, what it needs and what it is called.
/**
 * Every method there is: the one place that says what a method needs, whether it can be repeated, and what it is called
 * on each wire. The engine's checks, the frames and codecs of sessions, the retries of both transports, the RPCs that
 * only read, docs/security.md, docs/semantics.md and the tests derive from it.
 *
 * Reading counts as use, so it may prolong the life of entries.
 */
export const methodTable = {
  get: {
    names: "dict", needs: "read", repeat: "always",
    rpcs: ["dictGet"], frame: 0x10, request: "key", answer: "value",
  },
  contains: {
    names: "dict", needs: "read", repeat: "always",
    rpcs: ["dictContains"], frame: 0x11, request: "key", answer: "flag",
  },
  len: {
    names: "dict", needs: "read", repeat: "always",
    rpcs: ["dictLen"], frame: 0x12, request: "nothing", answer: "count",
  },
  update: {
    names: "dict", needs: "write", repeat: "always",
    rpcs: ["dictUpdate", "update"], frame: 0x13, request: "entries", answer: "written",
  },
  putIfAbsent: {
    names: "dict", needs: "write", repeat: "underKey",
    rpcs: ["dictUpdate"], frame: 0x14, request: "entry", answer: "flag",
  },
  pop: {
    names: "dict", needs: "write", repeat: "underKey",
    rpcs: ["dictPop"], frame: 0x15, request: "key", answer: "value",
  },
  remove: {
    names: "dict", needs: "write", repeat: "underKey",
    rpcs: ["dictPop"], frame: 0x18, request: "key", answer: "flag",
  },
  clear: {
    names: "dict", needs: "write", repeat: "always",
    rpcs: ["dictClear"], frame: 0x16, request: "nothing", answer: "done",
  },
  contents: {
    names: "dict", needs: "read", repeat: "untilDelivered",
    rpcs: ["dictContents", "contents"], frame: 0x17, request: "parts", answer: "stream",
  },
  commit: {
    names: "dict", needs: "write", repeat: "underKey",
    rpcs: ["commit"], frame: 0x19, request: "commit", answer: "outcome",
  },
  entry: {
    names: "dict", needs: "read", repeat: "always",
    rpcs: ["getEntry"], frame: 0x1a, request: "key", answer: "foundEntry",
  },
  getMany: {
    names: "dict", needs: "read", repeat: "always",
    rpcs: ["getMany"], frame: 0x1b, request: "keys", answer: "values",
  },
  removeMany: {
    names: "dict", needs: "write", repeat: "underKey",
    rpcs: ["removeMany"], frame: 0x1c, request: "keys", answer: "count",
  },
  page: {
    names: "dict", needs: "read", repeat: "always",
    rpcs: ["getPage"], frame: 0x1d, request: "page", answer: "page",
  },
  stats: {
    names: "dict", needs: "read", repeat: "always",
    rpcs: ["getStats"], frame: 0x1e, request: "nothing", answer: "stats",
  },
  getOrCreateDict: {
    names: "environment", needs: "write", lookupNeeds: "read", repeat: "creation",
    rpcs: ["dictGetOrCreate"], frame: 0x20, request: "dictCreation", answer: "dictInfo",
  },
  getDictById: {
    names: "dict", needs: "read", repeat: "always",
    rpcs: ["dictGetById", "getInfo"], frame: 0x21, request: "nothing", answer: "dictInfo",
  },
  deleteDict: {
    names: "dict", needs: "write", repeat: "always", doneIf: "dict_not_found",
    rpcs: ["dictDelete"], frame: 0x22, request: "nothing", answer: "done",
  },
  listDicts: {
    names: "environment", needs: "read", repeat: "always",
    rpcs: ["dictList"], frame: 0x23, request: "dictPage", answer: "dictInfos",
  },
  configureDict: {
    names: "dict", needs: "write", repeat: "always",
    rpcs: ["configure"], frame: 0x25, request: "dictChange", answer: "dictInfo",
  },
  heartbeat: {
    names: "dict", needs: "write", repeat: "always",
    rpcs: ["dictHeartbeat"], frame: 0x24, request: "nothing", answer: "done",
  },
  listEnvironments: {
    names: "server", needs: "read", repeat: "always",
    rpcs: ["environmentList"], frame: 0x30, request: "nothing", answer: "environmentInfos",
  },
  getOrCreateEnvironment: {
    names: "environment", needs: "admin", lookupNeeds: "read", repeat: "creation",
    rpcs: ["environmentGetOrCreate", "environmentCreate"], frame: 0x31, request: "environmentCreation", answer: "environmentInfo",
  },
  updateEnvironment: {
    names: "environment", needs: "admin", repeat: "never",
    rpcs: ["environmentUpdate"], frame: 0x32, request: "environmentChange", answer: "environmentInfo",
  },
  deleteEnvironment: {
    names: "environment", needs: "admin", repeat: "always", doneIf: "environment_not_found",
    rpcs: ["environmentDelete"], frame: 0x33, request: "name", answer: "done",
  },
} as const satisfies { readonly [M in Method]: MethodRule & { readonly answer: AnswerKindOf<M> } };

/** The methods of which one column has this value. */
type MethodsWhere<Column extends keyof MethodRule, Value> = {
  [M in Method]: (typeof methodTable)[M] extends Readonly<Record<Column, Value>> ? M : never;
}[Method];

/** What a request of a method holds besides its dictionary. */
export type RequestOf<M extends Method> = RequestTypes[(typeof methodTable)[M]["request"]];

/** The methods that come with an idempotency key. */
export type IdempotentMethod = MethodsWhere<"repeat", "underKey" | "creation">;

/** Those of them that are about one entry: a store records their answers beside the entry. */
export type RecordedMethod = MethodsWhere<"repeat", "underKey">;

/** The names of all methods, in the order of the table. */
export const methods = Object.keys(methodTable) as readonly Method[];

/** The row of a method, without what is particular to it. */
export function methodRule(method: Method): MethodRule {
  return methodTable[method];
}
