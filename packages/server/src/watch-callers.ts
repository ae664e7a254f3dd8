import type { Authenticator } from "./authenticator.ts";
import type { OpenCalls } from "./grpc/open-calls.ts";
import type { Health } from "./health.ts";
import type { SessionEndpoint } from "./session/session-endpoint.ts";

/** How often, in milliseconds. What is ended then takes 600 at most, and a busy machine something: under a second in all. */
const watchIntervalMs = 250;

/** What {@link watchCallers} looks at. */
export interface WatchedCallers {
  readonly authenticator: Authenticator;
  readonly openCalls: OpenCalls;
  readonly sessions: Pick<SessionEndpoint, "checkCallers">;
  readonly health: Pick<Health, "report">;
}

/**
 * Ends what is under way for callers that may not go on: idle sessions, streams, calls, requests that are half
 * received. Asks for all of them four times a second, since the end of a token's time makes no noise; that takes some 150
 * nanoseconds each.
 *
 * @returns what stops it.
 */
export function watchCallers({ authenticator, openCalls, sessions, health }: WatchedCallers): () => void {
  const look = (): void => {
    authenticator.refresh?.();
    health.report("tokens", authenticator.problem);
    sessions.checkCallers();
    for (const call of openCalls.values()) {
      if (!authenticator.isCurrent(call.caller)) call.revoke();
    }
  };
  const timer = setInterval(look, watchIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
