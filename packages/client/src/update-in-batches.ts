import type { Entry } from "@everdict/protocol";
import type { DictCodec } from "./dict-codec.ts";
import { type DictSource, isAsyncSource, pairsOf, pairsOfSource } from "./dict-entries.ts";
import type { ShareTime } from "./request-options.ts";
import { UpdateBatch } from "./update-batches.ts";

/** Sends the entries of one request. */
export type SendEntries = (entries: readonly Entry[]) => Promise<unknown>;

/**
 * Encodes entries and sends them in order, as many at a time as a request may hold. At least one request is sent, an empty
 * one too: that the dictionary is not there should not go unnoticed.
 */
export async function updateInBatches<K, V>(
  source: DictSource<K, V>,
  codec: DictCodec,
  call: ShareTime,
  send: SendEntries,
): Promise<void> {
  const batch = new UpdateBatch();
  let isSent = false;
  const sendNext = async (full: readonly Entry[]): Promise<void> => {
    await send(full);
    isSent = true;
  };
  const add = (key: K, value: V): Promise<void> | undefined => {
    const keyBytes = codec.encodeKey(key);
    const gather = (valueBytes: Uint8Array) => {
      const full = batch.add({ key: keyBytes, value: valueBytes });
      return full && sendNext(full);
    };
    const encoded = codec.encodeValue(value, call);
    return encoded instanceof Uint8Array ? gather(encoded) : encoded.then(gather);
  };
  // Pairs that are there at once are taken without a pause, unless there is something to wait for.
  if (isAsyncSource(source)) {
    for await (const [key, value] of pairsOfSource(source)) await add(key, value);
  } else {
    for (const [key, value] of pairsOf<K, V>(source)) {
      const waiting = add(key, value);
      if (waiting) await waiting;
    }
  }
  const rest = batch.take();
  if (rest.length > 0 || !isSent) await sendNext(rest);
}
