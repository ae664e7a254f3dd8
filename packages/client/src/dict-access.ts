import type { ContentsParts, Entry } from "@everdict/protocol";
import { checkOptions } from "./arguments/check-options.ts";
import type { CheckedMethod } from "./arguments/option-table.ts";
import type { DictCodec } from "./dict-codec.ts";
import type { DictHandle, HydratedDict } from "./dict-handle.ts";
import { explainUnimplemented, type Feature } from "./features.ts";
import { type RequestOptions, type ShareTime, shareTime } from "./request-options.ts";

/** What the operations of one Dict work with: its handle, its codec, and the way to its service. */
export class DictAccess {
  readonly handle: DictHandle;
  readonly codec: DictCodec;

  constructor(handle: DictHandle, codec: DictCodec) {
    this.handle = handle;
    this.codec = codec;
  }

  /** Checks the options of a call and turns them into the bounds of its requests. Most calls have none. */
  share(method: CheckedMethod, options: RequestOptions | undefined): ShareTime {
    if (options !== undefined) checkOptions(method, options);
    return shareTime(options, this.handle.client.timeoutMs);
  }

  /**
   * Makes requests that not every place knows.
   *
   * @throws `unsupported` before anything is sent, `unimplemented` from an older server
   */
  async beyondModal<T>(
    feature: Feature,
    call: ShareTime,
    request: (dict: HydratedDict) => Promise<T>,
  ): Promise<T> {
    const { ready, client } = this.handle;
    const refusal = (ready ?? (await client.session(call()))).refusalOf(feature);
    if (refusal !== undefined) throw refusal;
    const dict = ready ?? (await this.handle.hydrate(call()));
    try {
      return await request(dict);
    } catch (error) {
      throw explainUnimplemented(error, feature);
    }
  }

  /** Streams entries. @throws `unimplemented` from an older server for patterns of keys */
  async *contents(
    parts: ContentsParts,
    { signal, timeoutMs }: RequestOptions,
    call: ShareTime,
  ): AsyncIterable<readonly Entry[]> {
    const { service, dictId, refusalOf } = this.handle.ready ?? (await this.handle.hydrate(call()));
    const isFiltered = parts.match !== undefined;
    const refusal = isFiltered ? refusalOf("prefix") : undefined;
    if (refusal !== undefined) throw refusal;
    try {
      // The client's default is for calls, not for streams, whose pace the consumer sets.
      yield* service.contents(dictId, parts, { signal, timeoutMs });
    } catch (error) {
      throw isFiltered ? explainUnimplemented(error, "prefix") : error;
    }
  }
}
