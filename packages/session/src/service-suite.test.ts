// Every rule of DictService through a session, over a connection in memory.
import { openMemoryEngine } from "@everdict/embedded";
import { serviceSuite } from "@everdict/engine/suite";
import { describe, test } from "vitest";
import {
  carrierPair,
  type SessionCaller,
  SessionClient,
  SessionClientConnection,
  SessionHost,
} from "./index.ts";

type Kind = "connection" | "client";

for (const kind of ["connection", "client"] satisfies Kind[]) {
  serviceSuite({
    describe,
    test,
    name: `session ${kind} over a connection in memory`,
    open: async (options) => {
      let nowMs = Date.UTC(2026, 0, 1);
      const engine = await openMemoryEngine({ ...options, clock: () => nowMs, sweepIntervalMs: 0 });
      const callers = new Map<string, SessionCaller>();
      for (const name of ["one", "two"]) {
        const service = engine.serviceFor({ id: name, name });
        callers.set(`${name} ${name}-secret`, { service, isValid: () => true });
      }
      const host = new SessionHost({
        authorize: (tokenId, tokenSecret) => callers.get(`${tokenId} ${tokenSecret}`),
        limits: { requestMaxBytes: engine.limits.requestMaxBytes },
      });
      const connect = (): ReturnType<typeof carrierPair>[0] => {
        const [clientEnd, serverEnd] = carrierPair();
        host.accept(serverEnd);
        return clientEnd;
      };
      const [one, two] = ["one", "two"].map((name) => {
        const token = { tokenId: name, tokenSecret: `${name}-secret` };
        return kind === "connection"
          ? new SessionClientConnection(connect(), token)
          : new SessionClient({ ...token, connect: async () => connect() });
      });
      return {
        service: one!,
        otherCaller: two!,
        advance: (ms) => {
          nowMs += ms;
        },
        sweep: () => engine.sweep(),
        destroy: async () => {
          await Promise.all([one!.close(), two!.close()]);
          await host.close(1000);
          await engine.close();
        },
      };
    },
  });
}
