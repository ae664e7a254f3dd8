// The hardest case of exactly once: the server executes a call, makes it durable, and is killed before its reply
// leaves. The official client repeats the call under the same idempotency key; the restarted server must give the
// answer that the dead one had.
import {
  type Decide,
  type EverdictProcess,
  pythonIsSetUp,
  type ReplyDroppingProxy,
  startEverdict,
  startPython,
  startReplyDroppingProxy,
} from "@everdict/testkit";
import { Dict } from "everdict";
import { describe, expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { parameters } from "../parameters.ts";

const rounds = parameters.crashesBeforeReply;

describe.skipIf(!pythonIsSetUp(["newest"]))("a server that is killed between a call and its reply", () => {
  test(`gives the answer after its restart, for pops, conditional puts and creations, ${rounds} times each`, async () => {
    let server: EverdictProcess = await startEverdict();
    let proxy: ReplyDroppingProxy | undefined;
    const dieFirst: Decide = async ({ attempt, method }) => {
      if (attempt !== 0 || !["DictPop", "DictUpdate", "DictGetOrCreate"].includes(method)) return "deliver";
      const held = proxy!.hold();
      try {
        await server.kill9();
        server = await server.restart();
      } finally {
        held.release();
      }
      return "cut";
    };
    proxy = await startReplyDroppingProxy(server.serverUrl, dieFirst);
    await using python = startPython("newest", { ...server.env, MODAL_SERVER_URL: proxy.url });
    try {
      const answers = await python.run(
        `
answers = []
for n in range(${rounds}):
    modal.Dict.objects.create(f"made-{n}")
    d = modal.Dict.from_name(f"made-{n}")
    d.hydrate()
    answers.append([d.put("lock", n, skip_if_exists=True), d.put("lock", "late", skip_if_exists=True), d.pop("lock")])
answers`,
        { timeoutMs: 280_000 },
      );
      expect(answers.json).toEqual(Array.from({ length: rounds }, (_, n) => [true, false, n]));
      expect(proxy.counts.cut).toBe(5 * rounds);

      await using client = connectTo(server);
      for (let n = 0; n < rounds; n += 1) expect(await Dict.fromName(`made-${n}`, { client }).len()).toBe(0);
    } finally {
      await proxy.close();
      await server[Symbol.asyncDispose]();
    }
  }, 300_000);
});
