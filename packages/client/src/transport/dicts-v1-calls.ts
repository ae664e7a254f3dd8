import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type {
  CallOptions,
  CommitOutcome,
  CommitRequest,
  ContentsParts,
  DictChange,
  DictInfo,
  DictStats,
  Entry,
  FoundEntry,
  KeyPattern,
  Method,
  Page,
  PageRequest,
  TimedEntry,
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

/** The calls beyond Modal's, over the RPCs of our own servers. */
export class DictsV1Calls {
  readonly #transport: GrpcTransport;

  constructor(transport: GrpcTransport) {
    this.#transport = transport;
  }

  async commit(dictId: string, request: CommitRequest, options?: CallOptions): Promise<CommitOutcome> {
    return outcomeFrom(await this.#call("commit", rpcs.commit, commitMessage(dictId, request), options));
  }

  async update(dictId: string, entries: readonly TimedEntry[], options?: CallOptions): Promise<void> {
    const timed = entries.map(({ key, value, ttlMs }) => ({
      key: plain(key),
      value: plain(value),
      ...ttlField("ttl", ttlMs),
    }));
    await this.#call("update", rpcs.update, { dictId, entries: timed }, options);
  }

  async entry(dictId: string, key: Uint8Array, options?: CallOptions): Promise<FoundEntry | undefined> {
    const { entry } = await this.#call("entry", rpcs.getEntry, { dictId, key: plain(key) }, options);
    return entry && foundEntryFrom(entry);
  }

  async getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const request = { dictId, keys: keys.map(plain) };
    const { values } = await this.#call("getMany", rpcs.getMany, request, options);
    return values.map(({ value }) => value);
  }

  async removeMany(dictId: string, keys: readonly Uint8Array[], options?: CallOptions): Promise<number> {
    const request = { dictId, keys: keys.map(plain) };
    return (await this.#call("removeMany", rpcs.removeMany, request, options)).removed;
  }

  async page(
    dictId: string,
    { match, after, limit, values }: PageRequest,
    options?: CallOptions,
  ): Promise<Page> {
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
    const { entries, bytes } = await this.#call("stats", rpcs.getStats, { dictId }, options);
    return { entries, bytes };
  }

  async configureDict(dictId: string, change: DictChange, options?: CallOptions): Promise<DictInfo> {
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
