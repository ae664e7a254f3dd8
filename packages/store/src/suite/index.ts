export { type ModelSuiteOptions, modelSuite } from "./model-suite.ts";
export { storeSuite } from "./store-suite.ts";
export type { OpenStoreOptions, StoreUnderTest, SuiteOptions } from "./suite.ts";
