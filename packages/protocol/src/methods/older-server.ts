import { createError, type EverdictError } from "../errors.ts";
import type { Method } from "./method-table.ts";

/** The first version whose server knows all methods of the table. */
const neededVersion = "0.2";

/** The error of a call that the server does not know because it is older than the client. Nothing was done. */
export function olderServer(method: Method): EverdictError {
  return createError(
    "unimplemented",
    `the server does not know this form of ${method}; it needs Everdict ${neededVersion} or later there`,
  );
}
