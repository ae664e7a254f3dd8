import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Status } from "@everdict/protocol";
import {
  Health as HealthService,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@everdict/protocol/health";
import { ServerReflection, type ServerReflectionResponse } from "@everdict/protocol/reflection";
import { describe, expect, test } from "vitest";
import { GrpcClient } from "../../testing/grpc-client.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { Health } from "../health.ts";

const { check, watch } = HealthService.method;
const { serverReflectionInfo } = ServerReflection.method;
const noToken = { headers: {} };
const notReady = { state: "failed", reason: "it rests" } as const;

describe("Health", () => {
  test("is checked without a token, and says what /readyz says", async () => {
    const health = new Health();
    const server = await startTestServer({}, { health });
    using client = new GrpcClient(server.url);
    expect((await client.unary(check, {}, noToken)).status).toBe(ServingStatus.SERVING);
    const named = { service: "modal.client.ModalClient" };
    expect((await client.unary(check, named, noToken)).status).toBe(ServingStatus.SERVING);
    health.report("disk", notReady);
    expect((await client.unary(check, {}, noToken)).status).toBe(ServingStatus.NOT_SERVING);
    expect((await client.unary(check, named, noToken)).status).toBe(ServingStatus.NOT_SERVING);
    await server.close();
  });

  test("is not known of a service that there is not, and of a name that is too long", async () => {
    const server = await startTestServer();
    using client = new GrpcClient(server.url);
    const unknown = client.unary(check, { service: "modal.client.Other" }, noToken);
    await expect(unknown).rejects.toMatchObject({ code: Status.NOT_FOUND });
    const long = client.unary(check, { service: "x".repeat(2000) }, noToken);
    await expect(long).rejects.toMatchObject({ code: Status.RESOURCE_EXHAUSTED });
    await server.close();
  });

  test("is watched: at once, at each change, and until the server stops", async () => {
    const health = new Health();
    const server = await startTestServer({}, { health });
    using client = new GrpcClient(server.url);
    const seen: ServingStatus[] = [];
    for await (const response of client.stream(watch, {})) {
      seen.push((response as { readonly status: ServingStatus }).status);
      if (seen.length === 1) health.report("disk", notReady);
      if (seen.length === 2) health.report("disk", undefined);
      if (seen.length === 3) void server.close();
    }
    expect(seen).toEqual([
      ServingStatus.SERVING,
      ServingStatus.NOT_SERVING,
      ServingStatus.SERVING,
      ServingStatus.NOT_SERVING,
    ]);
  });

  test("of a service that there is not is watched as unknown, and a watcher that goes leaves nothing", async () => {
    const health = new Health();
    const server = await startTestServer({}, { health, shutdownGraceMs: 100 });
    using client = new GrpcClient(server.url);
    const stream = client.stream(watch, { service: "other" });
    const ended = new Promise((resolve) => stream.on("error", resolve));
    for await (const response of stream.iterator({ destroyOnReturn: false })) {
      expect(response).toMatchObject({ status: ServingStatus.SERVICE_UNKNOWN });
      break;
    }
    stream.cancel();
    await ended;
    await server.close();
  });
});

describe("ServerReflection", () => {
  async function ask(...requests: readonly Parameters<GrpcClient["converse"]>[1][number][]) {
    const server = await startTestServer();
    using client = new GrpcClient(server.url);
    const responses = (await client.converse(serverReflectionInfo, requests)) as ServerReflectionResponse[];
    await server.close();
    return responses.map(({ messageResponse }) => messageResponse);
  }

  test("lists every service, and has the files of each", async () => {
    const [list] = await ask({ messageRequest: { case: "listServices", value: "" } });
    const services = list?.case === "listServicesResponse" ? list.value.service.map(({ name }) => name) : [];
    expect(services).toEqual([
      "modal.client.ModalClient",
      "everdict.v1.Dicts",
      "everdict.Tokens",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
    ]);
    const asked = services.map(
      (value) => ({ messageRequest: { case: "fileContainingSymbol", value } }) as const,
    );
    for (const [index, answer] of (await ask(...asked)).entries()) {
      if (answer.case !== "fileDescriptorResponse") throw new Error(`no file for ${services[index]}`);
      const files = answer.value.fileDescriptorProto.map((bytes) =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      );
      const names = files.flatMap((file) => file.service.map(({ name }) => `${file.package}.${name}`));
      expect(names).toContain(services[index]);
      const there = files.map(({ name }) => name);
      expect(files.flatMap(({ dependency }) => dependency).filter((name) => !there.includes(name))).toEqual(
        [],
      );
    }
  });

  test("finds a file by its name, a method and a nested type", async () => {
    const answers = await ask(
      { messageRequest: { case: "fileByFilename", value: "everdict/v1/dicts.proto" } },
      { messageRequest: { case: "fileContainingSymbol", value: "everdict.v1.Dicts.Commit" } },
      {
        messageRequest: {
          case: "fileContainingSymbol",
          value: "grpc.health.v1.HealthCheckResponse.ServingStatus",
        },
      },
    );
    expect(answers.map((answer) => answer.case)).toEqual(Array(3).fill("fileDescriptorResponse"));
  });

  test("says what it does not have", async () => {
    const answers = await ask(
      { messageRequest: { case: "fileByFilename", value: "other.proto" } },
      { messageRequest: { case: "fileContainingSymbol", value: "other" } },
      { messageRequest: { case: "allExtensionNumbersOfType", value: "other" } },
      {},
    );
    const codes = answers.map((answer) =>
      answer.case === "errorResponse" ? answer.value.errorCode : undefined,
    );
    expect(codes).toEqual([Status.NOT_FOUND, Status.NOT_FOUND, Status.NOT_FOUND, Status.INVALID_ARGUMENT]);
  });

  test("refuses a request that is too large, and callers without a token", async () => {
    const long = { messageRequest: { case: "fileByFilename", value: "x".repeat(5000) } } as const;
    await expect(ask(long)).rejects.toMatchObject({ code: Status.RESOURCE_EXHAUSTED });
    const server = await startTestServer();
    using client = new GrpcClient(server.url);
    const stranger = client.converse(serverReflectionInfo, [{}], {});
    await expect(stranger).rejects.toMatchObject({ code: Status.UNAUTHENTICATED });
    await server.close();
  });
});
