// Every rule of DictService through a session on a real port, by each carrier.
import { openMemoryEngine } from "@everdict/embedded";
import { serviceSuite } from "@everdict/engine/suite";
import { describe, test } from "vitest";
import { socketServer } from "../../testing/socket-server.ts";
import { SessionClient } from "../index.ts";
import { connectSession } from "./index.ts";

for (const [name, scheme] of [
  ["bare frames", "http"],
  ["WebSocket", "ws"],
] as const) {
  serviceSuite({
    describe,
    test,
    name: `session over ${name}`,
    open: async (options) => {
      let nowMs = Date.UTC(2026, 0, 1);
      const engine = await openMemoryEngine({ ...options, clock: () => nowMs, sweepIntervalMs: 0 });
      const callers = new Map(
        ["one", "two"].map((id) => [
          id,
          { service: engine.serviceFor({ id, name: id }), isValid: () => true },
        ]),
      );
      const server = await socketServer(engine.serviceFor({ id: "none", name: "none" }), {
        authorize: (tokenId) => callers.get(tokenId),
        limits: { requestMaxBytes: engine.limits.requestMaxBytes },
      });
      const url = `${scheme}://127.0.0.1:${server.port}`;
      const [one, two] = ["one", "two"].map(
        (tokenId) => new SessionClient({ tokenId, tokenSecret: "s", connect: () => connectSession({ url }) }),
      );
      return {
        service: one!,
        otherCaller: two!,
        advance: (ms) => {
          nowMs += ms;
        },
        sweep: () => engine.sweep(),
        destroy: async () => {
          await Promise.all([one!.close(), two!.close()]);
          await server.stop();
          await engine.close();
        },
      };
    },
  });
}
