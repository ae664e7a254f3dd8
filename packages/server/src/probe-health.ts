import type { Engine } from "@everdict/engine";
import { EverdictError } from "@everdict/protocol";
import type { Health, HealthProblem } from "./health.ts";

/** What {@link probeHealth} takes. */
export interface ProbeOptions {
  readonly engine: Pick<Engine, "serviceFor"> & Partial<Pick<Engine, "health">>;
  /** Told of what is found. */
  readonly health: Health;
  /** How often to look, in milliseconds. Default: 2000. */
  readonly intervalMs?: number | undefined;
}

/** How long the engine may take, in milliseconds. */
const patienceMs = 2000;

/** No dictionary has this id, since the engine draws them at random. */
const noDictId = "di-0000000000000000000000";

/** Who asks. */
const prober = { id: "readyz", name: "readyz" };

/**
 * Asks the engine regularly for one dictionary that does not exist. It reports as `engine` whether the engine answers,
 * and as `store` what is wrong with its disk. A look costs one read in the store, however many clients ask for the
 * server's health in between.
 *
 * @returns a function that stops it.
 */
export function probeHealth({ engine, health, intervalMs = 2000 }: ProbeOptions): () => void {
  let isAsking = false;
  const probe = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    health.report("engine", await problemOf(engine));
    health.report("store", diskProblem(engine.health?.()));
    isAsking = false;
  };
  const timer = setInterval(() => void probe(), intervalMs);
  timer.unref();
  void probe();
  return () => clearInterval(timer);
}

/** Refused reads are not forgotten before the next start, because the data may be lost. */
function diskProblem(store: ReturnType<Engine["health"]> | undefined): HealthProblem | undefined {
  const reasons: string[] = [];
  if (store?.isFull) reasons.push("the disk is full");
  if (store?.isOutOfDescriptors) reasons.push("no file descriptor is left");
  if (store !== undefined && store.readErrors > 0) reasons.push("the disk refuses to read");
  if (store?.serversProblem !== undefined) reasons.push("servers of the cluster would not keep writes");
  return reasons.length === 0 ? undefined : { state: "degraded", reason: reasons.join(", ") };
}

/** Undefined if the engine answers in time, in whatever way says that it looked. */
async function problemOf(engine: Pick<Engine, "serviceFor">): Promise<HealthProblem | undefined> {
  try {
    const service = engine.serviceFor(prober);
    await service.getDictById(noDictId, { timeoutMs: patienceMs });
  } catch (caught) {
    if (caught instanceof EverdictError && caught.code === "dict_not_found") return undefined;
    return { state: "failed", reason: "it does not answer" };
  }
  return undefined;
}
