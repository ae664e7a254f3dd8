// Every file of a data directory, damaged in every way: nothing that was acknowledged is gone without a word.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@everdict/testkit";
import { beforeAll, expect, test } from "vitest";
import { type DamageCase, damageMatrix, withDamageMatrix } from "../../scripts/render-damage-matrix.mjs";
import { buildEverdict } from "../../test-support/run-everdict.ts";

let cases: readonly DamageCase[];
const nameOf = ({ state, file, damage }: DamageCase): string => `${state}, ${file}, ${damage}`;

beforeAll(async () => {
  await buildEverdict();
  cases = await damageMatrix();
}, 300_000);

test("every file is damaged in every way, after a clean stop and after a kill", () => {
  const damages = new Set(cases.map(({ damage }) => damage));
  const files = (state: DamageCase["state"]) =>
    [...new Set(cases.filter((each) => each.state === state).map(({ file }) => file))].sort();
  expect(damages.size).toBe(8);
  // A process that was killed left its lock, and had not yet made a hint of the segment that it wrote.
  const always = files("clean stop").filter((file) => file !== "the hint of the last segment");
  expect(files("kill")).toEqual([...always, "the owner's lock"].sort());
  expect(always).toEqual(expect.arrayContaining(["a sealed segment", "the last segment", "`tokens.json`"]));
  expect(cases).toHaveLength((files("kill").length + files("clean stop").length) * damages.size);
});

test("no entry that was acknowledged is gone in silence, but the last writes before a kill", () => {
  const silent = cases.filter(({ serve, doctor }) => serve.gone > 0 && doctor.status === 0);
  expect(silent.map(nameOf)).toEqual(
    ["last byte", "half", "zeroed page"].map((damage) => `kill, the last segment, ${damage}`),
  );
  // And then the doctor says that they may be missing.
  for (const { doctor, salvage } of silent) {
    expect(doctor.report.end_proven).toBe(false);
    expect(salvage.report.end_proven).toBe(false);
  }
});

test("no token is invalid in silence", () => {
  expect(cases.some(({ serve }) => serve.isTokenValid === false)).toBe(true);
  expect(cases.some(({ saved }) => !saved.isTokenValid)).toBe(true);
  for (const each of cases) {
    const { serve, saved, doctor, salvage } = each;
    if (serve.isTokenValid === false) expect([nameOf(each), doctor.status]).toEqual([nameOf(each), 5]);
    if (!saved.isTokenValid) expect([nameOf(each), salvage.status]).toEqual([nameOf(each), 5]);
  }
});

test("what salvage does not save is what it lists, and it saves what a server could read", () => {
  for (const each of cases) {
    const { serve, saved, salvage } = each;
    expect(saved.refusal).toBeUndefined();
    if (serve.refusal === undefined) expect(saved.there).toBeGreaterThanOrEqual(serve.there);
    if (salvage.status === 0) continue;
    const { dicts, unreadable, missing } = salvage.report;
    const isAllKnown = unreadable.every(({ known }) => known) && unreadable.length >= missing.length;
    if (isAllKnown) expect(saved.gone).toBe(dicts.reduce((sum, { lost }) => sum + lost, 0));
    else expect(unreadable.length + missing.length).toBeGreaterThan(0);
  }
});

test("the table in docs/backups.md is what the program does", () => {
  const page = readFileSync(join(repositoryRoot, "docs/backups.md"), "utf8");
  expect(withDamageMatrix(page, cases)).toBe(page);
});
