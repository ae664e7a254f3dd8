import type { Engine } from "@everdict/engine";
import { EverdictError } from "@everdict/protocol";
import type { Authenticator } from "./authenticator.ts";
import type { Health, HealthProblem } from "./health.ts";

/** What {@link probeHealth} takes. */
export interface ProbeOptions {
  readonly engine: Pick<Engine, "serviceFor">;
  readonly authenticator: Pick<Authenticator, "problem">;
  /** Told of what is found. */
  readonly health: Health;
  /** How often to look, in milliseconds. */
  readonly intervalMs: number;
}

/** How long the engine may take, in milliseconds. */
const patienceMs = 2000;

/** No dictionary has this id, since the engine draws them at random. */
const noDictId = "di-0000000000000000000000";

/** Who asks. */
const prober = { id: "readyz", name: "readyz" };

/**
 * Asks the engine every now and then for one dictionary that is not there, and reports as `engine` whether it answers,
 * and as `tokens` what keeps changes of tokens from being noticed. That costs one look in the store, however many ask
 * for the health of the server in between.
 *
 * @returns what stops it.
 */
export function probeHealth({ engine, authenticator, health, intervalMs }: ProbeOptions): () => void {
  let isAsking = false;
  const probe = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const { problem } = authenticator;
    // Those who had a token before still get in.
    health.report("tokens", problem === undefined ? undefined : { state: "degraded", reason: problem });
    health.report("engine", await problemOf(engine));
    isAsking = false;
  };
  const timer = setInterval(() => void probe(), intervalMs);
  timer.unref();
  void probe();
  return () => clearInterval(timer);
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
