export {
  checkLinearizable,
  type SearchLimit,
  type SequentialModel,
  type Verdict,
} from "./linearizability/check-linearizable.ts";
export { type DictInput, type DictOutput, historyByKey } from "./linearizability/dict-models.ts";
export { type EntryInput, entryModel, keyOperations } from "./linearizability/entry-model.ts";
export { explain } from "./linearizability/explain.ts";
export { generateInputs, type InputsOptions } from "./linearizability/generate-inputs.ts";
export { type History, HistoryRecorder, type Operation } from "./linearizability/history.ts";
export { KnownVersions } from "./linearizability/known-versions.ts";
export {
  type LinearizabilitySuiteOptions,
  linearizabilitySuite,
} from "./linearizability/linearizability-suite.ts";
export { type NumberDict, perform, type TextDict } from "./linearizability/perform.ts";
export {
  checkKeys,
  checkWhole,
  overlapping,
  type RecordOptions,
  recordHistory,
} from "./linearizability/recorded-history.ts";
export { type ModelSuiteOptions, modelSuite } from "./model-suite.ts";
export { storeSuite } from "./store-suite.ts";
export type { OpenStoreOptions, StoreUnderTest } from "./store-under-test.ts";
export type { SuiteOptions } from "./suite.ts";
export { openWorld } from "./world.ts";
