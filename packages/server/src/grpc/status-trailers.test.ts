import { fromBinary } from "@bufbuild/protobuf";
import { createError, type ErrorCode, errorTable, RequestSizeError, Status } from "@everdict/protocol";
import { RPCRetryPolicySchema, RPCStatusSchema } from "@everdict/protocol/api";
import { describe, expect, test } from "vitest";
import { encodeRetryDetails } from "./retry-details.ts";
import { statusTrailers } from "./status-trailers.ts";

const codes = Object.keys(errorTable) as ErrorCode[];

describe.each(codes)("%s", (code) => {
  test("travels as the status of the table, with its message and its code", () => {
    const trailers = statusTrailers(createError(code, "what happened"));
    expect(trailers["grpc-status"]).toBe(String(errorTable[code].status));
    expect(trailers["grpc-message"]).toMatch(/^what happened/);
    expect(trailers["x-everdict-code"]).toBe(code);
  });

  test("has a message even if the error has none", () => {
    expect(statusTrailers(createError(code, ""))["grpc-message"]).not.toBe("");
  });

  test("carries the mark of a request size error if and only if it is one", () => {
    const error = createError(code, "too large");
    const marked = String(statusTrailers(error)["grpc-message"]).includes("status = '413'");
    expect(marked).toBe(error instanceof RequestSizeError);
  });

  test("asks to wait and repeat if and only if that is its retry rule", () => {
    const details = statusTrailers(createError(code, "text"))["grpc-status-details-bin"];
    expect(details !== undefined).toBe(errorTable[code].retry === "after-backoff");
  });
});

test("the mark of a request size error appears once", () => {
  const message = "value is 9 bytes, limit is 8 bytes (status = '413')";
  expect(statusTrailers(createError("value_too_large", message))["grpc-message"]).toBe(message);
});

test("a very long message is cut, and keeps its mark", () => {
  const message = String(statusTrailers(createError("value_too_large", "x".repeat(100_000)))["grpc-message"]);
  expect(message.length).toBeLessThan(2100);
  expect(message).toContain("status = '413'");
});

test("retry details are, to the byte, what the official client was seen to read", () => {
  expect(encodeRetryDetails(Status.RESOURCE_EXHAUSTED, "slow down", 500)).toBe(
    "CAgSCXNsb3cgZG93bhozCip0eXBlLm1vZGFsLmNvbS9tb2RhbC5jbGllbnQuUlBDUmV0cnlQb2xpY3kSBQ0AAAA/",
  );
});

test("overload tells how long to wait", () => {
  const trailers = statusTrailers(createError("overloaded", "busy", { retryAfterMs: 1500 }));
  const bytes = Buffer.from(String(trailers["grpc-status-details-bin"]), "base64");
  const { code, message, details } = fromBinary(RPCStatusSchema, bytes);
  expect({ code, message }).toEqual({ code: Status.RESOURCE_EXHAUSTED, message: "busy" });
  const [detail] = details;
  expect(detail?.typeUrl).toMatch(/\/modal\.client\.RPCRetryPolicy$/);
  expect(fromBinary(RPCRetryPolicySchema, detail!.value).retryAfterSecs).toBe(1.5);
});
