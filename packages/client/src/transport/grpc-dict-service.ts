/**
 * DictService over gRPC: by Modal's API (protocol section 2), and what goes beyond it by our own RPCs. Each method is
 * one RPC, but for two things.
 * Modal's answers about environments lack parts of {@link EnvironmentInfo}, which are then read from the list;
 * and a list of dictionaries is one page, as asked for.
 */

import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import {
  type CallOptions,
  type CommitOutcome,
  type CommitRequest,
  type ContentsParts,
  type CreationMode,
  createError,
  type DictChange,
  type DictInfo,
  type DictService,
  type DictStats,
  type Entry,
  type EnvironmentInfo,
  type FoundEntry,
  type GetOrCreateDictRequest,
  type ListDictsRequest,
  type Method,
  type Page,
  type PageRequest,
  type TimedEntry,
  type UpdateEnvironmentRequest,
} from "@everdict/protocol";
import { ModalClient } from "@everdict/protocol/api";
import { creationTypes, durabilityNumbers, expiryMessage } from "@everdict/protocol/grpc-words";
import { DictsV1Calls } from "./dicts-v1-calls.ts";
import { plain } from "./dicts-v1-messages.ts";
import type { GrpcTransport } from "./grpc-transport.ts";
import { dictInfoFrom, dictInfoFromListItem, environmentInfoFrom } from "./messages.ts";

const rpcs = ModalClient.method;

/** A remote dictionary service. */
export class GrpcDictService implements DictService {
  readonly #transport: GrpcTransport;
  readonly #own: DictsV1Calls;

  constructor(transport: GrpcTransport) {
    this.#transport = transport;
    this.#own = new DictsV1Calls(transport);
  }

  async getOrCreateDict(request: GetOrCreateDictRequest, options?: CallOptions): Promise<DictInfo> {
    const { shards } = request;
    const answer = await this.#call(
      "getOrCreateDict",
      rpcs.dictGetOrCreate,
      {
        deploymentName: request.mode === "ephemeral" ? "" : request.name,
        environmentName: request.environment,
        objectCreationType: creationTypes[request.mode],
        data: (request.data ?? []).map(asMessage),
        ...(request.expiry && { everdictExpiry: expiryMessage(request.expiry) }),
        ...(request.durability && { everdictDurability: durabilityNumbers[request.durability] }),
        ...(shards !== undefined && { everdictShards: shards }),
      },
      options,
      request.mode,
    );
    return dictInfoFrom(answer);
  }

  async getDictById(dictId: string, options?: CallOptions): Promise<DictInfo> {
    return dictInfoFrom(await this.#call("getDictById", rpcs.dictGetById, { dictId }, options));
  }

  async deleteDict(dictId: string, options?: CallOptions): Promise<void> {
    await this.#call("deleteDict", rpcs.dictDelete, { dictId }, options);
  }

  async listDicts(request: ListDictsRequest, options?: CallOptions): Promise<readonly DictInfo[]> {
    const answer = await this.#call(
      "listDicts",
      rpcs.dictList,
      {
        environmentName: request.environment,
        pagination: {
          maxObjects: request.maxObjects,
          // The field has no presence. Official clients say "now" for "no bound"; a day later is as good and
          // does not lose the newest when the server's clock is ahead.
          createdBefore: request.createdBeforeSeconds ?? Date.now() / 1000 + dayInSeconds,
        },
      },
      options,
    );
    return answer.dicts.map(dictInfoFromListItem);
  }

  async heartbeat(dictId: string, options?: CallOptions): Promise<void> {
    await this.#call("heartbeat", rpcs.dictHeartbeat, { dictId }, options);
  }

  async get(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return foundValue(await this.#call("get", rpcs.dictGet, { dictId, key: plain(key) }, options));
  }

  async contains(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean> {
    return (await this.#call("contains", rpcs.dictContains, { dictId, key: plain(key) }, options)).found;
  }

  async len(dictId: string, options?: CallOptions): Promise<number> {
    return (await this.#call("len", rpcs.dictLen, { dictId }, options)).len;
  }

  async update(dictId: string, entries: readonly TimedEntry[], options?: CallOptions): Promise<void> {
    if (entries.some(({ ttlMs }) => ttlMs !== undefined)) return this.#own.update(dictId, entries, options);
    await this.#call("update", rpcs.dictUpdate, { dictId, updates: entries.map(asMessage) }, options);
  }

  async putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    options?: CallOptions,
  ): Promise<boolean> {
    const request = { dictId, updates: [asMessage({ key, value })], ifNotExists: true };
    return (await this.#call("putIfAbsent", rpcs.dictUpdate, request, options)).created;
  }

  async pop(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return foundValue(await this.#call("pop", rpcs.dictPop, { dictId, key: plain(key) }, options));
  }

  /** Modal's API has no such call: the value travels, too. */
  async remove(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean> {
    return (await this.#call("remove", rpcs.dictPop, { dictId, key: plain(key) }, options)).found;
  }

  async clear(dictId: string, options?: CallOptions): Promise<void> {
    await this.#call("clear", rpcs.dictClear, { dictId }, options);
  }

  contents(dictId: string, parts: ContentsParts, options?: CallOptions): AsyncIterable<readonly Entry[]> {
    const { keys, values, match } = parts;
    if (match !== undefined) return this.#own.contents(dictId, { keys, values, match }, options);
    return this.#transport.stream(rpcs.dictContents, { dictId, keys, values }, options);
  }

  commit(dictId: string, request: CommitRequest, options?: CallOptions): Promise<CommitOutcome> {
    return this.#own.commit(dictId, request, options);
  }

  entry(dictId: string, key: Uint8Array, options?: CallOptions): Promise<FoundEntry | undefined> {
    return this.#own.entry(dictId, key, options);
  }

  getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#own.getMany(dictId, keys, options);
  }

  removeMany(dictId: string, keys: readonly Uint8Array[], options?: CallOptions): Promise<number> {
    return this.#own.removeMany(dictId, keys, options);
  }

  page(dictId: string, request: PageRequest, options?: CallOptions): Promise<Page> {
    return this.#own.page(dictId, request, options);
  }

  stats(dictId: string, options?: CallOptions): Promise<DictStats> {
    return this.#own.stats(dictId, options);
  }

  configureDict(dictId: string, change: DictChange, options?: CallOptions): Promise<DictInfo> {
    return this.#own.configureDict(dictId, change, options);
  }

  async listEnvironments(options?: CallOptions): Promise<readonly EnvironmentInfo[]> {
    const { items } = await this.#call("listEnvironments", rpcs.environmentList, {}, options);
    return items.map(environmentInfoFrom).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async getOrCreateEnvironment(
    name: string,
    mode: CreationMode,
    options?: CallOptions,
  ): Promise<EnvironmentInfo> {
    if (mode === "createFailIfExists") {
      await this.#call("getOrCreateEnvironment", rpcs.environmentCreate, { name }, options, mode);
      return this.#environment((one) => one.name === name, name, options);
    }
    const request = { deploymentName: name, objectCreationType: creationTypes[mode] };
    const answer = await this.#call(
      "getOrCreateEnvironment",
      rpcs.environmentGetOrCreate,
      request,
      options,
      mode,
    );
    return this.#environment((one) => one.environmentId === answer.environmentId, name, options);
  }

  async updateEnvironment(
    request: UpdateEnvironmentRequest,
    options?: CallOptions,
  ): Promise<EnvironmentInfo> {
    const answer = await this.#call(
      "updateEnvironment",
      rpcs.environmentUpdate,
      {
        currentName: request.currentName,
        ...(request.name !== undefined && { name: request.name }),
        ...(request.webSuffix !== undefined && { webSuffix: request.webSuffix }),
      },
      options,
    );
    if (answer.environmentId !== "") return environmentInfoFrom(answer);
    const name = request.name ?? request.currentName;
    return this.#environment((one) => one.name === name, name, options);
  }

  async deleteEnvironment(name: string, options?: CallOptions): Promise<void> {
    await this.#call("deleteEnvironment", rpcs.environmentDelete, { name }, options);
  }

  #call<I extends DescMessage, O extends DescMessage>(
    method: Method,
    rpc: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: CallOptions | undefined,
    mode?: string,
  ): Promise<MessageShape<O>> {
    return this.#transport.unary({ method, rpc, request, mode }, options);
  }

  async #environment(
    matches: (environment: EnvironmentInfo) => boolean,
    name: string,
    options: CallOptions | undefined,
  ): Promise<EnvironmentInfo> {
    // A second call must not reuse the key of the first, or a server could answer it with the first's answer.
    const found = (await this.listEnvironments({ ...options, idempotencyKey: undefined })).find(matches);
    if (found !== undefined) return found;
    throw createError("environment_not_found", `Environment '${name}' not found`);
  }
}

const dayInSeconds = 24 * 60 * 60;

function foundValue(answer: {
  readonly found: boolean;
  readonly value?: Uint8Array;
}): Uint8Array | undefined {
  return answer.found ? (answer.value ?? new Uint8Array(0)) : undefined;
}

function asMessage({ key, value }: Entry) {
  return { key: plain(key), value: plain(value) };
}
