// What people see of a Dict in a console and in messages, and what they are told if they make one by hand.
import { inspect } from "node:util";
import { openMemoryEngine } from "@everdict/embedded";
import { expect, test } from "vitest";
import { Client, Dict, DictObjects, Environments, InvalidError } from "./index.ts";

test("a Dict is shown in one line that names it, and nothing is asked for it", async () => {
  const engine = await openMemoryEngine();
  const client = Client.fromService(engine.serviceFor({ id: "one", name: "one" }));
  const jobs = Dict.fromName("jobs", { client, createIfMissing: true });
  expect(inspect(jobs)).toBe("Dict 'jobs'");
  expect(
    await engine.serviceFor({ id: "one", name: "one" }).listDicts({ environment: "", maxObjects: 0 }),
  ).toEqual([]);
  expect(inspect({ list: [jobs] }, { depth: 0 })).toBe("{ list: [Array] }");
  expect(inspect([jobs, [jobs]])).toBe("[ Dict 'jobs', [ Dict 'jobs' ] ]");
  expect(`${jobs}`).toBe("Dict 'jobs'");
  await using scratch = await Dict.ephemeral({ client });
  expect(inspect(scratch)).toBe(`Dict ${scratch.objectId}`);
  expect(inspect(Dict.fromId(scratch.objectId, { client }))).toBe(`Dict ${scratch.objectId}`);
  await engine.close();
});

test("what is not made with new says how it is made", () => {
  const made =
    (Class: unknown, ...given: unknown[]) =>
    () =>
      Reflect.construct(Class as new () => unknown, given);
  for (const given of [[], ["jobs"], [{ name: "jobs" }]]) {
    expect(made(Dict, ...given)).toThrow(InvalidError);
    expect(made(Dict, ...given)).toThrow("A Dict is not made with new: use Dict.fromName(name)");
    expect(made(Client, ...given)).toThrow("A Client is not made with new: use Client.connect({ url })");
    expect(made(DictObjects, ...given)).toThrow("DictObjects is not made with new: use Dict.objects");
    expect(made(Environments, ...given)).toThrow(
      "Environments is not made with new: use client.environments",
    );
  }
});

test("a client or a service that is none is refused", () => {
  for (const wrong of [null, 5, "memory:", {}, class {}])
    expect(() => Client.setDefault(wrong as never)).toThrow(
      "Client.setDefault: `client` must be a Client, as",
    );
  for (const wrong of [undefined, null, "memory:"])
    expect(() => Client.fromService(wrong as never)).toThrow(
      "Client.fromService: `service` must be a DictService",
    );
});

test("a name or an id that is no text is refused", () => {
  for (const name of [undefined, null, 5, {}, ["jobs"]]) {
    expect(() => Dict.fromName(name as never)).toThrow(expect.objectContaining({ code: "invalid_name" }));
    expect(() => Dict.fromId(name as never)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  }
  expect(() => Dict.fromName(5 as never)).toThrow(
    "Invalid Dict name: not text but number. Names are 1 to 64 characters",
  );
  expect(() => Dict.fromId(null as never)).toThrow("Dict.fromId: `dictId` must be text, not null");
});
