import { createError, type EverdictError } from "@everdict/protocol";
import type { StoreContext } from "./store-context.ts";

/** Counts that something which must be there is not, and makes the error that says so. */
export function dataLoss({ counters }: Pick<StoreContext, "counters">, what: string): EverdictError {
  counters.dataLoss++;
  return createError(
    "data_loss",
    `${what} is missing from the cluster: a server lost its data (see docs/cluster.md, "Data loss")`,
  );
}
