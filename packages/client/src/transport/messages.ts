import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type CreationMode,
  type DictInfo,
  type Durability,
  durabilities,
  type EnvironmentInfo,
  type ExpiryPolicy,
} from "@everdict/protocol";
import {
  DictDurability,
  type DictExpiry,
  DictExpiry_Policy,
  type DictExpirySchema,
  type DictListResponse_DictInfo,
  type DictMetadata,
  type EnvironmentListItem,
  ObjectCreationType,
} from "@everdict/protocol/api";

/** The wire's word for a mode of creation. */
export function creationTypeOf(mode: CreationMode | "ephemeral"): ObjectCreationType {
  switch (mode) {
    case "lookup":
      return ObjectCreationType.UNSPECIFIED;
    case "createIfMissing":
      return ObjectCreationType.CREATE_IF_MISSING;
    case "createFailIfExists":
      return ObjectCreationType.CREATE_FAIL_IF_EXISTS;
    case "ephemeral":
      return ObjectCreationType.EPHEMERAL;
  }
}

/** An expiry policy as Everdict's own field; Modal's servers skip it. */
export function expiryMessage(expiry: ExpiryPolicy): MessageInitShape<typeof DictExpirySchema> {
  if (expiry.policy === "never") return { policy: DictExpiry_Policy.NEVER };
  const policy = expiry.policy === "afterWrite" ? DictExpiry_Policy.AFTER_WRITE : DictExpiry_Policy.AFTER_USE;
  return { policy, ttlSeconds: expiry.ttlMs / 1000 };
}

/** A durability as Everdict's own field; Modal's servers skip it. */
export const durabilityMessage: Readonly<Record<Durability, DictDurability>> = {
  sync: DictDurability.SYNC,
  everysec: DictDurability.EVERYSEC,
  memory: DictDurability.MEMORY,
};

function expiryFrom({ policy, ttlSeconds }: DictExpiry): ExpiryPolicy | undefined {
  const ttlMs = Math.round(ttlSeconds * 1000);
  switch (policy) {
    case DictExpiry_Policy.NEVER:
      return { policy: "never" };
    case DictExpiry_Policy.AFTER_WRITE:
      return { policy: "afterWrite", ttlMs };
    case DictExpiry_Policy.AFTER_USE:
      return { policy: "afterUse", ttlMs };
    default:
      return undefined;
  }
}

/** What an answer says of a dictionary. A server may leave the metadata out, and Modal's tells no policies. */
export function dictInfoFrom(answer: {
  readonly dictId: string;
  readonly metadata?: DictMetadata | undefined;
  readonly everdictExpiry?: DictExpiry | undefined;
  readonly everdictDurability: DictDurability;
}): DictInfo {
  const { dictId, metadata, everdictExpiry } = answer;
  return {
    expiry: everdictExpiry && expiryFrom(everdictExpiry),
    durability: durabilities.find((each) => durabilityMessage[each] === answer.everdictDurability),
    dictId,
    name: metadata?.name ?? "",
    createdAtSeconds: metadata?.creationInfo?.createdAt ?? 0,
    createdBy: metadata?.creationInfo?.createdBy ?? "",
  };
}

/** What an item of a list says; its own name and time stand in where metadata is missing. */
export function dictInfoFromListItem(item: DictListResponse_DictInfo): DictInfo {
  const info = dictInfoFrom(item);
  return {
    ...info,
    name: info.name || item.name,
    createdAtSeconds: info.createdAtSeconds || item.createdAt,
  };
}

/** An environment as the list shows it. */
export function environmentInfoFrom(item: EnvironmentListItem): EnvironmentInfo {
  return {
    environmentId: item.environmentId,
    name: item.name,
    webSuffix: item.webhookSuffix,
    createdAtSeconds: item.createdAt,
    isDefault: item.default,
  };
}
