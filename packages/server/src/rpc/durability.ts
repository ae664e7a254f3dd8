import { createError, type Durability } from "@everdict/protocol";
import { DictDurability } from "@everdict/protocol/api";

/**
 * The durability that a request asks for, or undefined for the server's default.
 *
 * @throws `invalid_argument` for one that is not known
 */
export function durability(asked: DictDurability): Durability | undefined {
  switch (asked) {
    case DictDurability.UNSPECIFIED:
      return undefined;
    case DictDurability.SYNC:
      return "sync";
    case DictDurability.EVERYSEC:
      return "everysec";
    case DictDurability.MEMORY:
      return "memory";
    default:
      throw createError("invalid_argument", `everdict_durability ${asked as number} is not known`);
  }
}

/** The durability of a dictionary, for an answer. */
export const durabilityMessage: Readonly<Record<Durability, DictDurability>> = {
  sync: DictDurability.SYNC,
  everysec: DictDurability.EVERYSEC,
  memory: DictDurability.MEMORY,
};
