import { createError, type EverdictError } from "@everdict/protocol";

/**
 * The messages of absence, in the words of Modal's server (protocol section 2.2). They quote what a caller sent, up to
 * a limited length.
 */

const quoteMaxLength = 100;

/** No dictionary has this id. */
export function dictIdNotFound(dictId: string): EverdictError {
  return createError("dict_not_found", `Dict ${quoted(dictId)} not found`);
}

/** No dictionary has this name. */
export function dictNotFound(name: string, environment: string): EverdictError {
  return createError(
    "dict_not_found",
    `Dict ${quoted(name)} not found in environment ${quoted(environment)}`,
  );
}

/** No environment has this name. */
export function environmentNotFound(name: string): EverdictError {
  return createError("environment_not_found", `Environment ${quoted(name)} not found`);
}

function quoted(text: string): string {
  return text.length <= quoteMaxLength ? `'${text}'` : `'${text.slice(0, quoteMaxLength)}…'`;
}
