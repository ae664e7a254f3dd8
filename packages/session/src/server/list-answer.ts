import { type DictInfo, type EnvironmentInfo, forEachSlice, sliceItems } from "@everdict/protocol";
import { ByteSink } from "../frames/byte-sink.ts";
import { FrameType } from "../frames/wire.ts";
import { totalLength } from "../frames/write-buffer.ts";
import {
  type Codec,
  dictInfosCodec,
  dictItemCodec,
  environmentInfoCodec,
  environmentInfosCodec,
} from "../messages/info-messages.ts";
import { policiesCodec } from "../messages/policies-message.ts";
import type { Answers } from "./answers.ts";

/** A list, and if it is long, what it is on the wire, encoded in slices. */
export interface ListAnswer<T> {
  readonly items: readonly T[];
  readonly pieces: readonly Uint8Array[] | undefined;
}

/** Dictionaries, ready to be written. */
export const dictList = (infos: readonly DictInfo[]): Promise<ListAnswer<DictInfo>> =>
  encodedList<DictInfo>(infos, [dictItemCodec, policiesCodec]);
/** Environments, ready to be written. */
export const environmentList = (infos: readonly EnvironmentInfo[]): Promise<ListAnswer<EnvironmentInfo>> =>
  encodedList(infos, [environmentInfoCodec]);

/** Dictionaries. */
export const writeDictInfos = listWriter(FrameType.dictInfos, dictInfosCodec);
/** Environments. */
export const writeEnvironmentInfos = listWriter(FrameType.environmentInfos, environmentInfosCodec);

/** One pass over all items for each codec: what comes after all of them has one of its own. */
async function encodedList<T>(
  items: readonly T[],
  codecs: readonly Pick<Codec<T>, "room" | "write">[],
): Promise<ListAnswer<T>> {
  if (items.length <= sliceItems) return { items, pieces: undefined };
  const count = new ByteSink(new Uint8Array(4));
  count.u32(items.length);
  const pieces = [count.bytes];
  for (const codec of codecs) {
    await forEachSlice(items, (slice) => {
      const sink = new ByteSink(new Uint8Array(slice.reduce((room, each) => room + codec.room(each), 0)));
      for (const each of slice) codec.write(sink, each);
      pieces.push(sink.bytes.subarray(0, sink.position));
    });
  }
  return { items, pieces };
}

function listWriter<T>(
  type: number,
  codec: Codec<readonly T[]>,
): (answers: Answers, id: number, answer: ListAnswer<T>) => void {
  return (answers, id, { items, pieces }) => {
    if (pieces === undefined) answers.content(type, id, codec, items);
    else answers.parts(type, id, pieces, totalLength(pieces));
  };
}
