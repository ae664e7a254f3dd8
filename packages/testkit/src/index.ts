export { SeededRandom, seededRandom } from "@everdict/store/seeded-random";
export { CallSpreader } from "./call-spreader.ts";
export {
  type Certificate,
  type CertificateFiles,
  type Certificates,
  makeCertificates,
  opensslIsSetUp,
  selfSignedCertificate,
  writeCertificate,
} from "./certificates.ts";
export { type EverdictProcess, type StartOptions, startEverdict, type Token } from "./everdict-process.ts";
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { freePorts } from "./free-ports.ts";
export {
  goawayCode,
  Http2Flag,
  type Http2FrameParts,
  Http2Type,
  http2Frame,
  http2HeaderBlock,
  http2Preface,
  http2Start,
  uint32,
} from "./http2-frames.ts";
export { isSetUp, type RealPart } from "./is-set-up.ts";
export { collectGarbage, liveBuffersMiB } from "./live-buffers.ts";
export { LoadBalancer } from "./load-balancer.ts";
export { moveSlot, moveSlots } from "./move-slots.ts";
export { type OwnedProcess, type ProcessEnd, startOwnedProcess } from "./owned-process.ts";
export {
  type CollectableProcess,
  collectable,
  openDescriptors,
  residentMiB,
  type SettledMemory,
  settledMemory,
} from "./process-memory.ts";
export {
  type Python,
  PythonError,
  type PythonResult,
  type SnippetOptions,
  startPython,
} from "./python.ts";
export {
  type PythonEnvironment,
  type PythonVersion,
  pythonIsSetUp,
  pythonProcessEnv,
  pythonProgram,
  pythonVersions,
} from "./python-environment.ts";
export {
  type ClusterMember,
  nodesConf,
  type PlannedNode,
  RedisCluster,
  type RedisClusterOptions,
} from "./redis-cluster.ts";
export { redisCommand } from "./redis-command.ts";
export { nodeId, redisInstallLine, redisIsSetUp, redisProgram, valkeyProgram } from "./redis-program.ts";
export { RedisServer, type RedisServerOptions } from "./redis-server.ts";
export { refusedConnections } from "./refused-connections.ts";
export {
  type Decide,
  type Fate,
  type ProxiedCall,
  type ReplyDroppingProxy,
  startReplyDroppingProxy,
} from "./reply-dropping-proxy.ts";
export { repositoryRoot } from "./repository.ts";
export { SilencingProxy } from "./silencing-proxy.ts";
export { mountSmallDisk, type SmallDisk, smallDisksAreSetUp } from "./small-disk.ts";
export { type TemporaryDirectory, temporaryDirectory } from "./temporary-directory.ts";
export { turns } from "./turns.ts";
export { type WaitOptions, waitUntil } from "./wait-until.ts";
export { within } from "./within.ts";
