import assert from "node:assert/strict";
import { absenceCases } from "./absence.ts";
import { bulkCases } from "./bulk.ts";
import { commitRefusalCases } from "./commit-refusals.ts";
import { commitCases } from "./commits.ts";
import { concurrencyCases } from "./concurrency.ts";
import { contentsCases } from "./contents.ts";
import { dictionaryCases } from "./dictionaries.ts";
import { entryCases } from "./entries.ts";
import { entryLifeCases } from "./entry-lives.ts";
import { environmentCases } from "./environments.ts";
import { ephemeralCases } from "./ephemeral.ts";
import { expiryCases } from "./expiry.ts";
import { idempotencyCases } from "./idempotency.ts";
import { limitCases } from "./limits.ts";
import { listingCases } from "./listing.ts";
import { nameCases } from "./names.ts";
import {
  type Capability,
  type ServiceUnderTest,
  type Subject,
  type SuiteCase,
  type SuiteOpenOptions,
  suiteDefaults,
} from "./suite-case.ts";

/** What {@link serviceSuite} takes. */
export interface ServiceSuiteOptions {
  /** The runner's grouping function. */
  readonly describe: (title: string, define: () => void) => unknown;
  /** The runner's test function. */
  readonly test: (title: string, run: () => Promise<void>) => unknown;
  /** Names the implementation in the titles. */
  readonly name: string;
  /** Opens a service on fresh data; called once for each case. */
  readonly open: (options: SuiteOpenOptions) => ServiceUnderTest | Promise<ServiceUnderTest>;
  /** Capabilities that what `open` gives does not have. Default: it has all. */
  readonly without?: readonly Capability[] | undefined;
}

const topics: Readonly<Record<string, readonly SuiteCase[]>> = {
  names: nameCases,
  dictionaries: dictionaryCases,
  listing: listingCases,
  environments: environmentCases,
  entries: entryCases,
  commits: commitCases,
  "refused commits": commitRefusalCases,
  "times to live of entries": entryLifeCases,
  "many entries": bulkCases,
  contents: contentsCases,
  limits: limitCases,
  expiry: expiryCases,
  "ephemeral dictionaries": ephemeralCases,
  idempotency: idempotencyCases,
  concurrency: concurrencyCases,
  absence: absenceCases,
};

/**
 * Defines the tests that every DictService must pass, in-process or behind any transport.
 *
 * Cases that need a capability named in `without` are not run; one test lists them by title and fails if the
 * capability is there after all. A missing capability that is not named in `without` fails its cases.
 *
 * @example
 * serviceSuite({
 *   describe, test, name: "memory",
 *   open: async (options) => {
 *     let nowMs = Date.now();
 *     const clock = () => nowMs;
 *     const engine = await openEngine({ store: createMemoryStore({ clock }), clock, sweepIntervalMs: 0, ...options });
 *     return {
 *       service: engine.serviceFor({ id: "one", name: "one" }),
 *       otherCaller: engine.serviceFor({ id: "two", name: "two" }),
 *       advance: (ms) => { nowMs += ms; },
 *       sweep: () => engine.sweep(),
 *       destroy: () => engine.close(),
 *     };
 *   },
 * });
 */
export function serviceSuite(options: ServiceSuiteOptions): void {
  const { describe, test, name, open, without = [] } = options;
  describe(`service: ${name}`, () => {
    for (const [topic, cases] of Object.entries(topics)) {
      describe(topic, () => {
        for (const each of cases) {
          if (lacking(each, without).length === 0) test(each.title, () => runCase(each, open));
        }
      });
    }
    for (const capability of without) defineNotApplicable(capability, options);
  });
}

/** One test that lists the cases that do not apply and checks that they indeed do not. */
function defineNotApplicable(
  capability: Capability,
  { test, open, without = [] }: ServiceSuiteOptions,
): void {
  const titles = Object.values(topics)
    .flat()
    .filter((each) => lacking(each, without)[0] === capability)
    .map((each) => each.title);
  test(`not applicable without '${capability}' (${titles.length}): ${titles.join("; ")}`, async () => {
    const subject = await open(suiteDefaults);
    try {
      assert.equal(subject[capability], undefined, `'${capability}' is there: remove it from without`);
    } finally {
      await subject.destroy();
    }
  });
}

function lacking(each: SuiteCase, without: readonly Capability[]): Capability[] {
  return (each.needs ?? []).filter((need) => without.includes(need));
}

async function runCase(each: SuiteCase, open: ServiceSuiteOptions["open"]): Promise<void> {
  const opened = await open({ ...suiteDefaults, ...each.open });
  try {
    for (const need of each.needs ?? []) {
      assert.ok(opened[need], `this case needs '${need}': provide it, or name it in without`);
    }
    await each.run(subjectOf(opened));
  } finally {
    await opened.destroy();
  }
}

/** What a case did not declare it must not use: the fallbacks fail. */
function subjectOf({ service, otherCaller, advance, sweep }: ServiceUnderTest): Subject {
  return {
    service,
    get otherCaller() {
      assert.ok(otherCaller, "not declared: needs otherCaller");
      return otherCaller;
    },
    async advance(ms) {
      assert.ok(advance, "not declared: needs advance");
      await advance(ms);
    },
    async sweep() {
      assert.ok(sweep, "not declared: needs sweep");
      await sweep();
    },
  };
}
