import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type CreationMode,
  createError,
  type DictInfo,
  type Durability,
  type EnvironmentInfo,
  type ExpiryPolicy,
} from "@everdict/protocol";
import {
  DictDurability,
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
export function durabilityMessage(durability: Durability): DictDurability {
  switch (durability) {
    case "sync":
      return DictDurability.SYNC;
    case "everysec":
      return DictDurability.EVERYSEC;
    case "memory":
      return DictDurability.MEMORY;
    default:
      throw createError(
        "invalid_argument",
        `durability is '${durability as string}', not sync, everysec or memory`,
      );
  }
}

/** What a single-dictionary answer says. A server may leave the metadata out. */
export function dictInfoFrom(answer: {
  readonly dictId: string;
  readonly metadata?: DictMetadata | undefined;
}): DictInfo {
  const { dictId, metadata } = answer;
  return {
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
