// Who may connect, and how: TLS, users that may touch one prefix only, and servers that do not show their settings.
import { join } from "node:path";
import {
  freePorts,
  opensslIsSetUp,
  RedisServer,
  redisIsSetUp,
  type TemporaryDirectory,
  temporaryDirectory,
  writeCertificate,
} from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRedisStore } from "./open-redis-store.ts";
import { parseRedisUrl } from "./parse-redis-url.ts";

describe.skipIf(!redisIsSetUp() || !opensslIsSetUp())("a server with TLS and users", () => {
  let directory: TemporaryDirectory;
  let server: RedisServer;
  const warnings: string[] = [];

  beforeAll(async () => {
    directory = temporaryDirectory();
    const [key, cert] = [join(directory.path, "key.pem"), join(directory.path, "cert.pem")];
    writeCertificate({ cert, key });
    const [port] = await freePorts(1);
    const tls = ["--port", "0", "--tls-port", String(port), "--tls-cert-file", cert, "--tls-key-file", key];
    const users = [
      "--user",
      "default",
      "off",
      "--user",
      "app",
      "on",
      ">p@ss",
      "~mine:*",
      "&*",
      "+@all",
      "-config",
    ];
    server = new RedisServer({
      port: port!,
      args: [...tls, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no", "--appendonly", "yes", ...users],
    });
    await server.start();
  });
  afterAll(async () => {
    await server.destroy();
    directory[Symbol.dispose]();
  });

  const open = (url: string) =>
    openRedisStore({ ...parseRedisUrl(url), onWarning: (message) => warnings.push(message) });
  const trusted = (): string => `ca=${encodeURIComponent(join(directory.path, "cert.pem"))}&profile=fast`;

  test.each(["127.0.0.1", "localhost"])(
    "works at %s, and warns of settings that it may not see",
    async (host) => {
      const store = await open(`rediss://app:p%40ss@${host}:${server.port}?${trusted()}&prefix=mine:`);
      await store.createEnvironment("en-1", "main");
      expect(await store.findEnvironment("main")).toMatchObject({ id: "en-1" });
      await store.close();
      expect(warnings.join()).toContain("do not show their settings");
    },
  );

  test("a user that may not touch the prefix is told so", async () => {
    const store = await open(`rediss://app:p%40ss@127.0.0.1:${server.port}?${trusted()}&prefix=theirs:`);
    await expect(store.createEnvironment("en-1", "main")).rejects.toMatchObject({
      code: "permission_denied",
    });
    await store.close();
  });

  test("a certificate that is not trusted is refused", async () => {
    await expect(open(`rediss://app:p%40ss@127.0.0.1:${server.port}?profile=fast`)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/self-signed certificate/),
    });
  });

  test("nobody gets in without a password", async () => {
    await expect(open(`rediss://127.0.0.1:${server.port}?${trusted()}`)).rejects.toMatchObject({
      code: "permission_denied",
    });
  });
});
