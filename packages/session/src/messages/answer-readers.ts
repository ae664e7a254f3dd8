import type { AnswerTypes } from "@everdict/protocol";
import type { ByteSource } from "../frames/byte-source.ts";
import { FrameType } from "../frames/wire.ts";
import { foundEntryCodec, pageAnswerCodec, statsCodec, valuesCodec } from "./bulk-answers.ts";
import { outcomeCodec } from "./commit-outcome.ts";
import {
  dictInfoCodec,
  dictInfosCodec,
  environmentInfoCodec,
  environmentInfosCodec,
} from "./info-messages.ts";

/** How one kind of answer is read. */
export interface AnswerReader<Answer> {
  /** The frames, errors aside, that end a request which is answered so. */
  readonly types: readonly number[];
  read(source: ByteSource, type: number): Answer;
}

/** The readers of all kinds; of a stream, that of its end. */
export const answerReaders: {
  readonly [Kind in keyof AnswerTypes]: AnswerReader<Kind extends "stream" ? undefined : AnswerTypes[Kind]>;
} = {
  done: { types: [FrameType.done], read: () => undefined },
  written: { types: [FrameType.flag], read: () => undefined },
  stream: { types: [FrameType.done], read: () => undefined },
  value: {
    types: [FrameType.value, FrameType.absent],
    read: (source, type) => (type === FrameType.value ? source.rest() : undefined),
  },
  outcome: { types: [FrameType.outcome], read: (source) => outcomeCodec.read(source) },
  foundEntry: {
    types: [FrameType.foundEntry, FrameType.absent],
    read: (source, type) => (type === FrameType.foundEntry ? foundEntryCodec.read(source) : undefined),
  },
  values: { types: [FrameType.values], read: (source) => valuesCodec.read(source) },
  page: { types: [FrameType.pageOfEntries], read: (source) => pageAnswerCodec.read(source) },
  stats: { types: [FrameType.dictStats], read: (source) => statsCodec.read(source) },
  flag: { types: [FrameType.flag], read: (source) => source.u8() === 1 },
  count: { types: [FrameType.count], read: (source) => source.u64() },
  dictInfo: { types: [FrameType.dictInfo], read: (source) => dictInfoCodec.read(source) },
  dictInfos: { types: [FrameType.dictInfos], read: (source) => dictInfosCodec.read(source) },
  environmentInfo: {
    types: [FrameType.environmentInfo],
    read: (source) => environmentInfoCodec.read(source),
  },
  environmentInfos: {
    types: [FrameType.environmentInfos],
    read: (source) => environmentInfosCodec.read(source),
  },
};
