import { gzipSync } from "node:zlib";
import { readSite } from "@everdict/dashboard";
import { expect, test } from "vitest";

const maxBytes = 150_000;

test("the whole dashboard takes at most 150,000 bytes on its way to a browser", async () => {
  const site = await readSite();
  const sizes = Array.from(
    site,
    ([path, { bytes }]) => [path, gzipSync(bytes, { level: 9 }).length] as const,
  );
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  console.log(`${total} bytes: ${sizes.map(([path, size]) => `${path} ${size}`).join(", ")}`);
  expect(site.has("index.html")).toBe(true);
  expect(total).toBeLessThanOrEqual(maxBytes);
});
