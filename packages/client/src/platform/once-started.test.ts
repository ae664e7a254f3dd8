import { createError } from "@everdict/protocol";
import { RedisServer, redisIsSetUp, refusedConnections } from "@everdict/testkit";
import { expect, test } from "vitest";
import { Client, Dict } from "../index.ts";
import { onceStarted } from "./once-started.ts";

const url = "rediss://user:kqzvw@127.0.0.1:6379?prefix=x";

/** Fails so often, and then opens. */
function opening(failures: number, code: "unavailable" | "conflict" = "unavailable") {
  let attempts = 0;
  const open = async () => {
    attempts++;
    if (attempts <= failures) throw createError(code, `attempt ${attempts}`);
    return attempts;
  };
  return { open, attempts: () => attempts };
}

test("servers that are not there yet are asked again, and why is told meanwhile", async () => {
  const told: (string | undefined)[] = [];
  const { open } = opening(2);
  const options = { timeoutMs: undefined, onTrouble: (error?: Error) => told.push(error?.message) };
  expect(await onceStarted(open, url, options)).toBe(3);
  expect(told).toEqual(["attempt 1", "attempt 2", undefined]);
});

test("what cannot pass is told at once, and so is everything where there is no time to wait", async () => {
  const conflict = opening(1, "conflict");
  await expect(onceStarted(conflict.open, url, { timeoutMs: undefined })).rejects.toMatchObject({
    code: "conflict",
  });
  const away = opening(9);
  const options = { timeoutMs: undefined, waitForServerMs: 0 };
  await expect(onceStarted(away.open, url, options)).rejects.toThrow("attempt 1");
  expect([conflict.attempts(), away.attempts()]).toEqual([1, 1]);
});

test("a certificate that is not trusted is told at once, without the password of the URL", async () => {
  const cause = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  const open = () => Promise.reject(createError("unavailable", "none of 1 servers answers", { cause }));
  const refusal = await onceStarted(open, url, { timeoutMs: undefined }).catch((error: Error) => error);
  expect(refusal).toMatchObject({
    code: "not_configured",
    message: expect.stringContaining("the certificate of rediss://127.0.0.1:6379 is signed by nobody"),
  });
  expect(refusal).not.toMatchObject({ message: expect.stringContaining("kqzvw") });
});

test("who closes does not wait on", async () => {
  const controller = new AbortController();
  const { open } = opening(9);
  const waiting = onceStarted(open, url, { timeoutMs: undefined, signal: controller.signal });
  controller.abort();
  await expect(waiting).rejects.toThrow("attempt 1");
});

test.runIf(redisIsSetUp())("a client waits for a Redis that is just starting", async () => {
  const server = await RedisServer.startAlone("--appendonly", "yes");
  await server.kill();
  const client = Client.connect({ url: `redis://${server.address}?profile=fast` });
  const dict = Dict.fromName<string, number>("d", { client, createIfMissing: true });
  const call = dict.put("a", 1, { timeoutMs: 20_000 });
  await refusedConnections(server.port, 3);
  await server.start();
  expect(await call).toBe(true);
  await client.close();
  await server.destroy();
});
