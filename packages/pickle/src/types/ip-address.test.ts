import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../testing/hex.ts";
import { decode, encode, PyIpAddress, type PyIpClass, PyObject } from "../index.ts";

// As CPython writes them from 3.9 on; 3.8 writes an IPv6 address as its number.
const vectors: readonly (readonly [className: PyIpClass, text: string, hex: string])[] = [
  [
    "IPv4Address",
    "192.168.0.1",
    "80049528000000000000008c09697061646472657373948c0b49507634416464726573739493948a050100a8c000859452942e",
  ],
  [
    "IPv4Address",
    "0.0.0.0",
    "80049523000000000000008c09697061646472657373948c0b49507634416464726573739493944b00859452942e",
  ],
  [
    "IPv4Address",
    "255.255.255.255",
    "80049528000000000000008c09697061646472657373948c0b49507634416464726573739493948a05ffffffff00859452942e",
  ],
  [
    "IPv6Address",
    "::",
    "80049526000000000000008c09697061646472657373948c0b49507636416464726573739493948c023a3a94859452942e",
  ],
  [
    "IPv6Address",
    "::1",
    "80049527000000000000008c09697061646472657373948c0b49507636416464726573739493948c033a3a3194859452942e",
  ],
  [
    "IPv6Address",
    "2001:db8::1",
    "8004952f000000000000008c09697061646472657373948c0b49507636416464726573739493948c0b323030313a6462383a3a3194859452942e",
  ],
  [
    "IPv6Address",
    "1:0:0:2::3",
    "8004952e000000000000008c09697061646472657373948c0b49507636416464726573739493948c0a313a303a303a323a3a3394859452942e",
  ],
  [
    "IPv6Address",
    "fe80::1%eth0",
    "80049530000000000000008c09697061646472657373948c0b49507636416464726573739493948c0c666538303a3a31256574683094859452942e",
  ],
  [
    "IPv6Address",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "8004954b000000000000008c09697061646472657373948c0b49507636416464726573739493948c27666666663a666666663a666666663a666666663a666666663a666666663a666666663a6666666694859452942e",
  ],
  [
    "IPv6Address",
    "1:2:0:4:5:6:7:8",
    "80049533000000000000008c09697061646472657373948c0b49507636416464726573739493948c0f313a323a303a343a353a363a373a3894859452942e",
  ],
  [
    "IPv4Network",
    "10.0.0.0/8",
    "8004952e000000000000008c09697061646472657373948c0b495076344e6574776f726b9493948c0a31302e302e302e302f3894859452942e",
  ],
  [
    "IPv6Network",
    "2001:db8::/32",
    "80049531000000000000008c09697061646472657373948c0b495076364e6574776f726b9493948c0d323030313a6462383a3a2f333294859452942e",
  ],
  [
    "IPv4Network",
    "0.0.0.0/0",
    "8004952d000000000000008c09697061646472657373948c0b495076344e6574776f726b9493948c09302e302e302e302f3094859452942e",
  ],
  [
    "IPv4Interface",
    "10.0.0.1/8",
    "80049530000000000000008c09697061646472657373948c0d49507634496e746572666163659493948c0a31302e302e302e312f3894859452942e",
  ],
  [
    "IPv6Interface",
    "2001:db8::1/64",
    "80049534000000000000008c09697061646472657373948c0d49507636496e746572666163659493948c0e323030313a6462383a3a312f363494859452942e",
  ],
];

describe("PyIpAddress", () => {
  test.each(vectors)("arrives and is written as CPython writes it: %s %s", (className, text, hex) => {
    const read = decode(fromHex(hex)) as PyIpAddress;
    expect(read).toEqual(new PyIpAddress(className, text));
    expect(toHex(encode(new PyIpAddress(className, text)))).toBe(hex);
    expect([String(read), JSON.stringify(read), inspect(read)]).toEqual([
      text,
      `"${text}"`,
      `PyIpAddress ${className} ${text}`,
    ]);
  });

  test("reads an IPv6 address that is written as its number", () => {
    const written = encode(
      new PyObject({ module: "ipaddress", name: "IPv6Address", args: [2n ** 127n + 1n] }),
    );
    expect(decode(written)).toEqual(new PyIpAddress("IPv6Address", "8000::1"));
  });

  test("takes other spellings of an address for the same", () => {
    expect(new PyIpAddress("IPv6Address", "2001:DB8:0:0:0:0:0:1").value).toBe("2001:db8::1");
    expect(new PyIpAddress("IPv6Address", "::ffff:1.2.3.4").value).toBe("::ffff:102:304");
  });

  test.each<[PyIpClass, string]>([
    ["IPv4Address", "256.0.0.1"],
    ["IPv4Address", "1.2.3"],
    ["IPv4Address", "01.2.3.4"],
    ["IPv4Address", "10.0.0.0/8"],
    ["IPv4Address", "::1"],
    ["IPv4Network", "10.0.0.0"],
    ["IPv4Network", "10.0.0.1/8"],
    ["IPv4Network", "10.0.0.0/33"],
    ["IPv6Address", "1::2::3"],
    ["IPv6Address", "1:2:3:4:5:6:7"],
    ["IPv6Address", "12345::"],
    ["IPv6Address", ":::"],
    ["IPv6Interface", "::1"],
  ])("refuses what is none: %s %s", (className, text) => {
    expect(() => new PyIpAddress(className, text)).toThrow(TypeError);
    const written = encode(new PyObject({ module: "ipaddress", name: className, args: [text] }));
    expect(String(decode(written))).toBe(`PyObject(ipaddress.${className})`);
  });
});
