import { create, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import type { StatusCode } from "@everdict/protocol";
import { RPCRetryPolicySchema, RPCStatusSchema } from "@everdict/protocol/api";

/** What official clients read after the last slash, or as the end of the address (protocol section 1.5). */
const retryPolicyTypeUrl = "type.modal.com/modal.client.RPCRetryPolicy";

/**
 * The value of `grpc-status-details-bin` that asks a client to wait and repeat, without counting it as a retry:
 * base64 of a status that holds a retry policy.
 */
export function encodeRetryDetails(status: StatusCode, message: string, retryAfterMs: number): string {
  const policy = create(RPCRetryPolicySchema, { retryAfterSecs: retryAfterMs / 1000 });
  const detail = create(AnySchema, {
    typeUrl: retryPolicyTypeUrl,
    value: toBinary(RPCRetryPolicySchema, policy),
  });
  const details = create(RPCStatusSchema, { code: status, message, details: [detail] });
  return Buffer.from(toBinary(RPCStatusSchema, details)).toString("base64");
}
