import { type Entry, onlyEntry, type RequestTypes } from "@everdict/protocol";
import { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { streamWindowBytes } from "../frames/wire.ts";
import { entriesBytes, entryOverheadBytes, readEntries, writeEntries } from "./entries-message.ts";
import {
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
    read: (source, requestMaxEntries) => onlyEntry(entriesOf(source, requestMaxEntries)),
    split: splitEntry,
  },
  entries: {
    room: entriesBytes,
    write: writeEntries,
    read: entriesOf,
    split: (entries) => (entries.length === 1 ? splitEntry(entries[0]!) : undefined),
  },
  // Behind the parts, the client says how much it takes. The server reads that where it opens the stream.
  parts: {
    room: () => 5,
    write: (sink, { keys, values }) => {
      sink.u8((keys ? 1 : 0) | (values ? 2 : 0));
      sink.u32(streamWindowBytes);
    },
    read: (source) => {
      const which = source.u8();
      return { keys: (which & 1) !== 0, values: (which & 2) !== 0 };
    },
  },
  dictCreation: dictCreationCodec,
  dictPage: dictPageCodec,
  environmentCreation: environmentCreationCodec,
  environmentChange: environmentChangeCodec,
  name: nameCodec,
};

function entriesOf(source: ByteSource, requestMaxEntries: number): Entry[] {
  const entries = readEntries(source, requestMaxEntries);
  source.finish();
  return entries;
}

/** A list of one entry, of which key and value are sent from where they are. */
function splitEntry({ key, value }: Entry) {
  const head = new ByteSink(new Uint8Array(4 + entryOverheadBytes));
  head.u32(1);
  head.u32(key.length);
  head.u32(value.length);
  return { head: head.bytes, rest: [key, value] };
}
