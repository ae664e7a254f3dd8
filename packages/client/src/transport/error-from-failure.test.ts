import { errorTable, RequestSizeError, Status, type StatusCode } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { type CallSubject, errorFromFailure } from "./error-from-failure.ts";
import { GrpcFailure } from "./grpc-failure.ts";

const codeOf = (status: StatusCode, message: string, subject: CallSubject = "dict") =>
  errorFromFailure(new GrpcFailure(status, message), subject).code;

describe("our server's code decides", () => {
  test.each(Object.entries(errorTable))("%s", (code, rule) => {
    const failure = new GrpcFailure(rule.status, "text", { everdictCode: code });
    const error = errorFromFailure(failure, "dict");
    expect([error.code, error.name, error.message]).toEqual([code, rule.className, "text"]);
    expect(error.cause).toBe(failure);
  });

  test("unless it is one of a later version", () => {
    for (const everdictCode of ["from_the_future", "toString"]) {
      const failure = new GrpcFailure(Status.NOT_FOUND, "Dict 'x' not found", { everdictCode });
      expect(errorFromFailure(failure, "dict").code).toBe("dict_not_found");
    }
  });
});

describe("otherwise status and text decide", () => {
  test.each<[StatusCode, string, CallSubject, string]>([
    [Status.NOT_FOUND, "Dict 'x' not found in environment 'main'", "dict", "dict_not_found"],
    [Status.NOT_FOUND, "Dict 'Environment' not found", "dict", "dict_not_found"],
    [Status.NOT_FOUND, "Environment 'x' not found", "dict", "environment_not_found"],
    [Status.NOT_FOUND, "No such environment: x", "dict", "environment_not_found"],
    [Status.NOT_FOUND, "nothing here", "environment", "environment_not_found"],
    [Status.ALREADY_EXISTS, "taken", "dict", "dict_exists"],
    [Status.ALREADY_EXISTS, "taken", "environment", "environment_exists"],
    [Status.INVALID_ARGUMENT, "Invalid Dict name: 'a b'", "dict", "invalid_name"],
    [Status.INVALID_ARGUMENT, "anything else", "dict", "invalid_argument"],
    [Status.OUT_OF_RANGE, "m", "dict", "invalid_argument"],
    [Status.UNAUTHENTICATED, "m", "dict", "unauthenticated"],
    [Status.PERMISSION_DENIED, "m", "dict", "permission_denied"],
    [Status.FAILED_PRECONDITION, "m", "dict", "conflict"],
    [Status.ABORTED, "m", "dict", "conflict"],
    [Status.RESOURCE_EXHAUSTED, "m", "dict", "overloaded"],
    [Status.UNAVAILABLE, "m", "dict", "unavailable"],
    [Status.DEADLINE_EXCEEDED, "m", "dict", "deadline_exceeded"],
    [Status.CANCELLED, "m", "dict", "cancelled"],
    [Status.UNIMPLEMENTED, "m", "dict", "unimplemented"],
    [Status.DATA_LOSS, "m", "dict", "data_loss"],
    [Status.INTERNAL, "m", "dict", "internal"],
    [Status.UNKNOWN, "m", "dict", "unknown"],
    [99 as StatusCode, "m", "dict", "unknown"],
  ])("%i %j about a %s is %s", (status, message, subject, code) => {
    expect(codeOf(status, message, subject)).toBe(code);
  });

  test.each<[StatusCode, string]>([
    [Status.UNKNOWN, "Received :status = '413'"],
    [Status.INVALID_ARGUMENT, "value is too large (status = '413')"],
    [Status.UNKNOWN, "Received HTTP status code 413"],
    [Status.RESOURCE_EXHAUSTED, "Received message larger than max (5242880 vs 4194304)"],
  ])("%i %j is a RequestSizeError", (status, message) => {
    expect(errorFromFailure(new GrpcFailure(status, message), "dict")).toBeInstanceOf(RequestSizeError);
  });

  test("a message is never empty", () => {
    expect(errorFromFailure(new GrpcFailure(Status.INTERNAL, ""), "dict").message).toContain("status 13");
  });
});

test("the reason for a missing connection is said without the library's own words", () => {
  const text =
    "No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note:";
  const error = errorFromFailure(new GrpcFailure(Status.UNAVAILABLE, text), "dict");
  expect(error).toMatchObject({
    code: "unavailable",
    message: "cannot connect: connect ECONNREFUSED 127.0.0.1:1",
  });
});
