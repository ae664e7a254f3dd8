/** The requests about many keys, and those that read many entries. */

import type { ContentsParts, PageRequest } from "@everdict/protocol";
import type { ByteSource } from "../frames/byte-source.ts";
import { streamWindowBytes } from "../frames/wire.ts";
import { readCounted } from "./counted-list.ts";
import { keyPatternsBytes, readKeyPatterns, writeKeyPatterns } from "./key-patterns.ts";
import type { RequestCodec } from "./request-codec.ts";

/** The bytes of a key besides what is in it. */
const keyOverheadBytes = 4;

/** `getMany`, `removeMany`: the number of keys, then each behind its length. */
export const keysCodec: RequestCodec<readonly Uint8Array[]> = {
  room: (keys) => {
    let bytes = 4;
    for (const key of keys) bytes += keyOverheadBytes + key.length;
    return bytes;
  },
  write: (sink, keys) => {
    sink.u32(keys.length);
    for (const key of keys) sink.sized(key);
  },
  read: (source, requestMaxEntries) => {
    const list = { count: source.u32(), itemMinBytes: keyOverheadBytes, items: "keys" };
    const keys = readCounted(source, { ...list, read: () => source.sized() }, requestMaxEntries);
    source.finish();
    return keys;
  },
  raws: (keys) => keys,
};

const PageField = { values: 1, match: 2, after: 4 } as const;

/** `page`. The limit travels as it is, so that the service judges it. */
export const pageCodec: RequestCodec<PageRequest> = {
  room: ({ match, after }) => 9 + (match ? keyPatternsBytes(match) : 0) + (after ? 4 + after.length : 0),
  write: (sink, { values, match, after, limit }) => {
    sink.u8((values ? PageField.values : 0) | (match ? PageField.match : 0) | (after ? PageField.after : 0));
    sink.f64(limit);
    if (match) writeKeyPatterns(sink, match);
    if (after) sink.sized(after);
  },
  read: (source) => {
    const fields = source.u8();
    const limit = source.f64();
    const match = fields & PageField.match ? readKeyPatterns(source) : undefined;
    const after = fields & PageField.after ? source.sized() : undefined;
    return { match, after, limit, values: (fields & PageField.values) !== 0 };
  },
};

const ContentsField = { keys: 1, values: 2, match: 4 } as const;

/** `contents`. Behind the parts, the client says how much it takes. */
export const contentsCodec: RequestCodec<ContentsParts> = {
  room: ({ match }) => 5 + (match ? keyPatternsBytes(match) : 0),
  write: (sink, { keys, values, match }) => {
    sink.u8(
      (keys ? ContentsField.keys : 0) |
        (values ? ContentsField.values : 0) |
        (match ? ContentsField.match : 0),
    );
    sink.u32(streamWindowBytes);
    if (match) writeKeyPatterns(sink, match);
  },
  read: (source) => readContents(source).parts,
  isLater: ({ match }) => match !== undefined,
};

/** What a stream should carry, and how many bytes its consumer takes at first. */
export function readContents(source: ByteSource): { readonly parts: ContentsParts; readonly credit: number } {
  const fields = source.u8();
  const credit = source.u32();
  const match = fields & ContentsField.match ? readKeyPatterns(source) : undefined;
  const parts = {
    keys: (fields & ContentsField.keys) !== 0,
    values: (fields & ContentsField.values) !== 0,
    match,
  };
  return { parts, credit };
}
