import { beforeAll, describe, expect, it } from "vitest";
import cases from "../../../tests/cases/crowd.json";
import { Crowd } from "./crowd";
import { learn } from "./looks.svelte";

const author = ([id = "", nick = ""]: readonly string[]) => ({ id, nick });

describe("before it is known what every character looks like", () => {
  it("nobody stands plainly for a name that could be another's, and then all who may", async () => {
    const crowd = new Crowd();
    const [ana, zoe, other] = [author(["a".repeat(43), "Ana"]), author(["b".repeat(43), "Zoë"]), author(["c".repeat(43), "Аna"])];
    const tails = (): string[] => [ana, zoe, other].map((person) => crowd.label(person, new Set([ana.id])).tail);
    crowd.see([ana, zoe, other]);
    expect(tails()).toEqual(["", "bbbb", "cccc"]);
    await learn();
    expect(tails()).toEqual(["", "", "cccc"]);
  });
});

describe("a crowd", () => {
  beforeAll(learn);

  it.each(cases.crowds)("$name", ({ seen, known, shown }) => {
    const crowd = new Crowd();
    const people = seen.map(author);
    crowd.see(people);
    const labels = people.map((person) => crowd.label(person, new Set(known)));
    expect(labels.map(({ nick, tail, kind }) => [nick, tail, kind])).toEqual(shown);
  });

  it("says what is new", () => {
    const crowd = new Crowd();
    const ana = author(["a".repeat(43), "Ana"]);
    expect(crowd.see([ana])).toBe(true);
    expect(crowd.see([ana, ana])).toBe(false);
    expect(crowd.see([{ ...ana, nick: "Anna" }])).toBe(true);
  });

  it("forgets the oldest of very many", () => {
    const crowd = new Crowd();
    const first = author(["b".repeat(43), "Ana"]);
    const ana = author(["a".repeat(43), "Ana"]);
    crowd.see([first]);
    expect(crowd.label(ana, new Set()).tail).toBe("aaaa");
    for (let number = 0; number < 5_000; number += 1) crowd.see([author([`someone${number}`, `Guest ${number}`])]);
    expect(crowd.label(ana, new Set()).tail).toBe("");
  });

  it("finds somebody as they were seen last", () => {
    const crowd = new Crowd();
    crowd.see([author(["a", "Ann"]), author(["a", "Anna"]), author(["b", "Bo"])]);
    expect([crowd.find("a")?.nick, crowd.find("c")]).toEqual(["Anna", undefined]);
  });
});
