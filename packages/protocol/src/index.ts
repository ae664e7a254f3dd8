export { fromBase64Url, toBase64Url } from "./base64url.ts";
export {
  bulkAnswerBytes,
  type DictStats,
  type FoundEntry,
  type KeyPart,
  type KeyPattern,
  type Page,
  type PageRequest,
} from "./bulk.ts";
export { assertMayBegin } from "./calls/assert-may-begin.ts";
export { type BoundedCall, CallBounds, isBound, isBounded } from "./calls/call-bounds.ts";
export { callerGaveUp, mayHaveBeenApplied, tooLate } from "./calls/early-end-errors.ts";
export { InFlight } from "./calls/in-flight.ts";
export { onAbort } from "./calls/on-abort.ts";
export { type EarlyEndErrors, Patience, waitWithin } from "./calls/patience.ts";
export { systemTimers, type Timers, timerMaxMs } from "./calls/timers.ts";
export type {
  AddChange,
  Change,
  Changed,
  CommitOutcome,
  CommitRequest,
  Committed,
  Condition,
  PutChange,
  Refused,
  RemoveChange,
  TimeToLiveMs,
  TouchChange,
  Version,
} from "./commit.ts";
export type { Entry, TimedEntry } from "./entry.ts";
export {
  type ErrorClassName,
  type ErrorCode,
  type ErrorRule,
  errorTable,
  type RetryRule,
} from "./error-table.ts";
export {
  AlreadyExistsError,
  AuthError,
  createError,
  DeserializationError,
  type ErrorDetails,
  EverdictError,
  errorFrom,
  InvalidError,
  KeyError,
  NotFoundError,
  PermissionDeniedError,
  RequestSizeError,
  SerializationError,
  ServiceError,
} from "./errors.ts";
export { formatDuration } from "./format-duration.ts";
export { inLaterTurn } from "./in-later-turn.ts";
export {
  bytesOfPatterns,
  keyPatternsMax,
  keyPatternsMaxBytes,
  keysInOneTurn,
  matchesKey,
  reachOfPatterns,
} from "./key-pattern.ts";
export { type LimitName, limitDefaults } from "./limit-defaults.ts";
export { type LimitRow, limitTable } from "./limit-table.ts";
export {
  defaultLimits,
  ephemeralGraceMs,
  expiryAfterUseMs,
  expiryAfterWriteMs,
  heartbeatIntervalMs,
  idempotencyGuaranteeMs,
  idempotencyRetentionMs,
  type Limits,
  requestKeysMaxBytes,
  requestTextMaxBytes,
  tooManyEntries,
  ttlMaxMs,
} from "./limits.ts";
export { BulkRoom } from "./memory/bulk-room.ts";
export { ConnectionMemory, type WaitingCall } from "./memory/connection-memory.ts";
export { MemoryAccount, type MemoryStats } from "./memory/memory-account.ts";
export { smallRequestMaxBytes } from "./memory/memory-kinds.ts";
export type { MemoryLimits } from "./memory/memory-limits.ts";
export { StallClock } from "./memory/stall-clock.ts";
export type { TokenMemory } from "./memory/token-memory.ts";
export {
  type AnswerTypes,
  type IdempotentMethod,
  type Method,
  type MethodRule,
  methodRule,
  methods,
  methodTable,
  type RecordedMethod,
  type RequestOf,
  type RequestTypes,
} from "./methods/method-table.ts";
export { olderServer } from "./methods/older-server.ts";
export type { PromptDictService } from "./methods/prompt-dict-service.ts";
export {
  type CallRepeatRule,
  callRepeatRule,
  doubtAfter,
  type Failure,
  hasOutlivedKey,
  outlivedKey,
  type RepeatLimits,
  type RepeatVerdict,
  repeatDelayMs,
  repeatVerdict,
} from "./methods/repeat-verdict.ts";
export { checkDictName, checkEnvironmentName } from "./names.ts";
export { forEachSlice, nextSlice, nextTurn, sliceBytes, sliceItems } from "./next-slice.ts";
export { onlyEntry } from "./only-entry.ts";
export {
  type Access,
  maySeeEnvironment,
  type Need,
  type Role,
  roleMay,
  roles,
  tokenManagementNeeds,
} from "./permissions.ts";
export {
  type CallOptions,
  type ContentsParts,
  type CreationMode,
  type DictChange,
  type DictInfo,
  type DictService,
  type Durability,
  durabilities,
  type EnvironmentInfo,
  type ExpiryPolicy,
  type GetOrCreateDictRequest,
  type ListDictsRequest,
  type UpdateEnvironmentRequest,
  type ValueRoom,
} from "./service.ts";
export { Status, type StatusCode } from "./status.ts";
export {
  type CreatedToken,
  type NewToken,
  previousSecretLifeMs,
  type TokenAdmin,
  type TokenInfo,
} from "./token-admin.ts";
export { isVersion, versionBytes, versionBytesLength, versionFromBytes } from "./version-bytes.ts";
