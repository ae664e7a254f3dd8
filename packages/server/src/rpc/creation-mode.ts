import { type CreationMode, createError } from "@everdict/protocol";
import { ObjectCreationType } from "@everdict/protocol/api";

const modes: ReadonlyMap<number, CreationMode> = new Map([
  [ObjectCreationType.UNSPECIFIED, "lookup"],
  [ObjectCreationType.CREATE_IF_MISSING, "createIfMissing"],
  [ObjectCreationType.CREATE_FAIL_IF_EXISTS, "createFailIfExists"],
]);

/**
 * How a creation type treats presence and absence.
 *
 * @throws `invalid_argument` for a type that names no mode, or that nobody knows
 */
export function creationMode(type: ObjectCreationType): CreationMode {
  const mode = modes.get(type);
  if (mode !== undefined) return mode;
  throw createError("invalid_argument", `object_creation_type ${describe(type)} is not supported here`);
}

function describe(type: ObjectCreationType): string {
  const name: string | undefined = ObjectCreationType[type];
  return name === undefined ? String(type) : `${type} (${name})`;
}
