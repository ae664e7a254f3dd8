import { createError, type Durability, durabilities } from "@everdict/protocol";

/**
 * The durability that a dictionary gets if it asks for `asked` and the store can do `most`. The record of a dictionary
 * never promises more than the store keeps.
 *
 * @throws `invalid_argument` for one that is not known
 */
export function attainableDurability(asked: Durability, most: Durability): Durability {
  if (!durabilities.includes(asked)) {
    throw createError("invalid_argument", `durability is '${asked as string}', not sync, everysec or memory`);
  }
  return durabilities.indexOf(asked) < durabilities.indexOf(most) ? most : asked;
}
