// tidy: long-functions because calls and fields in place of local variables cost this loop a third of its speed

// The decoder's loop over the opcodes. It handles the opcodes that most of a value consists of. The others are in
// opcode-handlers.ts and work on the fields of the input and the machine: the loop brings these up to date before such
// a call, and reads them again after it.

import { PyFloat } from "../values/py-float.ts";
import { decodeUtf8 } from "../wire/utf8.ts";
import { Cost } from "./cost.ts";
import type { Decoder } from "./decoder.ts";
import { appendItems, makeTuple, setItems } from "./fill-containers.ts";
import { measureNesting } from "./nesting.ts";
import { opcodeHandlers } from "./opcode-handlers.ts";
import { readFloat8 } from "./read-float.ts";
import { CACHED_TEXT_MAX_BYTES, cachedText } from "./text-cache.ts";

/** Reads opcodes up to STOP and gives the value. */
export function runOpcodes(decoder: Decoder): unknown {
  const { input, machine } = decoder;
  const { bytes, stringMaxBytes } = input;
  const { stack, memo } = machine;
  const end = bytes.length;
  let { position } = input;
  let { size, depths, memoDepths } = machine;
  for (;;) {
    if (size + 2 > depths.length) {
      machine.growStack();
      depths = machine.depths;
    }
    const code = position < end ? (bytes[position++] as number) : CUT_OFF;
    // The numbers are those of opcodes.ts; only literals make the engine build a jump table.
    switch (code) {
      case 0x8c: {
        // SHORT_BINUNICODE
        const length = position < end ? (bytes[position++] as number) : end;
        if (length > end - position) throw input.failAt(position, "the pickle is cut off");
        if (length > stringMaxBytes) throw input.failText(length);
        input.position = position;
        input.spend(Cost.text);
        if (length === 0) stack[size++] = "";
        else {
          const to = position + length;
          stack[size++] =
            length <= CACHED_TEXT_MAX_BYTES
              ? cachedText(bytes, position, length)
              : decodeUtf8(bytes, position, to);
          position = to;
        }
        // MEMOIZE nearly always follows.
        if (bytes[position] === 0x94 && machine.memoCount < machine.memoRoom) {
          position++;
          memo[machine.memoCount] = stack[size - 1];
          memoDepths[machine.memoCount++] = 0;
        }
        break;
      }
      case 0x94: // MEMOIZE
        if (size > machine.fence && machine.memoCount < machine.memoRoom) {
          memo[machine.memoCount] = stack[size - 1];
          memoDepths[machine.memoCount] =
            depths[size - 1] === 0 ? 0 : machine.noteMemoNumber(size - 1, machine.memoCount);
          machine.memoCount++;
          break;
        }
        input.position = position;
        machine.size = size;
        machine.memoize();
        memoDepths = machine.memoDepths;
        break;
      case 0x68: // BINGET
      case 0x6a: {
        // LONG_BINGET
        input.position = position;
        const number = code === 0x68 ? input.readUint1() : input.readUint4();
        position = input.position;
        // Mostly a name.
        if (number < machine.memoCount && memoDepths[number] === 0) stack[size++] = memo[number];
        else {
          machine.size = size++;
          machine.getMemo(number);
        }
        break;
      }
      case 0x4b: // BININT1
        if (position < end) {
          stack[size++] = bytes[position++];
          break;
        }
        throw input.failAt(position, "the pickle is cut off");
      case 0x4d: // BININT2
        if (position + 1 < end) {
          stack[size++] = (bytes[position] as number) | ((bytes[position + 1] as number) << 8);
          position += 2;
          break;
        }
        throw input.failAt(position, "the pickle is cut off");
      case 0x4a: // BININT
        if (position + 3 < end) {
          stack[size++] =
            (bytes[position] as number) |
            ((bytes[position + 1] as number) << 8) |
            ((bytes[position + 2] as number) << 16) |
            ((bytes[position + 3] as number) << 24);
          position += 4;
          break;
        }
        throw input.failAt(position, "the pickle is cut off");
      case 0x4e: // NONE
        stack[size++] = null;
        break;
      case 0x88: // NEWTRUE
        stack[size++] = true;
        break;
      case 0x89: // NEWFALSE
        stack[size++] = false;
        break;
      case 0x47: {
        // BINFLOAT
        if (end - position < 8) throw input.failAt(position, "the pickle is cut off");
        const value = readFloat8(bytes, position);
        position += 8;
        if (Number.isSafeInteger(value)) {
          machine.unsettled = true;
          stack[size++] = new PyFloat(value);
        } else stack[size++] = value;
        break;
      }
      case 0x7d: // EMPTY_DICT
        input.position = position;
        machine.size = size++;
        decoder.dicts.push();
        break;
      case 0x5d: // EMPTY_LIST
        input.position = position;
        machine.size = size++;
        input.spend(Cost.array);
        machine.pushNested([], 1);
        break;
      case 0x28: // MARK
        input.position = position;
        machine.size = size;
        machine.mark();
        break;
      case 0x75: // SETITEMS
      case 0x65: // APPENDS
        input.position = position;
        machine.size = size;
        if (code === 0x75) setItems(decoder, machine.popMark());
        else appendItems(decoder, machine.popMark());
        size = machine.size;
        break;
      case 0x73: // SETITEM
      case 0x61: // APPEND
        input.position = position;
        machine.size = size;
        machine.needStack(code === 0x73 ? 2 : 1);
        if (code === 0x73) setItems(decoder, size - 2);
        else appendItems(decoder, size - 1);
        size = machine.size;
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        input.position = position;
        machine.size = size;
        machine.needStack(code - 0x84);
        makeTuple(decoder, size - (code - 0x84));
        size = machine.size;
        break;
      case 0x95: // FRAME
        if (end - position < 8) throw input.failAt(position, "the pickle is cut off");
        position += 8;
        break;
      case 0x2e: // STOP
        input.position = position;
        machine.size = size;
        if (machine.unsettled && size > 0) decoder.pending.settle(size - 1);
        if (machine.unsettled) decoder.pending.settleCircular();
        if (machine.mayNestTooDeep()) measureNesting(decoder, stack[size - 1]);
        return machine.pop();
      case CUT_OFF:
        throw input.failAt(position, "the pickle is cut off");
      default: {
        input.position = position;
        machine.size = size;
        const handler = opcodeHandlers[code];
        if (handler === undefined) throw input.fail(`byte 0x${code.toString(16)} is no opcode`);
        handler(decoder);
        position = input.position;
        size = machine.size;
        memoDepths = machine.memoDepths;
      }
    }
  }
}

/** Stands for an opcode where the input has ended. */
const CUT_OFF = 0;
