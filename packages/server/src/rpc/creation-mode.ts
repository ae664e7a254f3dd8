import { type CreationMode, createError } from "@everdict/protocol";
import { ObjectCreationType } from "@everdict/protocol/api";
import { creationTypes, wordOf } from "@everdict/protocol/grpc-words";

/**
 * How a creation type treats presence and absence.
 *
 * @throws `invalid_argument` for a type that names no mode, or that nobody knows
 */
export function creationMode(type: ObjectCreationType): CreationMode {
  const mode = wordOf(creationTypes, type);
  if (mode !== undefined && mode !== "ephemeral") return mode;
  throw createError("invalid_argument", `object_creation_type ${describe(type)} is not supported here`);
}

function describe(type: ObjectCreationType): string {
  const name: string | undefined = ObjectCreationType[type];
  return name === undefined ? String(type) : `${type} (${name})`;
}
