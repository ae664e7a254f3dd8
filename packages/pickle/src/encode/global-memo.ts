import type { ByteWriter } from "../wire/byte-writer.ts";
import { Op } from "../wire/opcodes.ts";

/** Which classes and functions a pickle has referred to so far. */
export class GlobalMemo {
  private numbers: Map<string, number> | undefined;

  /** Refers to a class or function by its name. */
  save(writer: ByteWriter, module: string, name: string): void {
    this.numbers ??= new Map();
    const key = `${module}\n${name}`;
    const known = this.numbers.get(key);
    if (known !== undefined) {
      writer.writeMemoRead(known);
      return;
    }
    // CPython's module names are one object wherever they occur; the names of builtin classes never are.
    const knownModule = this.numbers.get(module);
    writer.boundary();
    if (knownModule === undefined) this.numbers.set(module, writer.writeText(module));
    else writer.writeMemoRead(knownModule);
    writer.boundary();
    writer.writeText(name);
    writer.writeByte(Op.STACK_GLOBAL);
    this.numbers.set(key, writer.memoize());
  }

  /** Forgets everything. */
  clear(): void {
    this.numbers = undefined;
  }
}
