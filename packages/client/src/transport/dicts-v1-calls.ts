import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type CommitOutcome,
  type CommitRequest,
  type ContentsParts,
  createError,
  type DictChange,
  type DictInfo,
  type DictStats,
  type Entry,
  type EverdictError,
  type FoundEntry,
  type KeyPattern,
  type Method,
  type Page,
  type PageRequest,
  type TimedEntry,
} from "@everdict/protocol";
import { Dicts } from "@everdict/protocol/dicts-api";
import {
  commitMessage,
  dictInfoFromDescription,
  expiryField,
  foundEntryFrom,
  outcomeFrom,
  patternMessages,
  plain,
  ttlField,
  uint32,
} from "./dicts-v1-messages.ts";
import type { GrpcTransport } from "./grpc-transport.ts";

const rpcs = Dicts.method;

/** The calls beyond Modal's, over the RPCs of our own servers. Modal's cloud has none: there they fail before anything is sent. */
export class DictsV1Calls {
  readonly #transport: GrpcTransport;
  readonly #isModal: boolean;

  constructor(transport: GrpcTransport, isModal: boolean) {
    this.#transport = transport;
    this.#isModal = isModal;
  }

  /** @throws `unsupported` on Modal's cloud */
  assertThere(what: string): void {
    if (this.#isModal) throw notOnModal(what);
  }

  async commit(dictId: string, request: CommitRequest, options?: CallOptions): Promise<CommitOutcome> {
    this.assertThere("commits");
    return outcomeFrom(await this.#call("commit", rpcs.commit, commitMessage(dictId, request), options));
  }

  async update(dictId: string, entries: readonly TimedEntry[], options?: CallOptions): Promise<void> {
    this.assertThere("times to live of entries");
    const timed = entries.map(({ key, value, ttlMs }) => ({
      key: plain(key),
      value: plain(value),
      ...ttlField("ttl", ttlMs),
    }));
    await this.#call("update", rpcs.update, { dictId, entries: timed }, options);
  }

  async entry(dictId: string, key: Uint8Array, options?: CallOptions): Promise<FoundEntry | undefined> {
    this.assertThere("versions");
    const { entry } = await this.#call("entry", rpcs.getEntry, { dictId, key: plain(key) }, options);
    return entry && foundEntryFrom(entry);
  }

  async getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    this.assertThere("reads of many keys");
    const request = { dictId, keys: keys.map(plain) };
    const { values } = await this.#call("getMany", rpcs.getMany, request, options);
    return values.map(({ value }) => value);
  }

  async removeMany(dictId: string, keys: readonly Uint8Array[], options?: CallOptions): Promise<number> {
    this.assertThere("removals of many keys");
    const request = { dictId, keys: keys.map(plain) };
    return (await this.#call("removeMany", rpcs.removeMany, request, options)).removed;
  }

  async page(
    dictId: string,
    { match, after, limit, values }: PageRequest,
    options?: CallOptions,
  ): Promise<Page> {
    this.assertThere("pages");
    const request = {
      dictId,
      match: patternMessages(match),
      ...(after && { after: plain(after) }),
      limit: uint32(limit, 0),
      values,
    };
    const { entries, next } = await this.#call("page", rpcs.getPage, request, options);
    return { entries, next };
  }

  async stats(dictId: string, options?: CallOptions): Promise<DictStats> {
    this.assertThere("statistics");
    const { entries, bytes } = await this.#call("stats", rpcs.getStats, { dictId }, options);
    return { entries, bytes };
  }

  async configureDict(dictId: string, change: DictChange, options?: CallOptions): Promise<DictInfo> {
    this.assertThere("changes of how a dictionary is set up");
    const request = {
      dictId,
      ...(change.expiry && { expiry: expiryField(change.expiry) }),
      ...(change.durability && { durability: change.durability }),
    };
    return dictInfoFromDescription(await this.#call("configureDict", rpcs.configure, request, options));
  }

  /** Entries whose keys match. */
  async *contents(
    dictId: string,
    { keys, values, match }: ContentsParts & { readonly match: readonly KeyPattern[] },
    options?: CallOptions,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    this.assertThere("patterns of keys");
    const request = { dictId, keys, values, match: patternMessages(match) };
    for await (const batch of this.#transport.stream(rpcs.contents, request, options)) {
      yield batch.flatMap(({ entries }) => entries);
    }
  }

  #call<I extends DescMessage, O extends DescMessage>(
    method: Method,
    rpc: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions | undefined,
  ): Promise<MessageShape<O>> {
    return this.#transport.unary({ method, rpc, request }, options);
  }
}

function notOnModal(what: string): EverdictError {
  return createError("unsupported", `Modal's cloud has no ${what}; nothing was sent`);
}
