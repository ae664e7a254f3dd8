/**
 * Every option of every method of the client. The compiler sees to it that no option is missing here, a test that no
 * method is. A new option needs a row in its method, with its kind.
 */

import { type NewToken, roles } from "@everdict/protocol";
import type { CloseOptions, ConnectOptions, ServiceOptions } from "../client.ts";
import type { CodecOptions } from "../codec-options.ts";
import type {
  CreateDictOptions,
  DeleteDictOptions,
  DictLocation,
  ListDictsOptions,
} from "../dict-objects.ts";
import type { FromNameOptions, NewDictOptions, PutOptions } from "../dict-options.ts";
import type { EnvironmentChange } from "../environments.ts";
import type { IterationOptions } from "../iteration-options.ts";
import type { RequestOptions } from "../request-options.ts";
import { entriesFault } from "./entries-fault.ts";
import { expiryKind } from "./expiry-kind.ts";
import { faultIn, type OptionKind, type OptionRow } from "./option-faults.ts";
import {
  abortSignal,
  callTime,
  clientKind,
  count,
  durabilityKind,
  flag,
  milliseconds,
  moment,
  oneOf,
  text,
  texts,
  undecodableKind,
  unixSeconds,
  waitingTime,
} from "./option-kinds.ts";

/** A kind for each option, and for nothing else. The first one is what messages show as an example. */
type KindsOf<Options> = { readonly [Name in keyof Required<Options>]: OptionKind };

const request = { timeoutMs: callTime, signal: abortSignal } satisfies KindsOf<RequestOptions>;
const location = { environment: text, client: clientKind } satisfies KindsOf<DictLocation>;
const policies = { expiry: expiryKind, durability: durabilityKind };
const newDict = {
  ...location,
  ...policies,
  data: (name, value) => entriesFault(value, `\`${name}\``),
} satisfies KindsOf<NewDictOptions<unknown, unknown>>;
const fromName = { createIfMissing: flag, ...newDict } satisfies KindsOf<FromNameOptions<unknown, unknown>>;
const iteration = { ...request, onUndecodable: undecodableKind } satisfies KindsOf<IterationOptions>;
const deletion = { allowMissing: flag, ...location, ...request } satisfies KindsOf<DeleteDictOptions>;

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
} satisfies KindsOf<CodecOptions>;
const service = {
  environment: text,
  timeoutMs: milliseconds,
  codec: (name, value) => faultIn(codec, value, name),
} satisfies KindsOf<ServiceOptions>;
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
} satisfies KindsOf<ConnectOptions>;

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
  } satisfies KindsOf<CreateDictOptions>,
  "Dict.objects.list": {
    maxObjects: count,
    createdBefore: moment,
    ...location,
    ...request,
  } satisfies KindsOf<ListDictsOptions>,
  "Dict.objects.delete": deletion,
  hydrate: request,
  info: request,
  get: request,
  put: { skipIfExists: flag, ...request } satisfies KindsOf<PutOptions>,
  update: request,
  pop: request,
  contains: request,
  len: request,
  clear: request,
  keys: iteration,
  values: iteration,
  items: iteration,
  "Client.connect": connect,
  "Client.fromService": service,
  "client.service": request,
  "client.close": { timeoutMs: milliseconds } satisfies KindsOf<CloseOptions>,
  "environments.list": request,
  "environments.get": request,
  "environments.create": request,
  "environments.update": request,
  "environments.update, the change": { name: text, webSuffix: text } satisfies KindsOf<EnvironmentChange>,
  "environments.delete": request,
  connectTokens: connect,
  "tokens.create": {
    name: text,
    role: oneOf(roles),
    environments: texts,
    endsAtSeconds: unixSeconds,
    note: text,
  } satisfies KindsOf<NewToken>,
} as const satisfies Record<string, OptionRow>;

/** A method whose options are checked, as messages name it. */
export type CheckedMethod = keyof typeof optionTable;
