export {
  checkLinearizable,
  type SearchLimit,
  type SequentialModel,
  type Verdict,
} from "./linearizability/check-linearizable.ts";
export {
  type DictInput,
  type DictOutput,
  type EntryInput,
  entryModel,
  historyByKey,
  keyOperations,
} from "./linearizability/dict-models.ts";
export { explain } from "./linearizability/explain.ts";
export { generateInputs, type InputsOptions } from "./linearizability/generate-inputs.ts";
export { type History, HistoryRecorder, type Operation } from "./linearizability/history.ts";
export {
  type LinearizabilitySuiteOptions,
  linearizabilitySuite,
} from "./linearizability/linearizability-suite.ts";
export { perform, type TextDict } from "./linearizability/perform.ts";
export { type ModelSuiteOptions, modelSuite } from "./model-suite.ts";
export { storeSuite } from "./store-suite.ts";
export type { OpenStoreOptions, StoreUnderTest } from "./store-under-test.ts";
export type { SuiteOptions } from "./suite.ts";
