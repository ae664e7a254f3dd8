/** What is known of dictionaries and environments, as answers. */

import type { DictInfo, EnvironmentInfo } from "@everdict/protocol";
import { type ByteSink, textRoom } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";

/** How one kind of content is written and read. */
export interface Codec<T> {
  /** The most bytes that it may take. */
  room(content: T): number;
  write(sink: ByteSink, content: T): void;
  read(source: ByteSource): T;
}

/** One dictionary. */
export const dictInfoCodec: Codec<DictInfo> = {
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

/** Several dictionaries. */
export const dictInfosCodec: Codec<readonly DictInfo[]> = listCodec(dictInfoCodec, 20);
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
      const count = source.u32();
      if (count * itemMinBytes > source.left) {
        throw new SessionProtocolError(`${count} items are announced in ${source.left} bytes`);
      }
      return Array.from({ length: count }, () => item.read(source));
    },
  };
}
