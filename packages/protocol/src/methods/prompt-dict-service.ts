import type { DictService } from "../service.ts";
import type { AnswerOf, Method, RecordedMethod } from "./method-table.ts";

/**
 * A {@link DictService} that may answer at once instead of by a promise, for whom a promise for each of a batch of calls
 * can be measured. What fails rejects later, or throws at once. Every `DictService` is one.
 */
export type PromptDictService = {
  readonly [M in Method]: (
    ...request: Parameters<DictService[M]>
  ) => AnswerOf<M> | ReturnType<DictService[M]>;
} & {
  /**
   * Says that these calls will not be repeated under their idempotency keys, so that their answers need not be kept.
   * Best effort; what is not known is ignored. Never throws. Absent: nothing is kept.
   */
  forget?(dictId: string, method: RecordedMethod, idempotencyKeys: readonly string[]): void;
};
