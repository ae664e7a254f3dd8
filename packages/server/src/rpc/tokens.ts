import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  createError,
  type Role,
  roleMay,
  type TokenAdmin,
  type TokenInfo,
  tokenManagementNeeds,
} from "@everdict/protocol";
import { type TokenDescriptionSchema, Tokens } from "@everdict/protocol/tokens";
import { type Rpc, unaryRpc } from "./define-rpc.ts";
import type { RpcContext } from "./rpc-context.ts";

const { method } = Tokens;

/** The RPCs that manage tokens (proto/everdict/tokens.proto). Secrets are in the answer and never in the log. */
export const tokenRpcs: readonly Rpc[] = [
  unaryRpc(method.create, async (context, { name, role, environments, endsAtSeconds, note }) => {
    const limits = { environments: namesOf(environments), endsAtSeconds, note };
    const asked = { name, role: (role || "admin") as Role, ...limits };
    const created = await adminOf(context).create(asked);
    context.audit({ tokenId: created.tokenId, by: context.caller.id }, "a token was created");
    return created;
  }),
  unaryRpc(method.list, async (context) => ({ tokens: (await adminOf(context).list()).map(description) })),
  unaryRpc(method.rotate, async (context, { tokenId, oldSecretLifeSeconds }) => {
    const lifeMs = oldSecretLifeSeconds === undefined ? undefined : oldSecretLifeSeconds * 1000;
    const rotated = await adminOf(context).rotate(tokenId, lifeMs);
    if (rotated === undefined) return {};
    context.audit({ tokenId, by: context.caller.id }, "a token was rotated");
    return { token: rotated };
  }),
  unaryRpc(method.revoke, async (context, { tokenId }) => {
    const found = await adminOf(context).revoke(tokenId);
    if (found) context.audit({ tokenId, by: context.caller.id }, "a token was revoked");
    return { found };
  }),
];

/** On the wire, no environments are all of them. */
function namesOf(environments: readonly { readonly name: string }[]): readonly string[] | undefined {
  return environments.length === 0 ? undefined : environments.map(({ name }) => name);
}

function adminOf({ caller, tokens }: RpcContext): TokenAdmin {
  if (!roleMay(caller.access?.role ?? "admin", tokenManagementNeeds)) {
    throw createError("permission_denied", "managing tokens needs an admin token");
  }
  if (tokens === undefined) throw createError("unimplemented", "the tokens of this server cannot be managed");
  return tokens;
}

function description(info: TokenInfo): MessageInitShape<typeof TokenDescriptionSchema> {
  const { role = "admin", environments = [] } = info;
  // A field that is undefined is not one that is absent.
  const known = Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined));
  return { ...known, role, environments: [...environments] };
}
