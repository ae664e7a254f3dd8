import { fromBinary } from "@bufbuild/protobuf";
import { type ErrorCode, errorTable, Status, type StatusCode } from "@everdict/protocol";
import { RPCRetryPolicySchema, RPCStatusSchema } from "@everdict/protocol/api";

/** The trailers of a failed call that matter here. */
export interface FailureTrailers {
  /** Our servers name the exact code of the error table. */
  readonly everdictCode?: string | undefined;
  /** `grpc-status-details-bin`, decoded from base64. */
  readonly statusDetails?: Uint8Array | undefined;
}

// The words of grpc-js, and two of ours.
const unsent =
  /^(?:No connection established|Name resolution failed|no connection within|none of the servers can be reached)/;

/** One attempt that ended with a status other than OK, before it is mapped or repeated. */
export class GrpcFailure extends Error {
  readonly status: StatusCode;
  readonly trailers: FailureTrailers;

  constructor(status: StatusCode, message: string, trailers: FailureTrailers = {}) {
    super(message);
    this.name = "GrpcFailure";
    this.status = status;
    this.trailers = trailers;
  }

  /** Whether there was no connection, so that the call cannot have been applied. */
  get isUnsent(): boolean {
    return this.status === Status.UNAVAILABLE && unsent.test(this.message);
  }

  /** The code our server named, if it is one we know. */
  get everdictCode(): ErrorCode | undefined {
    const code = this.trailers.everdictCode;
    return code !== undefined && Object.hasOwn(errorTable, code) ? (code as ErrorCode) : undefined;
  }

  /**
   * How long the server asks to wait before the next attempt, in milliseconds (protocol section 1.5): an
   * `RPCRetryPolicy` among the status details. Whatever package its type URL names, the part after the last
   * slash decides, as in Python's client.
   */
  get retryAfterMs(): number | undefined {
    const { statusDetails } = this.trailers;
    if (statusDetails === undefined) return undefined;
    try {
      const policy = fromBinary(RPCStatusSchema, statusDetails).details.find(
        (detail) =>
          detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1) === RPCRetryPolicySchema.typeName,
      );
      if (policy === undefined) return undefined;
      const seconds = fromBinary(RPCRetryPolicySchema, policy.value).retryAfterSecs;
      return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : undefined;
    } catch {
      // Details are advice. If they cannot be read, the status still says what happened.
      return undefined;
    }
  }
}
