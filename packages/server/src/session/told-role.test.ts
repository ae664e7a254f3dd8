import { roles } from "@everdict/protocol";
import { SessionClient } from "@everdict/session";
import { connectSession } from "@everdict/session/node";
import { expect, test } from "vitest";
import { startTestServer, testAuthenticator, testToken } from "../../testing/test-server.ts";

test.each(roles)("a client is told that its token is %s", async (role) => {
  const caller = { id: testToken.tokenId, name: "tester", access: { role } };
  const authenticator = { ...testAuthenticator, authenticate: () => caller };
  const server = await startTestServer({}, { authenticator });
  const client = new SessionClient({ connect: () => connectSession({ url: server.url }), ...testToken });
  expect(client.role).toBeUndefined();
  await client.ready();
  expect(client.role).toBe(role);
  await client.close();
  await server.close();
});
