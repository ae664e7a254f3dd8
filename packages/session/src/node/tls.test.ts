import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { type Certificate, opensslIsSetUp, selfSignedCertificate } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fakeService } from "../../testing/fake-service.ts";
import { bytes, text, token } from "../../testing/session-setup.ts";
import { type SocketServer, socketServer } from "../../testing/socket-server.ts";
import { SessionClient } from "../index.ts";
import { connectSession } from "./index.ts";

let tls: Certificate;
let server: SocketServer;

beforeAll(async () => {
  if (!opensslIsSetUp()) return;
  tls = selfSignedCertificate();
  server = await socketServer(fakeService(() => bytes("v")).service, { tls });
});

afterAll(() => server?.stop());

describe.runIf(opensslIsSetUp()).each(["https", "wss"])("a session over TLS (%s)", (scheme) => {
  test.for(["localhost", "127.0.0.1"])("works with a certificate for %s that is trusted", async (name) => {
    const url = `${scheme}://${name}:${server.port}`;
    const client = new SessionClient({ ...token, connect: () => connectSession({ url, ca: tls.cert }) });
    expect(text(await client.get("di", bytes("k")))).toBe("v");
    await client.close();
  });

  test("is refused with one that is not", async () => {
    const url = `${scheme}://127.0.0.1:${server.port}`;
    await expect(connectSession({ url })).rejects.toMatchObject({ code: "unavailable" });
  });
});

test.runIf(opensslIsSetUp())("a server that speaks only HTTP/2 serves no sessions", async () => {
  const http2 = createSecureServer({ ...tls, allowHTTP1: false });
  await new Promise<void>((resolve) => http2.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(http2.address() as AddressInfo).port}`;
  await expect(connectSession({ url, ca: tls.cert })).rejects.toMatchObject({
    code: "unavailable",
  });
  http2.close();
});
