import { type Entry, onlyEntry, type RequestTypes } from "@everdict/protocol";
import type { ByteSource } from "../frames/byte-source.ts";
import { contentsCodec, keysCodec, pageCodec } from "./bulk-requests.ts";
import { commitCodec } from "./commit-request.ts";
import {
  areTimed,
  entryOverheadBytes,
  rawsOfEntries,
  readEntries,
  readTimedEntries,
  timedEntriesBytes,
  writeEntries,
  writeTimedEntries,
} from "./entries-message.ts";
import {
  dictChangeCodec,
  dictCreationCodec,
  dictPageCodec,
  environmentChangeCodec,
  environmentCreationCodec,
  nameCodec,
} from "./management-requests.ts";
import type { RequestCodec } from "./request-codec.ts";

/** The codecs of all kinds. */
export const requestCodecs: { readonly [Kind in keyof RequestTypes]: RequestCodec<RequestTypes[Kind]> } = {
  nothing: { room: () => 0, write: () => {}, read: () => undefined },
  key: {
    room: (key) => key.length,
    write: (sink, key) => sink.raw(key),
    read: (source) => source.rest(),
  },
  // In the frame it is a list of one.
  entry: {
    room: ({ key, value }) => 4 + entryOverheadBytes + key.length + value.length,
    write: (sink, entry) => writeEntries(sink, [entry]),
    read: (source, requestMaxEntries) => onlyEntry(allOf(source, readEntries(source, requestMaxEntries))),
    raws: (entry) => rawsOfEntries([entry]),
  },
  entries: {
    room: timedEntriesBytes,
    write: writeTimedEntries,
    read: (source, requestMaxEntries) => allOf(source, readTimedEntries(source, requestMaxEntries)),
    raws: rawsOfEntries,
    isLater: areTimed,
  },
  commit: commitCodec,
  keys: keysCodec,
  page: pageCodec,
  dictChange: dictChangeCodec,
  parts: contentsCodec,
  dictCreation: dictCreationCodec,
  dictPage: dictPageCodec,
  environmentCreation: environmentCreationCodec,
  environmentChange: environmentChangeCodec,
  name: nameCodec,
};

/** The entries, behind which there must be nothing. */
function allOf<T extends Entry>(source: ByteSource, entries: T[]): T[] {
  source.finish();
  return entries;
}
