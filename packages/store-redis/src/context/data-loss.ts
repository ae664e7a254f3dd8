import { createError, type EverdictError } from "@everdict/protocol";
import type { StoreContext } from "./store-context.ts";

/** What it takes to say so. */
type LossContext = Pick<StoreContext, "counters" | "warn" | "clock" | "said">;

/** The same loss is not logged again for this long, because every call may meet it. */
const sayAgainMs = 60_000;
const saidMax = 1_000;

/** Counts that something which must be there is missing, tells the operator, and makes the error for the caller. */
export function dataLoss(context: LossContext, what: string): EverdictError {
  context.counters.dataLoss++;
  return said(
    context,
    `${what} is missing from the cluster: a server lost its data (see docs/cluster.md, "Data loss")`,
  );
}

/** The same for something that stands under a name of ours and is not what this version of Everdict writes there. */
export function foreignRecord(context: LossContext, what: string): EverdictError {
  context.counters.foreignRecords++;
  return said(
    context,
    `${what} is not what this version of Everdict writes: another program or another version wrote there ` +
      '(see docs/cluster.md, "Foreign records")',
  );
}

/** The same for an entry of a dictionary. */
export function foreignEntry(context: StoreContext, { id }: { readonly id: string }): EverdictError {
  return foreignRecord(context, `an entry of dict '${id}'`);
}

function said({ warn, clock, said: before }: LossContext, message: string): EverdictError {
  const nowMs = clock();
  if (nowMs - (before.get(message) ?? Number.NEGATIVE_INFINITY) >= sayAgainMs) {
    if (before.size >= saidMax) before.clear();
    before.set(message, nowMs);
    warn(message);
  }
  return createError("data_loss", message);
}
