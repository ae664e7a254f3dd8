import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameSplitter } from "./frame-splitter.ts";
import { SessionProtocolError } from "./session-protocol-error.ts";

/** A frame of this many bytes after the length, filled with a number. */
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
  const splitter = new FrameSplitter(frameMaxBytes, (bytes, start, end) => {
    frames.push([...bytes.subarray(start, end)]);
  });
  return { splitter, frames };
}

describe("FrameSplitter", () => {
  test("finds the same frames however the bytes are cut", () => {
    const frameArbitrary = fc.record({ length: fc.integer({ min: 5, max: 60 }), fill: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(frameArbitrary), fc.array(fc.integer({ min: 1, max: 30 })), (frames, cuts) => {
        const all = joined(frames.map(({ length, fill }) => frameOf(length, fill)));
        const { splitter, frames: found } = collecting();
        let position = 0;
        for (let turn = 0; position < all.length; turn++) {
          const size = cuts[turn % Math.max(1, cuts.length)] ?? all.length;
          splitter.push(all.slice(position, position + size));
          position += size;
        }
        expect(found).toEqual(frames.map(({ length, fill }) => Array(length).fill(fill)));
      }),
    );
  });

  test("hands frames on where they lie, without a copy", () => {
    const all = joined([frameOf(5, 1), frameOf(9, 2)]);
    const places: [Uint8Array, number, number][] = [];
    new FrameSplitter(100, (bytes, start, end) => places.push([bytes, start, end])).push(all);
    expect(places).toEqual([
      [all, 4, 9],
      [all, 13, 22],
    ]);
    expect(places.every(([bytes]) => bytes === all)).toBe(true);
  });

  test("takes a frame of the largest size and refuses one byte more before it arrives", () => {
    const { splitter, frames } = collecting(100);
    splitter.push(frameOf(100, 7));
    expect(frames).toHaveLength(1);
    expect(() => splitter.push(frameOf(101, 7).subarray(0, 4))).toThrow(SessionProtocolError);
    expect(() => collecting(100).splitter.push(frameOf(101, 7))).toThrow("a frame of 101 bytes");
  });

  test("refuses a frame too short for type and id, also when its length arrives byte by byte", () => {
    for (const length of [0, 1, 4]) {
      expect(() => collecting().splitter.push(frameOf(length, 0))).toThrow(SessionProtocolError);
      const { splitter } = collecting();
      const push = () => {
        for (const byte of frameOf(length, 0)) splitter.push(Uint8Array.of(byte));
      };
      expect(push).toThrow(SessionProtocolError);
    }
  });

  test("stops between two frames and goes on where it stopped, with what arrived meanwhile", () => {
    const seen: number[] = [];
    const splitter = new FrameSplitter(100, (bytes, start) => {
      seen.push(bytes[start]!);
      if (seen.length % 2 === 0) splitter.stop();
    });
    splitter.push(joined([1, 2, 3, 4, 5].map((fill) => frameOf(5, fill))));
    splitter.push(frameOf(6, 6).subarray(0, 3));
    splitter.push(frameOf(6, 6).subarray(3));
    expect(seen).toEqual([1, 2]);
    splitter.proceed();
    expect(seen).toEqual([1, 2, 3, 4]);
    splitter.proceed();
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("may be told to proceed by the handler that was about to stop it", () => {
    const seen: number[] = [];
    const splitter = new FrameSplitter(100, (bytes, start) => {
      seen.push(bytes[start]!);
      splitter.stop();
      splitter.proceed();
    });
    splitter.push(joined([1, 2, 3].map((fill) => frameOf(5, fill))));
    expect(seen).toEqual([1, 2, 3]);
  });
});
