/** How a dictionary is set up, in the messages of `everdict.v1`. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  createError,
  type DictChange,
  type DictInfo,
  type Durability,
  durabilities,
  type ExpiryPolicy,
} from "@everdict/protocol";
import type { ConfigureRequest, DictDescriptionSchema, Expiry } from "@everdict/protocol/dicts-api";

/** What a request would change. @throws `invalid_argument` for a policy or a durability that is not known */
export function askedChange({ expiry, durability }: ConfigureRequest): DictChange {
  return {
    expiry: expiry && askedExpiry(expiry),
    durability: durability === undefined ? undefined : askedDurability(durability),
  };
}

function askedExpiry({ policy, ttlMs }: Expiry): ExpiryPolicy {
  if (policy === "never") return { policy };
  if (policy === "afterWrite" || policy === "afterUse") return { policy, ttlMs };
  throw createError(
    "invalid_argument",
    `expiry.policy is ${shown(policy)}, not afterWrite, afterUse or never`,
  );
}

function askedDurability(asked: string): Durability {
  const durability = durabilities.find((each) => each === asked);
  if (durability !== undefined) return durability;
  throw createError("invalid_argument", `durability is ${shown(asked)}, not ${durabilities.join(", ")}`);
}

/** As much of a word as a message should have. */
function shown(word: string): string {
  return `'${word.slice(0, 40)}'`;
}

/** What is known of a dictionary. */
export function dictDescription(info: DictInfo): MessageInitShape<typeof DictDescriptionSchema> {
  const { dictId, name, createdAtSeconds, createdBy, expiry, durability } = info;
  return {
    dictId,
    name,
    createdAtSeconds,
    createdBy,
    ...(expiry && { expiry: { policy: expiry.policy, ttlMs: expiry.policy === "never" ? 0 : expiry.ttlMs } }),
    ...(durability && { durability }),
  };
}
