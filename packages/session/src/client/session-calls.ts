import {
  type AnswerTypes,
  assertMayBegin,
  CallBounds,
  type CallOptions,
  type CommitOutcome,
  type CommitRequest,
  type ContentsParts,
  type CreationMode,
  type DictChange,
  type DictInfo,
  type DictService,
  type DictStats,
  type Entry,
  type EnvironmentInfo,
  errorFrom,
  type FoundEntry,
  type GetOrCreateDictRequest,
  isBounded,
  type ListDictsRequest,
  type Method,
  type Page,
  type PageRequest,
  type RequestOf,
  type TimedEntry,
  type UpdateEnvironmentRequest,
} from "@everdict/protocol";
import { type AnswerKind, methodFrames } from "../messages/method-frames.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { IncomingStream } from "./incoming-stream.ts";
import { Operation, SendWindow } from "./operation.ts";
import { requestBytes } from "./request-writer.ts";

/**
 * DictService as operations: the part that all clients of sessions share.
 *
 * Nothing here is `async`: each `async` layer around a call would cost a third of the rate.
 */

/** A larger request counts as large, so that it does not hold up small calls. */
const smallMaxBytes = 16_384;
/** Implements the methods of DictService with a dispatcher. */
export abstract class SessionCalls implements DictService {
  protected abstract readonly dispatcher: Dispatcher;

  getOrCreateDict(request: GetOrCreateDictRequest, options?: CallOptions): Promise<DictInfo> {
    return this.#call("getOrCreateDict", "", request, options);
  }

  getDictById(dictId: string, options?: CallOptions): Promise<DictInfo> {
    return this.#call("getDictById", dictId, undefined, options);
  }

  deleteDict(dictId: string, options?: CallOptions): Promise<void> {
    return this.#call("deleteDict", dictId, undefined, options);
  }

  listDicts(request: ListDictsRequest, options?: CallOptions): Promise<readonly DictInfo[]> {
    return this.#call("listDicts", "", request, options);
  }

  heartbeat(dictId: string, options?: CallOptions): Promise<void> {
    return this.#call("heartbeat", dictId, undefined, options);
  }

  get(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return this.#call("get", dictId, key, options);
  }

  contains(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean> {
    return this.#call("contains", dictId, key, options);
  }

  len(dictId: string, options?: CallOptions): Promise<number> {
    return this.#call("len", dictId, undefined, options);
  }

  update(dictId: string, entries: readonly TimedEntry[], options?: CallOptions): Promise<void> {
    return this.#call("update", dictId, entries, options);
  }

  putIfAbsent(dictId: string, key: Uint8Array, value: Uint8Array, options?: CallOptions): Promise<boolean> {
    return this.#call("putIfAbsent", dictId, { key, value }, options);
  }

  pop(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return this.#call("pop", dictId, key, options);
  }

  remove(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean> {
    return this.#call("remove", dictId, key, options);
  }

  commit(dictId: string, request: CommitRequest, options?: CallOptions): Promise<CommitOutcome> {
    return this.#call("commit", dictId, request, options);
  }

  entry(dictId: string, key: Uint8Array, options?: CallOptions): Promise<FoundEntry | undefined> {
    return this.#call("entry", dictId, key, options);
  }

  getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#call("getMany", dictId, keys, options);
  }

  removeMany(dictId: string, keys: readonly Uint8Array[], options?: CallOptions): Promise<number> {
    return this.#call("removeMany", dictId, keys, options);
  }

  page(dictId: string, request: PageRequest, options?: CallOptions): Promise<Page> {
    return this.#call("page", dictId, request, options);
  }

  stats(dictId: string, options?: CallOptions): Promise<DictStats> {
    return this.#call("stats", dictId, undefined, options);
  }

  configureDict(dictId: string, change: DictChange, options?: CallOptions): Promise<DictInfo> {
    return this.#call("configureDict", dictId, change, options);
  }

  clear(dictId: string, options?: CallOptions): Promise<void> {
    return this.#call("clear", dictId, undefined, options);
  }

  async *contents(
    dictId: string,
    parts: ContentsParts,
    options?: CallOptions,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    assertMayBegin(options);
    const operation = this.#operation("contents", dictId, parts);
    const stream = new IncomingStream(operation);
    operation.stream = stream;
    this.#begin(operation, options);
    try {
      for (;;) {
        const batch = await stream.next();
        if (batch === undefined) return;
        yield batch;
      }
    } finally {
      operation.succeed(undefined);
    }
  }

  listEnvironments(options?: CallOptions): Promise<readonly EnvironmentInfo[]> {
    return this.#call("listEnvironments", "", undefined, options);
  }

  getOrCreateEnvironment(name: string, mode: CreationMode, options?: CallOptions): Promise<EnvironmentInfo> {
    return this.#call("getOrCreateEnvironment", "", { name, mode }, options);
  }

  updateEnvironment(request: UpdateEnvironmentRequest, options?: CallOptions): Promise<EnvironmentInfo> {
    return this.#call("updateEnvironment", "", request, options);
  }

  deleteEnvironment(name: string, options?: CallOptions): Promise<void> {
    return this.#call("deleteEnvironment", "", name, options);
  }

  #operation<M extends Method>(method: M, dictId: string, content: RequestOf<M>): Operation<M> {
    const frame = methodFrames[method];
    const bytes = requestBytes(frame, dictId, content);
    const window =
      method === "contents" ? SendWindow.stream : bytes > smallMaxBytes ? SendWindow.large : SendWindow.small;
    return new Operation({ frame, dictId, content, bytes, window }, this.dispatcher);
  }

  #call<M extends Method>(
    method: M,
    dictId: string,
    content: RequestOf<M>,
    options: CallOptions | undefined,
  ): Promise<AnswerTypes[AnswerKind<M>]> {
    try {
      const operation = this.#operation(method, dictId, content);
      const promise = operation.promise();
      if (options === undefined) {
        this.dispatcher.submit(operation);
        return promise;
      }
      assertMayBegin(options);
      this.#begin(operation, options);
      return promise;
    } catch (caught) {
      // What an argument is not shows when its bytes are counted.
      return Promise.reject(errorFrom(caught));
    }
  }

  #begin(operation: Operation, options: CallOptions | undefined): void {
    if (options?.idempotencyKey) operation.idempotencyKey = options.idempotencyKey;
    operation.hasOwnTimeout = options?.timeoutMs !== undefined;
    if (isBounded(options)) {
      operation.bounds = new CallBounds(options, this.dispatcher.timers, operation);
    }
    this.dispatcher.submit(operation);
  }
}
