import { createError, type Durability, durabilities } from "@everdict/protocol";

/**
 * What a dictionary that asks for `asked` gets from a store that can do `most`: nothing is recorded that would not
 * be kept.
 *
 * @throws `invalid_argument` for one that is not known
 */
export function attainableDurability(asked: Durability, most: Durability): Durability {
  if (!durabilities.includes(asked)) {
    throw createError("invalid_argument", `durability is '${asked as string}', not sync, everysec or memory`);
  }
  return durabilities.indexOf(asked) < durabilities.indexOf(most) ? most : asked;
}
