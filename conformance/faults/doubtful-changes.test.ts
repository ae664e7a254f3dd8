// A change is made, and its answer is lost with the connection. What the client does then is decided by the method, not
// by the transport: what cannot be told from its own repeat counts as done, what a repeat would not find ends in doubt.
import { type EverdictProcess, SilencingProxy, startEverdict, waitUntil } from "@everdict/testkit";
import type { Client, ConnectOptions } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";

const count = 1_000;
const atOnce = 250;

let server: EverdictProcess;
let direct: Client;

beforeAll(async () => {
  server = await startEverdict({ memory: true });
  direct = connectTo(server);
});

afterAll(async () => {
  await direct?.close();
  await server?.[Symbol.asyncDispose]();
});

type Transport = NonNullable<ConnectOptions["transport"]>;
type Service = Awaited<ReturnType<Client["service"]>>;

/** Makes calls whose answers are all lost once they have taken effect, and says how each ended. */
async function withLostReplies(
  transport: Transport,
  calls: (service: Service) => Promise<unknown>[],
  haveTakenEffect: () => Promise<boolean>,
): Promise<string[]> {
  await using proxy = await SilencingProxy.start(Number(new URL(server.url).port));
  await using client = connectTo(server, { url: `http://127.0.0.1:${proxy.port}`, transport });
  const service = await client.service();
  await service.listEnvironments();
  proxy.silence();
  const made = calls(service).map((call) =>
    call.then(
      () => "done",
      (error: { code: string }) => error.code,
    ),
  );
  await waitUntil("the calls have taken effect", haveTakenEffect, { timeoutMs: 30_000 });
  proxy.cut();
  return await Promise.all(made);
}

const rounds = Array.from({ length: count / atOnce }, (_, round) => round);
const names = (round: number, what: string) =>
  Array.from({ length: atOnce }, (_, index) => `${what}-${round}-${index}`);
const environments = async (service: Service) =>
  (await service.listEnvironments()).map(({ name }) => name).filter((name) => name !== "main");

describe.each<Transport>(["session", "grpc"])("over %s, when replies are lost", (transport) => {
  test(`${count} deletions of dictionaries succeed`, async () => {
    const service = await direct.service();
    for (const round of rounds) {
      const dicts = await Promise.all(
        names(round, "dict").map((name) =>
          service.getOrCreateDict({ mode: "createIfMissing", environment: "", name }),
        ),
      );
      const ends = await withLostReplies(
        transport,
        (lossy) => dicts.map(({ dictId }) => lossy.deleteDict(dictId)),
        async () => (await service.listDicts({ environment: "", maxObjects: 0 })).length === 0,
      );
      expect(ends).toEqual(Array(atOnce).fill("done"));
    }
  }, 120_000);

  test(`${count} renames of environments are made once and end in doubt; ${count} deletions succeed`, async () => {
    const service = await direct.service();
    for (const round of rounds) {
      const before = names(round, `before-${transport}`);
      const after = names(round, `after-${transport}`);
      await Promise.all(before.map((name) => service.getOrCreateEnvironment(name, "createIfMissing")));
      const renames = await withLostReplies(
        transport,
        (lossy) =>
          before.map((currentName, index) => lossy.updateEnvironment({ currentName, name: after[index] })),
        async () => (await environments(service)).every((name) => name.startsWith("after")),
      );
      expect(renames).toEqual(Array(atOnce).fill("unavailable"));
      expect((await environments(service)).sort()).toEqual(after.sort());

      const deletions = await withLostReplies(
        transport,
        (lossy) => after.map((name) => lossy.deleteEnvironment(name)),
        async () => (await environments(service)).length === 0,
      );
      expect(deletions).toEqual(Array(atOnce).fill("done"));
    }
  }, 120_000);
});
