import assert from "node:assert/strict";
import { absenceSuite } from "./absence.ts";
import { binaryKeysSuite } from "./binary-keys.ts";
import { byteOwnershipSuite } from "./byte-ownership.ts";
import { changingContentsSuite } from "./changing-contents.ts";
import { clearCases } from "./clear.ts";
import { closedSuite } from "./closed.ts";
import { commitCases, commitSuite } from "./commit.ts";
import { concurrencySuite } from "./concurrency.ts";
import { configureSuite } from "./configure.ts";
import { containsCases } from "./contains.ts";
import { contentsCases } from "./contents.ts";
import { counterCases, counterSuite } from "./counters.ts";
import { createDictSuite } from "./create-dict.ts";
import { deleteDictSuite } from "./delete-dict.ts";
import { entryCases } from "./entry-case.ts";
import { environmentsSuite } from "./environments.ts";
import { ephemeralSuite } from "./ephemeral.ts";
import { expirySuite } from "./expiry.ts";
import { getCases } from "./get.ts";
import { getManyCases, getManySuite } from "./get-many.ts";
import { idempotencySuite } from "./idempotency.ts";
import { largeValuesSuite } from "./large-values.ts";
import { lenCases } from "./len.ts";
import { listDictsSuite } from "./list-dicts.ts";
import { matchCases } from "./match.ts";
import { pageCases, pageSuite } from "./pages.ts";
import { persistenceSuite } from "./persistence.ts";
import { popCases } from "./pop.ts";
import { putIfAbsentCases } from "./put-if-absent.ts";
import { removeCases } from "./remove.ts";
import { removeManyCases, removeManySuite } from "./remove-many.ts";
import { statsCases, statsSuite } from "./stats.ts";
import { createSuite, type SuiteOptions } from "./suite.ts";
import { sweepSuite } from "./sweep.ts";
import { timeToLiveSuite } from "./time-to-live.ts";
import { updateCases } from "./update.ts";
import { versionCases, versionSuite } from "./versions.ts";

/**
 * The conformance suite: every store must pass it, and a store that passes keeps the contract.
 *
 * Registers its cases with the given test runner. The store's capabilities decide which cases apply; a case
 * opens a store of its own through `open` and destroys it. Time is the suite's, ids are unique within a store.
 *
 * @example
 * storeSuite({ describe, test, name: "memory", capabilities, open: async ({ clock }) => {
 *   const store = createMemoryStore({ clock });
 *   return { store, destroy: () => store.close() };
 * } });
 */
export function storeSuite(options: SuiteOptions): void {
  const suite = createSuite(options);
  suite.describe(`store contract: ${options.name}`, () => {
    suite.test("says what it can do", async (world) => {
      assert.deepEqual(world.store.capabilities, options.capabilities);
    });
    environmentsSuite(suite);
    createDictSuite(suite);
    listDictsSuite(suite);
    deleteDictSuite(suite);
    ephemeralSuite(suite);
    entryCases(suite, "get", getCases);
    entryCases(suite, "contains", containsCases);
    entryCases(suite, "len", lenCases);
    entryCases(suite, "update", updateCases);
    entryCases(suite, "putIfAbsent", putIfAbsentCases);
    entryCases(suite, "pop", popCases);
    entryCases(suite, "remove", removeCases);
    entryCases(suite, "clear", clearCases);
    entryCases(suite, "contents", contentsCases);
    entryCases(suite, "commit", commitCases);
    commitSuite(suite);
    entryCases(suite, "entry", versionCases);
    versionSuite(suite);
    entryCases(suite, "an addition", counterCases);
    counterSuite(suite);
    timeToLiveSuite(suite);
    entryCases(suite, "getMany", getManyCases);
    getManySuite(suite);
    entryCases(suite, "removeMany", removeManyCases);
    removeManySuite(suite);
    entryCases(suite, "page", pageCases);
    pageSuite(suite);
    entryCases(suite, "match", matchCases);
    entryCases(suite, "stats", statsCases);
    statsSuite(suite);
    configureSuite(suite);
    changingContentsSuite(suite);
    binaryKeysSuite(suite);
    largeValuesSuite(suite);
    byteOwnershipSuite(suite);
    concurrencySuite(suite);
    expirySuite(suite);
    sweepSuite(suite);
    idempotencySuite(suite);
    absenceSuite(suite);
    closedSuite(suite);
    persistenceSuite(suite);
  });
}
