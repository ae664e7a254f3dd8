// Python's ipaddress module. An IPv4 address is written as its number, and so is an IPv6 address by Python 3.8. All
// others are written as text.

import { PyGlobal } from "../values/py-object.ts";
import { inspectHook, printable } from "../values/shown.ts";
import { isInteger, pyCall, type TypeRule } from "./type-rule.ts";

const classNames = [
  "IPv4Address",
  "IPv4Network",
  "IPv4Interface",
  "IPv6Address",
  "IPv6Network",
  "IPv6Interface",
] as const;

/** The class of what {@link PyIpAddress} stands for. */
export type PyIpClass = (typeof classNames)[number];

/** An address, network or interface of Python's `ipaddress`. */
export class PyIpAddress {
  /** The name of its class. */
  readonly className: PyIpClass;
  /** As Python's `str` has it: `192.168.0.1`, `10.0.0.0/8`, `fe80::1%eth0`. */
  readonly value: string;

  /**
   * @throws {TypeError} if the text is no address of the class, or for a network and interface, has no length of prefix
   * @example new PyIpAddress("IPv4Network", "10.0.0.0/8")
   */
  constructor(className: PyIpClass, value: string) {
    if (!classNames.includes(className)) throw new TypeError(`ipaddress has ${classNames.join(", ")}`);
    const canonical = canonicalText(className, value);
    if (canonical === undefined) throw new TypeError(`this text is no ${className}`);
    this.className = className;
    this.value = canonical;
  }

  toString(): string {
    return this.value;
  }

  toJSON(): string {
    return this.value;
  }

  [inspectHook](): string {
    return `PyIpAddress ${this.className} ${printable(this.value)}`;
  }
}

function canonicalText(className: PyIpClass, text: string): string | undefined {
  const [, address, scope, prefix] =
    /^([\da-fA-F.:]{1,45})(%[^%/\s]{1,100})?(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (address === undefined) return undefined;
  const isFour = className.startsWith("IPv4");
  const number = isFour ? numberOfFour(address) : numberOfSix(address);
  if (number === undefined || (isFour && scope !== undefined)) return undefined;
  const canonical = (isFour ? textOfFour(number) : textOfSix(number)) + (scope ?? "");
  if (className.endsWith("Address")) return prefix === undefined ? canonical : undefined;
  const bits = isFour ? 32 : 128;
  if (prefix === undefined || Number(prefix) > bits) return undefined;
  const hostBits = BigInt(bits - Number(prefix));
  // A network is named by its first address.
  if (className.endsWith("Network") && (number >> hostBits) << hostBits !== number) return undefined;
  return `${canonical}/${Number(prefix)}`;
}

function numberOfFour(text: string): bigint | undefined {
  const parts = text.split(".");
  const areBytes =
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return areBytes ? parts.reduce((number, part) => number * 256n + BigInt(part), 0n) : undefined;
}

function textOfFour(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join(".");
}

function numberOfSix(text: string): bigint | undefined {
  // The last 32 bits may be written as an address of four bytes.
  const last = text.slice(text.lastIndexOf(":") + 1);
  const four = last.includes(".") ? numberOfFour(last) : undefined;
  if (last.includes(".") && four === undefined) return undefined;
  const hex =
    four === undefined
      ? text
      : `${text.slice(0, -last.length)}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`;
  const halves = hex.split("::").map((half) => (half === "" ? [] : half.split(":")));
  const [left = [], right] = halves;
  const missing = 8 - left.length - (right?.length ?? 0);
  if (halves.length > 2 || (right === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...left, ...new Array<string>(missing).fill("0"), ...(right ?? [])];
  if (!groups.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((number, group) => number * 65_536n + BigInt(`0x${group}`), 0n);
}

// The longest run of two or more zeros is left out, the first of equal ones.
function textOfSix(number: bigint): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((number >> BigInt(112 - at * 16)) & 0xffffn).toString(16),
  );
  let [from, length] = [0, 1];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (groups[end] === "0") end++;
    if (end - start > length) [from, length] = [start, end - start];
  }
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, from).join(":")}::${groups.slice(from + length).join(":")}`;
}

function readIp(className: PyIpClass): (args: readonly unknown[]) => PyIpAddress | undefined {
  return ([value, ...more]) => {
    if (more.length > 0) return undefined;
    const isFour = className.startsWith("IPv4");
    let text = value;
    if (
      isInteger(value) &&
      className.endsWith("Address") &&
      value >= 0 &&
      BigInt(value) >> (isFour ? 32n : 128n) === 0n
    )
      text = isFour ? textOfFour(BigInt(value)) : textOfSix(BigInt(value));
    if (typeof text !== "string" || text.length > 200 || canonicalText(className, text) !== text)
      return undefined;
    return new PyIpAddress(className, text);
  };
}

function argumentOf({ className, value }: PyIpAddress): string | number {
  return className === "IPv4Address" ? Number(numberOfFour(value)) : value;
}

/** `PyIpAddress` and ipaddress. */
export const ipAddressRule: TypeRule = {
  typescript: "`PyIpAddress`",
  python: "`ipaddress` addresses, networks, interfaces",
  note: "by `className` and text",
  classes: [PyIpAddress],
  reduce: (ip: PyIpAddress) => pyCall(new PyGlobal("ipaddress", ip.className), argumentOf(ip)),
  calls: Object.fromEntries(classNames.map((name) => [`ipaddress.${name}`, readIp(name)])),
};
