import { describe, expect, test } from "vitest";
import type { Carrier } from "../carriers/carrier.ts";
import { FrameType } from "./wire.ts";
import { WriteBuffer } from "./write-buffer.ts";

/** A carrier that keeps what is sent, and takes it when the test says so. */
function setUp() {
  const batches: Uint8Array[] = [];
  /** As they were when they were sent; the memory is used again later. */
  const copies: Uint8Array[] = [];
  const state = { bufferedBytes: 0 };
  const due: (() => void)[] = [];
  const log: string[] = [];
  const carrier = {
    send: (bytes: Uint8Array) => {
      batches.push(bytes);
      copies.push(bytes.slice());
    },
    get bufferedBytes() {
      return state.bufferedBytes;
    },
  } as unknown as Carrier;
  const writeBuffer = new WriteBuffer({
    carrier,
    atEndOfTurn: (callback) => due.push(callback),
    onRelief: () => log.push("relief"),
  });
  return {
    batches,
    state,
    log,
    writeBuffer,
    endTurn: () => {
      for (const callback of due.splice(0)) callback();
    },
    turnsDue: () => due.length,
    write: (count: number, contentBytes = 0) => {
      for (let index = 0; index < count; index++) {
        writeBuffer.begin(FrameType.value, index, contentBytes).raw(new Uint8Array(contentBytes));
        writeBuffer.end();
      }
    },
    frames: () => copies.flatMap(framesIn),
  };
}

interface Found {
  readonly type: number;
  readonly id: number;
  readonly bytes: number;
}

function framesIn(batch: Uint8Array): Found[] {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  const found: Found[] = [];
  for (let position = 0; position < batch.length; position += 4 + view.getUint32(position, true)) {
    const id = view.getUint32(position + 5, true);
    found.push({ type: batch[position + 4]!, id, bytes: view.getUint32(position, true) - 5 });
  }
  return found;
}

describe("WriteBuffer", () => {
  test("frames of one turn go as one batch at its end", () => {
    const { batches, write, endTurn, frames, turnsDue } = setUp();
    write(10);
    expect(batches).toHaveLength(0);
    expect(turnsDue()).toBe(1);
    endTurn();
    expect(batches).toHaveLength(1);
    expect(frames().map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    endTurn();
    expect(batches).toHaveLength(1);
  });

  test("a batch goes early with 64 frames, and with 16 KiB", () => {
    const { batches, write, endTurn } = setUp();
    write(130);
    expect(batches.map((batch) => framesIn(batch).length)).toEqual([64, 64]);
    endTurn();
    expect(batches.map((batch) => framesIn(batch).length)).toEqual([64, 64, 2]);
    write(3, 6000);
    expect(framesIn(batches[3]!)).toHaveLength(3);
  });

  test("while corked nothing is scheduled, but full batches go", () => {
    const { batches, write, writeBuffer, turnsDue } = setUp();
    writeBuffer.cork();
    write(70);
    expect(turnsDue()).toBe(0);
    expect(batches).toHaveLength(1);
    writeBuffer.uncork();
    expect(batches.map((batch) => framesIn(batch).length)).toEqual([64, 6]);
  });

  test("while the carrier is busy frames gather, and go when it is done", () => {
    const { batches, write, state, writeBuffer, endTurn } = setUp();
    write(1);
    endTurn();
    state.bufferedBytes = 100;
    write(200);
    endTurn();
    expect(batches).toHaveLength(1);
    state.bufferedBytes = 0;
    writeBuffer.onSent();
    expect(framesIn(batches[1]!)).toHaveLength(200);
  });

  test("memory that a send needs is not written to, and is used again afterwards", () => {
    const { batches, write, endTurn, writeBuffer } = setUp();
    write(1, 100);
    endTurn();
    write(1, 100);
    endTurn();
    const [first, second] = batches;
    expect(second!.buffer).toBe(first!.buffer);
    expect(second!.byteOffset).toBeGreaterThanOrEqual(first!.byteOffset + first!.length);
    writeBuffer.onSent();
    writeBuffer.onSent();
    write(1, 100);
    endTurn();
    expect(batches[2]!.byteOffset).toBe(first!.byteOffset);
  });

  test("a large message goes in parts, a few a turn, and others' frames between them", () => {
    const { write, endTurn, frames, writeBuffer, batches } = setUp();
    const pieces = [new Uint8Array(300_000).fill(1), new Uint8Array(0), new Uint8Array(10).fill(2)];
    const over: boolean[] = [];
    writeBuffer.transfer({
      type: FrameType.value,
      id: 9,
      pieces,
      totalBytes: 300_010,
      onOver: (sent) => over.push(sent),
    });
    for (let turn = 0; turn < 4; turn++) {
      const before = batches.length;
      endTurn();
      for (let sent = before; sent < batches.length; sent++) writeBuffer.onSent();
      write(1);
    }
    endTurn();
    const all = frames();
    expect(all[0]!.type).toBe(FrameType.firstPart);
    const parts = all.filter(({ id }) => id === 9);
    expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(300_010 + 5);
    expect(Math.max(...parts.map(({ bytes }) => bytes))).toBeLessThanOrEqual(32_768);
    const between = all.findIndex(({ type }) => type === FrameType.value);
    expect(between).toBeGreaterThan(0);
    expect(between).toBeLessThan(all.length - 1);
    expect(over).toEqual([true]);
  });

  test("several large messages take turns, and one can be given up", () => {
    const { endTurn, frames, writeBuffer } = setUp();
    const over: string[] = [];
    for (const id of [1, 2, 3]) {
      const piece = new Uint8Array(100_000);
      const onOver = (sent: boolean) => over.push(`${id} ${sent}`);
      writeBuffer.transfer({ type: FrameType.value, id, pieces: [piece], totalBytes: piece.length, onOver });
    }
    endTurn();
    expect(frames().map(({ id }) => id)).toEqual([1, 2, 3, 1]);
    expect(writeBuffer.cancelTransfer(2)).toBeGreaterThan(0);
    expect(writeBuffer.cancelTransfer(2)).toBeUndefined();
    for (let turn = 0; turn < 5; turn++) endTurn();
    expect(frames().filter(({ id }) => id === 2)).toHaveLength(1);
    expect(over).toEqual(["2 false", "1 true", "3 true"]);
  });

  test("is backed up beyond 256 KiB that the carrier holds, and says when that is over", () => {
    const { write, state, writeBuffer, endTurn, log } = setUp();
    write(1);
    state.bufferedBytes = 256 * 1024 + 1;
    endTurn();
    expect(writeBuffer.backedUp).toBe(true);
    writeBuffer.onSent();
    expect(log).toEqual([]);
    write(1);
    endTurn();
    state.bufferedBytes = 1000;
    writeBuffer.onSent();
    expect(writeBuffer.backedUp).toBe(false);
    expect(log).toEqual(["relief"]);
  });

  test("after the close nothing goes, and messages in parts are given up", () => {
    const { batches, write, writeBuffer, endTurn } = setUp();
    const over: boolean[] = [];
    const piece = new Uint8Array(100_000);
    const transfer = { type: FrameType.value, id: 1, pieces: [piece], totalBytes: piece.length };
    writeBuffer.transfer({ ...transfer, onOver: (sent) => over.push(sent) });
    writeBuffer.close();
    writeBuffer.transfer({ ...transfer, onOver: (sent) => over.push(sent) });
    write(200);
    endTurn();
    writeBuffer.flush();
    expect(batches).toHaveLength(0);
    expect(over).toEqual([false, false]);
  });
});
