import { configDefaults, defineConfig } from "vitest/config";

// Tests run on the sources of every package (the "@everdict/source" export condition), so no build is
// needed for them; only tests that start processes use the built files.
const conditions = ["@everdict/source", "node", "module", "import", "default"];

const everything = [
  "packages/*/src/**/*.test.ts",
  "tests/**/*.test.ts",
  "conformance/**/*.test.ts",
  "examples/**/*.test.ts",
  "bench/src/**/*.test.ts",
];
// Tests that are as good on a busy machine: they neither measure nor have anybody give up by the clock.
const patient = [
  "packages/pickle/src/**/!(hostile).test.ts",
  "packages/store-log/src/**/!(durability|large-value).test.ts",
  "conformance/cli/**/*.test.ts",
  "conformance/interop/{newest,v*}.test.ts",
  "conformance/real-data/**/*.test.ts",
  "tests/**/*.test.ts",
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    testTimeout: 30_000,
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "side by side",
          include: patient,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "one by one",
          include: everything,
          exclude: [...configDefaults.exclude, ...patient],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
