import { createError, type DictService } from "@everdict/protocol";
import { expect, test } from "vitest";
import { Client } from "./client.ts";

test("in this process a client may do everything", async () => {
  await using client = Client.connect({ url: "memory:" });
  expect(await client.role()).toBe("admin");
  const service = await client.service();
  expect(await Client.fromService(service as DictService).role()).toBe("admin");
});

test("a client that is closed says so", async () => {
  const client = Client.connect({ url: "memory:" });
  await client.close();
  await expect(client.role()).rejects.toThrow(createError("unavailable", "the client is closed").message);
});
