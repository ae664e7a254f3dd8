import type { Authenticator } from "./authenticator.ts";
import type { OpenCalls } from "./grpc/open-calls.ts";
import type { Health } from "./health.ts";
import type { SessionEndpoint } from "./session/session-endpoint.ts";

/**
 * How often to look, in milliseconds. Ending takes at most 600 more, and a busy machine needs some time: under a second
 * in all.
 */
const watchIntervalMs = 250;

/** What {@link watchCallers} looks at. */
export interface WatchedCallers {
  readonly authenticator: Authenticator;
  readonly openCalls: OpenCalls;
  readonly sessions: Pick<SessionEndpoint, "checkCallers">;
  readonly health: Pick<Health, "report">;
}

/**
 * Ends everything that is under way for callers that may not go on: idle sessions, streams, calls, half received
 * requests. It checks all callers four times a second, because nothing announces that a token's time has ended. A check
 * takes some 150 nanoseconds.
 *
 * @returns a function that stops it.
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
