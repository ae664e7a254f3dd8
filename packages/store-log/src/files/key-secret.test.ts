import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../testing/small-store.ts";
import { KeySecret, keySecretName, readKeySecret, writeKeySecret } from "./key-secret.ts";
import { nodeFiles } from "./node-files.ts";

test("a secret is read as it was written, and its parts are different ones", async () => {
  const directory = temporaryDirectory();
  expect(await readKeySecret(nodeFiles, directory)).toBeUndefined();
  const secret = new KeySecret();
  await writeKeySecret(nodeFiles, directory, secret);
  expect((await readKeySecret(nodeFiles, directory))?.bytes).toEqual(secret.bytes);
  expect(Buffer.concat([secret.hashes, secret.order, secret.cursors])).toEqual(secret.bytes);
});

test("no byte of the file can change or be missing without notice, and a new secret takes the place", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, keySecretName);
  await writeKeySecret(nodeFiles, directory, new KeySecret());
  const content = readFileSync(path);
  for (let at = 0; at < content.length; at++) {
    writeFileSync(
      path,
      content.map((byte, index) => (index === at ? byte ^ 4 : byte)),
    );
    expect(await readKeySecret(nodeFiles, directory)).toBeUndefined();
    writeFileSync(path, content.subarray(0, at));
    expect(await readKeySecret(nodeFiles, directory)).toBeUndefined();
  }
  const next = new KeySecret();
  await writeKeySecret(nodeFiles, directory, next);
  expect((await readKeySecret(nodeFiles, directory))?.bytes).toEqual(next.bytes);
});

test("a secret that cannot be written harms nobody", async () => {
  const directory = temporaryDirectory();
  rmSync(directory, { recursive: true });
  await expect(writeKeySecret(nodeFiles, directory, new KeySecret())).resolves.toBeUndefined();
});
