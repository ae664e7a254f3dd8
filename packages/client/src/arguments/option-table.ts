/**
 * Every option of every method of the client. A new option needs a row in its method, with its kind: the test of this table
 * does not compile without it. The table itself does not import the types of the options: those of dictionaries name the
 * client, and the client checks its calls by this table.
 */

import { roles } from "@everdict/protocol";
import type { CodecOptions } from "../codec-options.ts";
import { entriesFault } from "./entries-fault.ts";
import { expiryKind, timeToLiveKind } from "./expiry-kind.ts";
import { faultIn, type OptionKind, type OptionRow } from "./option-faults.ts";
import {
  abortSignal,
  atLeastOne,
  callTime,
  clientKind,
  count,
  durabilityKind,
  flag,
  milliseconds,
  moment,
  numberToAdd,
  oneOf,
  pageLimit,
  prefixKind,
  shardsKind,
  text,
  texts,
  undecodableKind,
  unixSeconds,
  versionKind,
  waitingTime,
} from "./option-kinds.ts";

const request = { timeoutMs: callTime, signal: abortSignal };
const location = { environment: text, client: clientKind };
const policies = { expiry: expiryKind, durability: durabilityKind };
const newDict = {
  ...location,
  ...policies,
  shards: shardsKind,
  data: (name: string, value: unknown) => entriesFault(value, `\`${name}\``),
};
const fromName = { createIfMissing: flag, ...newDict };
const iteration = { ...request, onUndecodable: undecodableKind, prefix: prefixKind };
const life = { ttlMs: timeToLiveKind };
const removal = { ifVersion: versionKind, ...request };
const addition = {
  initial: numberToAdd,
  min: numberToAdd,
  max: numberToAdd,
  ttlMsOnCreate: timeToLiveKind,
};
const deletion = { allowMissing: flag, ...location, ...request };

const codec = {
  floats: oneOf(["number", "exact"]),
  unknownClasses: oneOf(["keep", "refuse"]),
  repeats: oneOf(["reference", "copy"]),
  depthMax: count,
  elementsMax: count,
  memoMax: count,
  stringMaxBytes: count,
  integerMaxBytes: count,
  memoryMaxBytes: count,
} satisfies { readonly [Name in keyof Required<CodecOptions>]: OptionKind };
const service = {
  environment: text,
  timeoutMs: milliseconds,
  codec: (name: string, value: unknown) => faultIn(codec, value, name),
};
const connect = {
  url: text,
  ...service,
  tokenId: text,
  tokenSecret: text,
  profile: text,
  transport: oneOf(["session", "grpc"]),
  lowLatency: flag,
  waitForServerMs: waitingTime,
  ca: text,
};

/** By method. The first option of each is what messages show as an example. */
export const optionTable = {
  "Dict.fromName": fromName,
  "Dict.lookup": { ...fromName, ...request },
  "Dict.fromId": { client: clientKind },
  "Dict.ephemeral": { ...newDict, ...request },
  "Dict.delete": deletion,
  "Dict.objects.create": {
    allowExisting: flag,
    ...location,
    ...request,
    ...policies,
    shards: shardsKind,
  },
  "Dict.objects.list": {
    maxObjects: count,
    createdBefore: moment,
    ...location,
    ...request,
  },
  "Dict.objects.delete": deletion,
  hydrate: request,
  info: request,
  get: request,
  entry: request,
  put: { skipIfExists: flag, onlyIfExists: flag, ifVersion: versionKind, ...life, ...request },
  update: { ...life, ...request },
  modify: { attemptsMax: atLeastOne, ...life, ...request },
  increment: { ...addition, ...request },
  touch: { ...life, ...request },
  pop: removal,
  remove: removal,
  getMany: request,
  removeMany: { dryRun: flag, ...request },
  contains: request,
  len: request,
  clear: request,
  keys: iteration,
  values: iteration,
  items: iteration,
  page: { limit: pageLimit, after: text, values: flag, ...iteration },
  stats: request,
  configure: request,
  "configure, the change": policies,
  "transaction.put": life,
  "transaction.increment": addition,
  "transaction.touch": life,
  "transaction.commit": request,
  "Client.connect": connect,
  "Client.fromService": service,
  "client.service": request,
  "client.role": request,
  "client.supports": request,
  "client.close": { timeoutMs: milliseconds },
  "environments.list": request,
  "environments.get": request,
  "environments.create": request,
  "environments.update": request,
  "environments.update, the change": { name: text, webSuffix: text },
  "environments.delete": request,
  connectTokens: connect,
  "tokens.create": {
    name: text,
    role: oneOf(roles),
    environments: texts,
    endsAtSeconds: unixSeconds,
    note: text,
  },
} as const satisfies Record<string, OptionRow>;

/** A method whose options are checked, as messages name it. */
export type CheckedMethod = keyof typeof optionTable;
