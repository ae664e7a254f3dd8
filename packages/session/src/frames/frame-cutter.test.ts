import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameCutter } from "./frame-cutter.ts";
import { SessionProtocolError } from "./session-protocol-error.ts";

/** A frame of so many bytes after the length, filled with a number. */
function frameOf(length: number, fill: number): Uint8Array {
  const bytes = new Uint8Array(4 + length).fill(fill);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

function collecting(frameMaxBytes = 1000) {
  const frames: number[][] = [];
  const cutter = new FrameCutter(frameMaxBytes, (bytes, start, end) => {
    frames.push([...bytes.subarray(start, end)]);
  });
  return { cutter, frames };
}

describe("FrameCutter", () => {
  test("finds the same frames however the bytes are cut", () => {
    const frameArbitrary = fc.record({ length: fc.integer({ min: 5, max: 60 }), fill: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(frameArbitrary), fc.array(fc.integer({ min: 1, max: 30 })), (frames, cuts) => {
        const all = joined(frames.map(({ length, fill }) => frameOf(length, fill)));
        const { cutter, frames: found } = collecting();
        let position = 0;
        for (let turn = 0; position < all.length; turn++) {
          const size = cuts[turn % Math.max(1, cuts.length)] ?? all.length;
          cutter.push(all.slice(position, position + size));
          position += size;
        }
        expect(found).toEqual(frames.map(({ length, fill }) => Array(length).fill(fill)));
      }),
    );
  });

  test("hands frames on where they lie, without a copy", () => {
    const all = joined([frameOf(5, 1), frameOf(9, 2)]);
    const places: [Uint8Array, number, number][] = [];
    new FrameCutter(100, (bytes, start, end) => places.push([bytes, start, end])).push(all);
    expect(places).toEqual([
      [all, 4, 9],
      [all, 13, 22],
    ]);
    expect(places.every(([bytes]) => bytes === all)).toBe(true);
  });

  test("takes a frame of the largest size and refuses one byte more before it arrives", () => {
    const { cutter, frames } = collecting(100);
    cutter.push(frameOf(100, 7));
    expect(frames).toHaveLength(1);
    expect(() => cutter.push(frameOf(101, 7).subarray(0, 4))).toThrow(SessionProtocolError);
    expect(() => collecting(100).cutter.push(frameOf(101, 7))).toThrow("a frame of 101 bytes");
  });

  test("refuses a frame too short for type and id, also when its length arrives byte by byte", () => {
    for (const length of [0, 1, 4]) {
      expect(() => collecting().cutter.push(frameOf(length, 0))).toThrow(SessionProtocolError);
      const { cutter } = collecting();
      const push = () => {
        for (const byte of frameOf(length, 0)) cutter.push(Uint8Array.of(byte));
      };
      expect(push).toThrow(SessionProtocolError);
    }
  });

  test("stops between two frames and goes on where it stopped, with what arrived meanwhile", () => {
    const seen: number[] = [];
    const cutter = new FrameCutter(100, (bytes, start) => {
      seen.push(bytes[start]!);
      if (seen.length % 2 === 0) cutter.stop();
    });
    cutter.push(joined([1, 2, 3, 4, 5].map((fill) => frameOf(5, fill))));
    cutter.push(frameOf(6, 6).subarray(0, 3));
    cutter.push(frameOf(6, 6).subarray(3));
    expect(seen).toEqual([1, 2]);
    cutter.proceed();
    expect(seen).toEqual([1, 2, 3, 4]);
    cutter.proceed();
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("may be told to proceed by the handler that was about to stop it", () => {
    const seen: number[] = [];
    const cutter = new FrameCutter(100, (bytes, start) => {
      seen.push(bytes[start]!);
      cutter.stop();
      cutter.proceed();
    });
    cutter.push(joined([1, 2, 3].map((fill) => frameOf(5, fill))));
    expect(seen).toEqual([1, 2, 3]);
  });
});
