import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseServerUrl, type ServerAddress } from "../connection/server-address.ts";
import { type ConnectableChannel, firstConnected } from "./first-connected.ts";

const addresses = ["one", "two", "three"].map((name) => parseServerUrl(`http://${name}`, "test").address);

/** A channel whose connection the test settles. */
class FakeChannel implements ConnectableChannel {
  closed = false;
  readonly address: ServerAddress;
  connect!: () => void;
  fail!: () => void;
  readonly #connection = new Promise<void>((resolve, reject) => {
    this.connect = resolve;
    this.fail = () => reject(new Error("no"));
  });

  constructor(address: ServerAddress) {
    this.address = address;
  }
  connected() {
    return this.#connection;
  }
  close() {
    this.closed = true;
  }
  abort() {}
  unary(): Promise<Uint8Array> {
    throw new Error("not called");
  }
  stream(): AsyncIterable<readonly Uint8Array[]> {
    throw new Error("not called");
  }
}

function race(count = 3) {
  const opened: FakeChannel[] = [];
  const winner = firstConnected(addresses.slice(0, count), (address) => {
    const channel = new FakeChannel(address);
    opened.push(channel);
    return channel;
  });
  return { opened, winner };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("firstConnected", () => {
  test("a single server is not waited for", async () => {
    const { opened, winner } = race(1);
    expect(await winner).toBe(opened[0]);
  });

  test("the first gets three seconds before the second starts", async () => {
    const { opened, winner } = race();
    await vi.advanceTimersByTimeAsync(2999);
    expect(opened).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(opened).toHaveLength(2);
    opened[1]!.connect();
    expect(await winner).toBe(opened[1]);
    expect(opened.map((each) => each.closed)).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(opened).toHaveLength(2);
  });

  test("the next starts at once when one fails", async () => {
    const { opened, winner } = race();
    opened[0]!.fail();
    await vi.advanceTimersByTimeAsync(0);
    expect(opened.map((each) => each.address.target)).toEqual(["one:80", "two:80"]);
    opened[1]!.connect();
    expect(await winner).toBe(opened[1]);
  });

  test("fails when all have failed", async () => {
    const { opened, winner } = race();
    const failure = expect(winner).rejects.toMatchObject({ status: 14 });
    for (let index = 0; index < 3; index += 1) {
      opened[index]!.fail();
      await vi.advanceTimersByTimeAsync(0);
    }
    await failure;
    expect(opened.every((each) => each.closed)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
