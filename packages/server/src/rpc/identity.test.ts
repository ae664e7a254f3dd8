import { timestampMs } from "@bufbuild/protobuf/wkt";
import { ConnectionMemory, MemoryAccount } from "@everdict/protocol";
import { expect, test } from "vitest";
import { askRpc, wholeMessage } from "../../testing/ask-rpc.ts";
import { createAuthTokenIssuer } from "./auth-token.ts";
import { bindRpcs, rpcTable } from "./rpc-table.ts";

const memory = new ConnectionMemory(new MemoryAccount().token("t"));

test("ClientHello has no warnings", async () => {
  const { response } = await askRpc("clientHello", {});
  expect(response.serverWarnings).toEqual([]);
});

test("AuthTokenGet answers a token for the caller", async () => {
  const { response } = await askRpc("authTokenGet", {});
  expect(response.token).toBe("token of ak-test");
});

test("WorkspaceNameLookup answers a username, after which clients name their profile", async () => {
  const { response } = await askRpc("workspaceNameLookup", {});
  expect(response).toMatchObject({ username: "tester", workspaceName: "home" });
});

test("a caller without a name is called after the workspace", async () => {
  const identity = {
    workspaceName: "home",
    describeToken: () => undefined,
    issueAuthToken: createAuthTokenIssuer(),
  };
  const serviceFor = (): never => ({}) as never;
  const rpc = bindRpcs(rpcTable, {
    serviceFor,
    identity,
    requestMaxEntries: 10_000,
    management: { audit: () => {} },
  }).get("/modal.client.ModalClient/WorkspaceNameLookup");
  if (rpc?.kind !== "unary") throw new Error("not unary");
  const request = { caller: { id: "x", name: "" }, options: {}, memory, message: new Uint8Array(0) };
  expect(Buffer.from(wholeMessage(await rpc.answer(request))).toString("latin1")).toBe(
    "\n\x04home\x12\x04home",
  );
});

test("TokenInfoGet tells of the token, its owner and the workspace, never of the secret", async () => {
  const { response } = await askRpc("tokenInfoGet", {});
  expect(response).toMatchObject({ tokenId: "ak-test", tokenName: "tester", workspaceName: "home" });
  expect(response.workspaceId).toMatch(/^ac-[A-Za-z0-9]{22}$/);
  expect(response.identity).toMatchObject({ case: "userIdentity", value: { username: "tester" } });
  expect(timestampMs(response.createdAt!)).toBe(1_700_000_000_500);
  expect(response.expiresAt).toBeUndefined();
});

test("ids that follow from a name are the same each time", async () => {
  const [first, second] = [await askRpc("tokenInfoGet", {}), await askRpc("tokenInfoGet", {})];
  expect(first.response.workspaceId).toBe(second.response.workspaceId);
});
