import type { AnswerTypes, DictInfo, EnvironmentInfo } from "@everdict/protocol";
import { FrameType } from "../frames/wire.ts";
import { foundEntryCodec, pageAnswerCodec, statsCodec, valuesCodec } from "../messages/bulk-answers.ts";
import { outcomeCodec } from "../messages/commit-outcome.ts";
import { dictInfoCodec, environmentInfoCodec } from "../messages/info-messages.ts";
import type { Answers } from "./answers.ts";
import { type ListAnswer, writeDictInfos, writeEnvironmentInfos } from "./list-answer.ts";

/** How an answer of one kind is written. */
export type WriteAnswer<T> = (answers: Answers, id: number, answer: T) => void;

/** What is written for an answer of each kind. A list may have been encoded already. A stream writes itself. */
export interface WrittenTypes extends Omit<AnswerTypes, "dictInfos" | "environmentInfos" | "stream"> {
  readonly dictInfos: ListAnswer<DictInfo>;
  readonly environmentInfos: ListAnswer<EnvironmentInfo>;
}

/** The writers of all kinds. */
export const answerWriters: { readonly [Kind in keyof WrittenTypes]: WriteAnswer<WrittenTypes[Kind]> } = {
  done: (answers, id) => answers.done(id),
  written: (answers, id) => answers.flag(id, true),
  value: (answers, id, value) => answers.value(id, value),
  outcome: (answers, id, outcome) => answers.content(FrameType.outcome, id, outcomeCodec, outcome),
  foundEntry: (answers, id, found) => {
    if (found === undefined) answers.value(id, undefined);
    else answers.content(FrameType.foundEntry, id, foundEntryCodec, found);
  },
  values: (answers, id, values) => answers.content(FrameType.values, id, valuesCodec, values),
  page: (answers, id, page) => answers.content(FrameType.pageOfEntries, id, pageAnswerCodec, page),
  stats: (answers, id, stats) => answers.content(FrameType.dictStats, id, statsCodec, stats),
  flag: (answers, id, value) => answers.flag(id, value),
  count: (answers, id, value) => answers.count(id, value),
  dictInfo: (answers, id, info) => answers.content(FrameType.dictInfo, id, dictInfoCodec, info),
  dictInfos: writeDictInfos,
  environmentInfo: (answers, id, info) =>
    answers.content(FrameType.environmentInfo, id, environmentInfoCodec, info),
  environmentInfos: writeEnvironmentInfos,
};
