import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { createError, requestTextMaxBytes, tooManyEntries } from "@everdict/protocol";

/**
 * Looks through the bytes of a request before any object is made of them.
 *
 * Two bytes on the wire can become an object of a hundred, and fifty million of them fit a request of the largest
 * size. So the fields are counted where they lie, in one pass that takes no memory and ends at the first limit: entries,
 * which are all repeated fields there are; fields of any kind, known or not; and bytes of text. What decoding meets
 * after that is bounded by these limits.
 *
 * A wire type that its field does not have, a group, and a length that leaves its message are refused here. No client
 * sends any of these, and decoding would go through the bytes in another way than this did.
 */

/** A message this short is decoded as it is: it cannot hold many of anything. */
const uncheckedMaxBytes = 1024;
/** An addition of a commit takes nine fields, an entry three. The others are for what later clients may add. */
const fieldsPerEntry = 12;
const otherFieldsMax = 1000;
/** No message of the protocol is as deep. */
const depthMax = 20;
/** Fields of lower numbers are found without a map. */
const lowNumbers = 32;

/** A message as its bytes are looked through. Known and unknown fields are told apart by number. */
interface MessagePlan {
  readonly name: string;
  readonly low: (FieldPlan | undefined)[];
  readonly high: Map<number, FieldPlan>;
}

interface FieldPlan {
  readonly wireType: number;
  readonly isEntry: boolean;
  readonly isText: boolean;
  readonly message: MessagePlan | undefined;
}

/**
 * The check for requests of one kind. It returns how many entries there are, 0 if they are few. It throws
 * `too_many_entries`, and `invalid_argument` for bytes that are no such message, for too many fields and for too much text.
 */
export function messageCheck(
  schema: DescMessage,
): (message: Uint8Array, requestMaxEntries: number) => number {
  const plan = planOf(schema, new Map());
  // Conditions and changes may each be as many as entries.
  const lists = Math.max(1, schema.fields.filter(({ fieldKind }) => fieldKind === "list").length);
  return (message, requestMaxEntries) => {
    return message.length > uncheckedMaxBytes ? wire.check(plan, message, lists * requestMaxEntries) : 0;
  };
}

/** The error for bytes that are not what the schema says. */
export function unreadable(schemaName: string, cause?: unknown): Error {
  return createError("invalid_argument", `the request is not a readable ${schemaName}`, { cause });
}

const WireType = { varint: 0, bit64: 1, lengthDelimited: 2, bit32: 5 } as const;

/** One for all messages: a check is never interrupted, so it needs no memory of its own. */
class WireCheck {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #name = "";
  #entriesMax = 0;
  #entries = 0;
  #fieldsLeft = 0;
  #textLeft = 0;

  check(plan: MessagePlan, message: Uint8Array, entriesMax: number): number {
    this.#bytes = message;
    this.#at = 0;
    this.#name = plan.name;
    this.#entriesMax = entriesMax;
    this.#entries = 0;
    this.#fieldsLeft = fieldsMax(entriesMax);
    this.#textLeft = requestTextMaxBytes;
    try {
      this.#message(plan, message.length, 0);
      return this.#entries;
    } finally {
      this.#bytes = nothing;
    }
  }

  #message(plan: MessagePlan, end: number, depth: number): void {
    if (depth > depthMax) throw unreadable(this.#name);
    while (this.#at < end) {
      if (--this.#fieldsLeft < 0) throw tooManyFields(this.#entriesMax);
      const tag = this.#uint32(end);
      const number = tag >>> 3;
      const wireType = tag & 7;
      const field = number < lowNumbers ? plan.low[number] : plan.high.get(number);
      if (number === 0 || (field !== undefined && field.wireType !== wireType)) throw unreadable(this.#name);
      if (field?.isEntry === true && ++this.#entries > this.#entriesMax) {
        throw tooManyEntries(this.#entries, this.#entriesMax);
      }
      const contentEnd = this.#contentEnd(wireType, end);
      if (field?.message !== undefined) this.#message(field.message, contentEnd, depth + 1);
      else if (field?.isText === true) this.#countText(contentEnd - this.#at);
      this.#at = contentEnd;
    }
  }

  /** Where the content of a field ends, of which the tag has been read. */
  #contentEnd(wireType: number, end: number): number {
    let contentEnd: number;
    if (wireType === WireType.lengthDelimited) {
      const length = this.#uint32(end);
      contentEnd = this.#at + length;
    } else if (wireType === WireType.varint) contentEnd = this.#varintEnd(end);
    else if (wireType === WireType.bit32) contentEnd = this.#at + 4;
    else if (wireType === WireType.bit64) contentEnd = this.#at + 8;
    else throw unreadable(this.#name);
    if (contentEnd > end) throw unreadable(this.#name);
    return contentEnd;
  }

  #countText(bytes: number): void {
    this.#textLeft -= bytes;
    if (this.#textLeft >= 0) return;
    const message = `the texts of the request are longer than the ${requestTextMaxBytes} bytes that are allowed`;
    throw createError("invalid_argument", message);
  }

  /** A varint of up to five bytes: a tag or a length. */
  #uint32(end: number): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let shift = 0; shift < 35 && this.#at < end; shift += 7) {
      const byte = bytes[this.#at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw unreadable(this.#name);
  }

  #varintEnd(end: number): number {
    const last = Math.min(end, this.#at + 10);
    for (let at = this.#at; at < last; at++) if ((this.#bytes[at] as number) < 0x80) return at + 1;
    throw unreadable(this.#name);
  }
}

const nothing = new Uint8Array(0);
const wire = new WireCheck();

function fieldsMax(entriesMax: number): number {
  return fieldsPerEntry * entriesMax + otherFieldsMax;
}

function tooManyFields(entriesMax: number): Error {
  return createError("invalid_argument", `request holds more than ${fieldsMax(entriesMax)} fields`);
}

function planOf(schema: DescMessage, known: Map<string, MessagePlan>): MessagePlan {
  const present = known.get(schema.typeName);
  if (present !== undefined) return present;
  const plan: MessagePlan = {
    name: schema.name,
    low: new Array(lowNumbers).fill(undefined),
    high: new Map(),
  };
  known.set(schema.typeName, plan);
  for (const field of schema.fields) {
    const fieldPlan = planOfField(field, known);
    if (field.number < lowNumbers) plan.low[field.number] = fieldPlan;
    else plan.high.set(field.number, fieldPlan);
  }
  return plan;
}

function planOfField(field: DescField, known: Map<string, MessagePlan>): FieldPlan {
  const { message } = field;
  const isPackable = message === undefined && wireTypeOf(field.scalar) !== WireType.lengthDelimited;
  const isEntry = field.fieldKind === "list" && !isPackable;
  const isScalar = field.fieldKind === "scalar" || field.fieldKind === "enum";
  // Packed numbers, maps and groups are counted in other ways: add the way with the first of them.
  const isKnown = isEntry || isScalar || (field.fieldKind === "message" && !field.delimitedEncoding);
  if (!isKnown) throw new Error(`${field.toString()}: requests with such a field cannot be checked yet`);
  return {
    wireType: message === undefined ? wireTypeOf(field.scalar) : WireType.lengthDelimited,
    isEntry,
    isText: field.scalar === ScalarType.STRING,
    message: message === undefined ? undefined : planOf(message, known),
  };
}

function wireTypeOf(scalar: ScalarType | undefined): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.lengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.bit32;
    // All others, and enums, which have no scalar type.
    default:
      return WireType.varint;
  }
}
