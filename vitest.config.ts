import { defineConfig } from "vitest/config";

// Tests run on the sources of every package (the "@everdict/source" export condition), so no build is
// needed for them; only tests that start processes use the built files.
const conditions = ["@everdict/source", "node", "module", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "tests/**/*.test.ts",
      "conformance/**/*.test.ts",
      "examples/**/*.test.ts",
    ],
    testTimeout: 30_000,
    pool: "forks",
  },
});
