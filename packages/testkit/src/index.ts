export { type EverdictProcess, type StartOptions, startEverdict, type Token } from "./everdict-process.ts";
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { type OwnedProcess, type ProcessEnd, startOwnedProcess } from "./owned-process.ts";
export {
  type Python,
  PythonError,
  type PythonResult,
  type SnippetOptions,
  startPython,
} from "./python.ts";
export {
  type PythonVersion,
  pythonIsSetUp,
  pythonProcessEnv,
  pythonProgram,
  pythonVersions,
} from "./python-environment.ts";
export {
  type Decide,
  type Fate,
  type ProxiedCall,
  type ReplyDroppingProxy,
  startReplyDroppingProxy,
} from "./reply-dropping-proxy.ts";
export { repositoryRoot } from "./repository.ts";
export { type SeededRandom, seededRandom } from "./seeded-random.ts";
export { type TemporaryDirectory, temporaryDirectory } from "./temporary-directory.ts";
export { type WaitOptions, waitUntil } from "./wait-until.ts";
