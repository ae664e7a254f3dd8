import { createHash } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ModalClient } from "@everdict/protocol/api";
import { type Rpc, unaryRpc } from "./define-rpc.ts";

const { method } = ModalClient;

/** The RPCs about the client, its token and the workspace (protocol sections 1.4 and 2.11). */
export const identityRpcs: readonly Rpc[] = [
  unaryRpc(method.clientHello, async () => ({})),
  unaryRpc(method.authTokenGet, async ({ caller, identity }) => ({ token: identity.issueAuthToken(caller) })),
  unaryRpc(method.workspaceNameLookup, async ({ caller, identity }) => ({
    workspaceName: identity.workspaceName,
    // A client names its profile after this, so it is never empty.
    username: caller.name || identity.workspaceName,
  })),
  unaryRpc(method.tokenInfoGet, async ({ caller, identity }) => {
    const { workspaceName, describeToken } = identity;
    const info = describeToken(caller.id);
    return {
      tokenId: info?.tokenId ?? caller.id,
      tokenName: info?.name ?? caller.name,
      workspaceId: stableId("ac", workspaceName),
      workspaceName,
      identity: {
        case: "userIdentity",
        value: { userId: stableId("us", caller.name), username: caller.name },
      },
      ...(info === undefined ? {} : { createdAt: timestampFromMs(info.createdAtSeconds * 1000) }),
    } as const;
  }),
];

/** An id that follows from a name, since neither workspaces nor users are kept: a prefix and 22 letters and digits. */
function stableId(prefix: string, name: string): string {
  const digest = createHash("sha256").update(`${prefix} ${name}`).digest("base64url");
  return `${prefix}-${digest.replaceAll(/[-_]/g, "").slice(0, 22)}`;
}
