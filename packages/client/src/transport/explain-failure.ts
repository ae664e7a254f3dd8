import type { EverdictError } from "@everdict/protocol";
import type { ServerTarget } from "../connection/resolve-target.ts";
import { connectionTrouble } from "./connection-trouble.ts";
import { refusedToken } from "./refused-token.ts";

/** The error of a server that cannot be reached, or refuses who calls, with what was tried and what to do. */
export function explainFailure(error: EverdictError, target: ServerTarget): EverdictError {
  const url = placeOf(target);
  return refusedToken(connectionTrouble(error, { url, source: target.source }), target, url);
}

/** The servers of a target, as messages name them. */
export function placeOf({ addresses }: ServerTarget): string {
  return addresses.map(({ sessionUrl, target }) => sessionUrl ?? target).join(", ");
}
