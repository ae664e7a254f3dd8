import {
  assertMayBegin,
  CallBounds,
  type CallOptions,
  type ContentsParts,
  type CreationMode,
  type DictInfo,
  type DictService,
  type Entry,
  type EnvironmentInfo,
  errorFrom,
  type GetOrCreateDictRequest,
  isBounded,
  type ListDictsRequest,
  type UpdateEnvironmentRequest,
} from "@everdict/protocol";
import { FrameType } from "../frames/wire.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { IncomingStream } from "./incoming-stream.ts";
import { Lane, Operation } from "./operation.ts";
import { requestBytes } from "./request-writer.ts";

/**
 * DictService as operations. What every client of a session shares, whatever stands behind it.
 *
 * Nothing here is `async`: each layer of that around a call would cost a third of the rate.
 */

/** What is larger counts as large: it must not hold up small calls. */
const smallMaxBytes = 16_384;
/** Which parts are wanted, and the credit. */
const contentsDetailBytes = 5;

/** Gives the methods of DictService to whoever has a dispatcher. */
export abstract class SessionCalls implements DictService {
  protected abstract readonly dispatcher: Dispatcher;

  getOrCreateDict(request: GetOrCreateDictRequest, options?: CallOptions): Promise<DictInfo> {
    return this.#manage(FrameType.getOrCreateDict, "", request, options);
  }

  getDictById(dictId: string, options?: CallOptions): Promise<DictInfo> {
    return this.#manage(FrameType.getDictById, dictId, undefined, options);
  }

  deleteDict(dictId: string, options?: CallOptions): Promise<void> {
    return this.#manage(FrameType.deleteDict, dictId, undefined, options);
  }

  listDicts(request: ListDictsRequest, options?: CallOptions): Promise<readonly DictInfo[]> {
    return this.#manage(FrameType.listDicts, "", request, options);
  }

  heartbeat(dictId: string, options?: CallOptions): Promise<void> {
    return this.#manage(FrameType.heartbeat, dictId, undefined, options);
  }

  get(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return this.#onKey(FrameType.get, dictId, key, options);
  }

  contains(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean> {
    return this.#onKey(FrameType.contains, dictId, key, options);
  }

  len(dictId: string, options?: CallOptions): Promise<number> {
    return this.#manage(FrameType.len, dictId, undefined, options);
  }

  update(
    dictId: string,
    entries: readonly Entry[],
    ifNotExists: boolean,
    options?: CallOptions,
  ): Promise<boolean> {
    const type = ifNotExists ? FrameType.putIfAbsent : FrameType.update;
    const bytes = requestBytes(type, dictId, { entries });
    const content = {
      type,
      dictId,
      key: undefined,
      entries,
      detail: undefined,
      bytes,
      lane: laneFor(bytes),
    };
    return this.#call(new Operation(content, this.dispatcher), options);
  }

  pop(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return this.#onKey(FrameType.pop, dictId, key, options);
  }

  clear(dictId: string, options?: CallOptions): Promise<void> {
    return this.#manage(FrameType.clear, dictId, undefined, options);
  }

  async *contents(
    dictId: string,
    parts: ContentsParts,
    options?: CallOptions,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    assertMayBegin(options);
    const content = {
      type: FrameType.contents,
      dictId,
      key: undefined,
      entries: undefined,
      detail: (parts.keys ? 1 : 0) | (parts.values ? 2 : 0),
      bytes: requestBytes(FrameType.contents, dictId, {}) + contentsDetailBytes,
      lane: Lane.stream,
    };
    const operation = new Operation(content, this.dispatcher);
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
    return this.#manage(FrameType.listEnvironments, "", undefined, options);
  }

  getOrCreateEnvironment(name: string, mode: CreationMode, options?: CallOptions): Promise<EnvironmentInfo> {
    return this.#manage(FrameType.getOrCreateEnvironment, "", { name, mode }, options);
  }

  updateEnvironment(request: UpdateEnvironmentRequest, options?: CallOptions): Promise<EnvironmentInfo> {
    return this.#manage(FrameType.updateEnvironment, "", request, options);
  }

  deleteEnvironment(name: string, options?: CallOptions): Promise<void> {
    return this.#manage(FrameType.deleteEnvironment, "", name, options);
  }

  #onKey<T>(type: number, dictId: string, key: Uint8Array, options: CallOptions | undefined): Promise<T> {
    const bytes = requestBytes(type, dictId, { key });
    const lane = laneFor(bytes);
    const content = { type, dictId, key, entries: undefined, detail: undefined, bytes, lane };
    return this.#call(new Operation(content, this.dispatcher), options);
  }

  #manage<T>(type: number, dictId: string, detail: unknown, options: CallOptions | undefined): Promise<T> {
    let bytes: number;
    try {
      bytes = requestBytes(type, dictId, { detail });
    } catch (caught) {
      return Promise.reject(errorFrom(caught));
    }
    const content = {
      type,
      dictId,
      key: undefined,
      entries: undefined,
      detail,
      bytes,
      lane: laneFor(bytes),
    };
    return this.#call(new Operation(content, this.dispatcher), options);
  }

  #call<T>(operation: Operation, options: CallOptions | undefined): Promise<T> {
    const promise = operation.promise<T>();
    if (options === undefined) {
      this.dispatcher.submit(operation);
      return promise;
    }
    try {
      assertMayBegin(options);
    } catch (caught) {
      return Promise.reject(caught);
    }
    this.#begin(operation, options);
    return promise;
  }

  #begin(operation: Operation, options: CallOptions | undefined): void {
    if (options?.idempotencyKey) operation.keyText = options.idempotencyKey;
    operation.hasOwnTimeout = options?.timeoutMs !== undefined;
    if (isBounded(options)) {
      operation.bounds = new CallBounds(options, this.dispatcher.timers, operation);
    }
    this.dispatcher.submit(operation);
  }
}

function laneFor(bytes: number): Lane {
  return bytes > smallMaxBytes ? Lane.large : Lane.small;
}
