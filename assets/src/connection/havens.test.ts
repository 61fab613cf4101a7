import { expect, test } from "vitest";
import { KnownHavens, wayTo } from "./havens";

const at = (url: string): URL => new URL(url);
const HERE = at("http://192.168.1.5:28280/");
const to = (address: string, here = HERE): string | undefined => wayTo({ name: "kitchen", address }, here)?.url;

test.each([
  ["10.0.0.7:28280", "http://10.0.0.7:28280/"],
  ["172.31.0.7:1024", "http://172.31.0.7:1024/"],
  ["192.168.1.6:28281", "http://192.168.1.6:28281/"],
  ["169.254.1.6:28281", "http://169.254.1.6:28281/"],
  ["[fd00::7]:28280", "http://[fd00::7]:28280/"],
])("%s is near", (address, url) => {
  expect(to(address)).toBe(url);
  expect(to(address, at("https://192.168.1.5:28280/"))).toBe(url.replace("http:", "https:"));
});

test.each([
  "192.168.1.5:28280",
  "192.0.2.5:28280",
  "8.8.8.8:28280",
  "172.32.0.7:28280",
  "[2001:db8::1]:28280",
  "[fe80::1%25eth0]:28280",
  "[fe80::1]:28280",
  "127.0.0.1:28280",
  "[::1]:28280",
  "0.0.0.0:28280",
  "10.0.0.7",
  "10.0.0.7:80",
  "10.0.0.7:28280/x",
  "10.0.0.7:28280@evil.example:2000",
  "user@10.0.0.7:28280",
  "evil.example:28280",
  "10.0.0.7.evil.example:28280",
  "0x0a000001:28280",
  "167772161:28280",
  "",
  "javascript:alert(1)",
])("%j is no address to go to", (address) => {
  expect(to(address)).toBeUndefined();
});

test("a page of this machine is led on to this machine", () => {
  const here = at("http://127.0.0.1:28280/");
  expect(to("127.0.0.1:28282", here)).toBe("http://127.0.0.1:28282/");
  expect(to("127.0.0.2:28280", here)).toBe("http://127.0.0.2:28280/");
  expect(to("10.0.0.7:28280", at("ftp://10.0.0.1:2000/"))).toBeUndefined();
});

test("of each room the last word counts, and one way follows the other", () => {
  const known = new KnownHavens(HERE);
  expect([known.has("r"), known.next("r")]).toEqual([false, null]);
  const node = (part: number) => ({ name: `n${part}`, address: `10.0.0.${part}:28280` });
  known.take({ type: "havens", room: "r", nodes: [node(1), { name: "far", address: "8.8.8.8:2000" }, node(2)] });
  const other = new KnownHavens(HERE);
  other.take({ type: "havens", room: "r", nodes: Array.from({ length: 20 }, (_, part) => node(part)) });
  expect(new Set(Array.from({ length: 30 }, () => other.next("r")?.name)).size).toBe(8);
  const names = [known.next("r"), known.next("r"), known.next("r")].map((way) => way?.name);
  expect(new Set(names)).toEqual(new Set(["n1", "n2"]));
  known.take({ type: "havens", room: "r", nodes: [] });
  expect(known.has("r")).toBe(false);
});

test("the likeliest is the first", () => {
  const known = new KnownHavens(HERE);
  known.take({ type: "havens", room: "r", nodes: [{ name: "first", address: "10.0.0.1:2000" }, { name: "second", address: "10.0.0.2:2000" }] });
  expect([known.next("r")?.name, known.next("r")?.name, known.next("r")?.name]).toEqual(["first", "second", "first"]);
});

test("what a link says counts as long as the node has not told of others itself", () => {
  const known = new KnownHavens(HERE);
  known.give("r", ["10.0.0.7:28280", "evil.example:28280", "192.168.1.5:28280"]);
  expect([known.has("r"), known.has("s")]).toEqual([true, false]);
  expect(known.next("r")?.url).toBe("http://10.0.0.7:28280/");
  known.take({ type: "havens", room: "r", nodes: [] });
  expect(known.next("r")?.url).toBe("http://10.0.0.7:28280/");
  known.take({ type: "havens", room: "r", nodes: [{ name: "kitchen", address: "192.168.1.6:28280" }] });
  expect([known.next("r")?.url, known.next("r")?.url]).toEqual(Array(2).fill("http://192.168.1.6:28280/"));
});
