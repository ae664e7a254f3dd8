/** What is known of dictionaries and environments, as answers. */

import type { DictInfo, EnvironmentInfo } from "@everdict/protocol";
import { type ByteSink, textRoom } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { policiesCodec, policiesRoom } from "./policies-message.ts";

/** How one kind of content is written and read. */
export interface Codec<T> {
  /** The most bytes that it may take. */
  room(content: T): number;
  write(sink: ByteSink, content: T): void;
  read(source: ByteSource): T;
  /** What of a large content is sent from where it is, if it is large itself. Absent: nothing. */
  raws?(content: T): readonly Uint8Array[];
}

/** One of several dictionaries. */
export const dictItemCodec: Codec<DictInfo> = {
  room: ({ dictId, name, createdBy }) => textRoom(dictId) + textRoom(name) + textRoom(createdBy) + 8,
  write: (sink, { dictId, name, createdAtSeconds, createdBy }) => {
    sink.text(dictId);
    sink.text(name);
    sink.f64(createdAtSeconds);
    sink.text(createdBy);
  },
  read: (source) => ({
    dictId: source.text(),
    name: source.text(),
    createdAtSeconds: source.f64(),
    createdBy: source.text(),
  }),
};

/** One dictionary, with its policies at the end: servers of before they were told leave them out. */
export const dictInfoCodec: Codec<DictInfo> = {
  room: (info) => dictItemCodec.room(info) + policiesCodec.room(info),
  write: (sink, info) => {
    dictItemCodec.write(sink, info);
    policiesCodec.write(sink, info);
  },
  read: (source) => ({ ...dictItemCodec.read(source), ...policiesCodec.read(source) }),
};

/** One environment. */
export const environmentInfoCodec: Codec<EnvironmentInfo> = {
  room: ({ environmentId, name, webSuffix }) =>
    textRoom(environmentId) + textRoom(name) + textRoom(webSuffix) + 9,
  write: (sink, { environmentId, name, webSuffix, createdAtSeconds, isDefault }) => {
    sink.text(environmentId);
    sink.text(name);
    sink.text(webSuffix);
    sink.f64(createdAtSeconds);
    sink.u8(isDefault ? 1 : 0);
  },
  read: (source) => ({
    environmentId: source.text(),
    name: source.text(),
    webSuffix: source.text(),
    createdAtSeconds: source.f64(),
    isDefault: source.u8() === 1,
  }),
};

/** Several dictionaries, and after all of them the policies of each, as older readers expect nothing between two. */
export const dictInfosCodec: Codec<readonly DictInfo[]> = {
  room: (infos) => dictItemsCodec.room(infos) + infos.length * policiesRoom,
  write: (sink, infos) => {
    dictItemsCodec.write(sink, infos);
    for (const each of infos) policiesCodec.write(sink, each);
  },
  read: (source) => dictItemsCodec.read(source).map((each) => ({ ...each, ...policiesCodec.read(source) })),
};
const dictItemsCodec: Codec<readonly DictInfo[]> = listCodec(dictItemCodec, 20);
/** Several environments. */
export const environmentInfosCodec: Codec<readonly EnvironmentInfo[]> = listCodec(environmentInfoCodec, 21);

function listCodec<T>(item: Codec<T>, itemMinBytes: number): Codec<readonly T[]> {
  return {
    room: (items) => items.reduce((sum, each) => sum + item.room(each), 4),
    write: (sink, items) => {
      sink.u32(items.length);
      for (const each of items) item.write(sink, each);
    },
    read: (source) => {
      const count = source.announced(source.u32(), itemMinBytes, "items");
      return Array.from({ length: count }, () => item.read(source));
    },
  };
}
