import type { DictInfo, EnvironmentInfo, ExpiryPolicy } from "@everdict/protocol";
import type {
  DictDurability,
  DictExpiry,
  DictListResponse_DictInfo,
  DictMetadata,
  EnvironmentListItem,
} from "@everdict/protocol/api";
import { durabilityNumbers, expiryPolicyNumbers, wordOf } from "@everdict/protocol/grpc-words";

/** An expiry policy that is not known counts as not told. */
function expiryFrom({ policy, ttlSeconds }: DictExpiry): ExpiryPolicy | undefined {
  const word = wordOf(expiryPolicyNumbers, policy);
  if (word === undefined) return undefined;
  return word === "never" ? { policy: word } : { policy: word, ttlMs: Math.round(ttlSeconds * 1000) };
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
    durability: wordOf(durabilityNumbers, answer.everdictDurability),
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
