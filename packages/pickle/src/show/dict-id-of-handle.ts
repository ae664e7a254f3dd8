import { PyPersistentId } from "../values/py-object.ts";

/**
 * The id of the dictionary that a stored handle stands for, or undefined if `value` is no such handle. A handle
 * is stored as a reference whose first part is the id (protocol section 4.4).
 */
export function dictIdOfHandle(value: object): string | undefined {
  if (!(value instanceof PyPersistentId) || !Array.isArray(value.id)) return undefined;
  const dictId: unknown = value.id[0];
  return typeof dictId === "string" && dictId.startsWith("di-") ? dictId : undefined;
}
