import type { PromptDictService } from "@everdict/protocol";
import { turns } from "@everdict/testkit";
import { expect } from "vitest";
import { FrameType } from "../src/frames/wire.ts";
import type { CarrierPairOptions, SessionHost } from "../src/index.ts";
import { dictFrame, errorCode, frame, helloFrame, type RawPeer, rawPeer } from "./raw-peer.ts";
import { type MemoryServerOptions, memoryServer } from "./session-setup.ts";

/** A client that the test plays by hand, against a real server. */
export function rawClient(
  service: PromptDictService,
  options: MemoryServerOptions = {},
  pair: CarrierPairOptions = {},
): { client: RawPeer; host: SessionHost; errors: string[] } {
  const errors: string[] = [];
  const { host, connect } = memoryServer(service, {
    onSessionError: ({ code }) => errors.push(code),
    ...options,
  });
  return { client: rawPeer(connect(pair)), host, errors };
}

/** A client that has said HELLO and has given number 0 to a dictionary. */
export async function welcomed(...args: Parameters<typeof rawClient>) {
  const all = rawClient(...args);
  all.client.send(helloFrame(), dictFrame);
  await turns();
  expect(all.client.frames.map(({ type }) => type)).toEqual([FrameType.welcome]);
  all.client.frames.length = 0;
  return all;
}

/** A request in parts: the first part, with so many bytes of so many. */
export function firstPart(
  id: number,
  totalBytes: number,
  sentBytes: number,
  type: number = FrameType.update,
) {
  return frame(FrameType.firstPart, id, (sink) => {
    sink.u8(type);
    sink.u32(totalBytes);
    sink.raw(new Uint8Array(sentBytes));
  });
}

/** The errors that came, with their ids. */
export function codes(client: RawPeer): [number, string][] {
  return client.ofType(FrameType.error).map((each) => [each.id, errorCode(each)]);
}
