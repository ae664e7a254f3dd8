/** What modes of creation, durabilities, expiry policies and refusals are in the messages of gRPC, for both of its ends. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Refused } from "./commit.ts";
import { Refused_Reason } from "./gen/everdict/v1/dicts_pb.ts";
import {
  DictDurability,
  DictExpiry_Policy,
  type DictExpirySchema,
  ObjectCreationType,
} from "./gen/modal/client/api_pb.ts";
import type { CreationMode, Durability, ExpiryPolicy } from "./service.ts";

/** The number of each mode, that of ephemeral dictionaries included. */
export const creationTypes: Readonly<Record<CreationMode | "ephemeral", ObjectCreationType>> = {
  lookup: ObjectCreationType.UNSPECIFIED,
  createIfMissing: ObjectCreationType.CREATE_IF_MISSING,
  createFailIfExists: ObjectCreationType.CREATE_FAIL_IF_EXISTS,
  ephemeral: ObjectCreationType.EPHEMERAL,
};

/** The number of each durability, in a field that is Everdict's own. */
export const durabilityNumbers: Readonly<Record<Durability, DictDurability>> = {
  sync: DictDurability.SYNC,
  everysec: DictDurability.EVERYSEC,
  memory: DictDurability.MEMORY,
};

/** The number of each expiry policy, in a message that is Everdict's own. */
export const expiryPolicyNumbers: Readonly<Record<ExpiryPolicy["policy"], DictExpiry_Policy>> = {
  afterWrite: DictExpiry_Policy.AFTER_WRITE,
  afterUse: DictExpiry_Policy.AFTER_USE,
  never: DictExpiry_Policy.NEVER,
};

/** The number of each reason for which a commit is refused. */
export const refusalReasons: Readonly<Record<Refused["reason"], Refused_Reason>> = {
  condition: Refused_Reason.CONDITION,
  not_a_number: Refused_Reason.NOT_A_NUMBER,
  out_of_bounds: Refused_Reason.OUT_OF_BOUNDS,
};

/** The word that has a number in one of these tables; undefined if none has it. */
export function wordOf<Word extends string>(
  numbers: Readonly<Record<Word, number>>,
  number: number,
): Word | undefined {
  const words = Object.keys(numbers) as Word[];
  return words.find((word) => numbers[word] === number);
}

/** The expiry of a dictionary, in a request and in an answer. */
export function expiryMessage(expiry: ExpiryPolicy): MessageInitShape<typeof DictExpirySchema> {
  const policy = expiryPolicyNumbers[expiry.policy];
  return expiry.policy === "never" ? { policy } : { policy, ttlSeconds: expiry.ttlMs / 1000 };
}
