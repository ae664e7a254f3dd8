/**
 * The tests that every DictService must pass. For test code only: it uses `node:assert`.
 */

export { type SamplePlace, sampleArguments } from "./sample-arguments.ts";
export { type ServiceSuiteOptions, serviceSuite } from "./service-suite.ts";
export {
  type Capability,
  type ServiceUnderTest,
  type SuiteOpenOptions,
  suiteDefaults,
} from "./suite-case.ts";
