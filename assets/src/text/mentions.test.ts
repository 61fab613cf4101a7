import { describe, expect, it } from "vitest";
import cases from "../../../tests/cases/mentions.json";
import { ANA, MILO } from "../testing/events";
import { calls, nicksOf, spans } from "./mentions";

describe("who is called, by the cases that the node's tests share", () => {
  it.each(cases)("$name", ({ text, nicks, called }) => {
    const lower = (names: string[]) => [...new Set(names.map((name) => name.toLowerCase()))].sort();
    expect(lower(spans(text, nicks).map(({ start, end }) => text.slice(start + 1, end)))).toEqual(lower(called));
  });
});

describe("calls", () => {
  it("means one of the nicks", () => {
    expect(calls("@Ana", "Ana", [])).toBe(true);
    expect(calls("@ana lund", "Ana", ["Ana Lund"])).toBe(false);
    expect(calls("@ana lund", "Ana Lund", ["Ana"])).toBe(true);
    expect(calls("@Milo", "Ana", ["Milo"])).toBe(false);
  });
});

describe("the nicks of a room", () => {
  const members = [ANA, MILO].map((author) => ({ author, nodes: ["studio"] }));

  it("are each there once, mine too", () => {
    expect(nicksOf(members, ANA)).toEqual(["Ana", "Milo"]);
    expect(nicksOf([], ANA)).toEqual(["Ana"]);
  });

  it("stay the same list as long as they are the same", () => {
    const known = nicksOf(members, ANA);
    expect(nicksOf([...members], ANA, known)).toBe(known);
    expect(nicksOf(members, { ...ANA, nick: "Countess" }, known)).not.toBe(known);
  });
});
