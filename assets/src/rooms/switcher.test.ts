import { beforeAll, describe, expect, it } from "vitest";
import { learn } from "../text/looks.svelte";
import { choices, MOST_SHOWN, parts, type Choosable, type SwitchChoice, type SwitchRoom } from "./switcher";

beforeAll(learn);

const room = (title: string, more: Partial<SwitchRoom> = {}): SwitchRoom => ({ id: title, title, where: "", unread: 0, mentions: 0, ...more });
const things = (...rooms: SwitchRoom[]): Choosable => ({ rooms, people: [], commands: [] });
const spelled = (choice: SwitchChoice): string => {
  switch (choice.kind) {
    case "room": return choice.room.title;
    case "person": return `@${choice.person.name}`;
    case "command": return `/${choice.command.title}`;
    case "ticket": return `=${choice.link}`;
    case "create": return `+${choice.name}${choice.near === "" ? "" : ` ~${choice.near}`}`;
  }
};
const found = (query: string, all: Choosable) => choices(query, all).map(spelled);

describe("what fits", () => {
  const some = things(room("Tea"), room("general"), room("General talk"), room("Design review"), room("tea time"));

  it.each([
    ["general", ["general", "General talk"]],
    ["GENERAL", ["general", "General talk", "+GENERAL ~general"]],
    ["gen", ["general", "General talk", "+gen ~general"]],
    ["tea", ["Tea", "tea time", "+tea ~Tea"]],
    ["talk", ["General talk", "+talk ~General talk"]],
    ["rev", ["Design review", "+rev ~Design review"]],
    ["dsgn", ["Design review", "+dsgn ~Design review"]],
    ["Quiet corner", ["+Quiet corner"]],
  ])("to %s is the best first, and making a room is the last", (query, expected) => {
    expect(found(query, some)).toEqual(expected);
  });

  it("is every room before anything is typed, those with mentions and unread messages first", () => {
    const all = things(room("a"), room("b", { unread: 9 }), room("c", { unread: 1, mentions: 1 }), room("d"));
    expect(found("  ", all)).toEqual(["c", "b", "a", "d"]);
  });

  it("puts what is unread before what fits as well, and never before what fits better", () => {
    const all = things(room("note"), room("notes", { unread: 1 }), room("notary", { mentions: 1, unread: 1 }), room("nota"));
    expect(found("note", all).slice(0, 2)).toEqual(["note", "notes"]);
    expect(found("not", all)).toEqual(["notary", "notes", "note", "nota", "+not ~notary"]);
  });

  it("has people and commands beside rooms, once something is typed", () => {
    const all: Choosable = {
      rooms: [room("Ada's corner")],
      people: [{ id: "a", name: "Ada", nick: "Ada", room: "r", roomName: "Tea" }],
      commands: [{ title: "Mark all rooms as read", run: () => {} }],
    };
    expect(found("", all)).toEqual(["Ada's corner"]);
    expect(found("ada", all)).toEqual(["@Ada", "Ada's corner", "+ada ~Ada's corner"]);
    expect(found("mark", all)).toEqual(["/Mark all rooms as read", "+mark"]);
  });

  it("warns of a name that looks like another one", () => {
    expect(found("Теа", things(room("Tea")))).toEqual(["+Теа ~Tea"]);
  });

  it("is an invitation where one was put in", () => {
    const link = "http://192.0.2.5:28280/#r=9f2c51d07e6a9f2c51d07e6a9f2c51d0&i=code";
    expect(found(link, things(room("Tea")))).toEqual([`=${link}`]);
  });

  it("is bounded, and found at once among ten thousand rooms", () => {
    const many = things(...Array.from({ length: 10_000 }, (_, index) => room(`Room ${index}`)));
    expect(found("room", many).length).toBe(MOST_SHOWN + 1);
    expect(found("Room 9999", many)).toEqual(["Room 9999"].concat(found("Room 9999", many).slice(1)));
  });

  it.each(["🎉", "שלום", "x".repeat(80), "a", "[(*"])("takes any name: %s", (name) => {
    expect(found(name, things(room(name)))[0]).toBe(name);
  });
});

describe("the parts of a name", () => {
  it("say which of it fits", () => {
    expect(parts("gen", "general")).toEqual([{ text: "gen", fits: true }, { text: "eral", fits: false }]);
    expect(parts("", "general")).toEqual([{ text: "general", fits: false }]);
    expect(parts("zz", "general")).toEqual([{ text: "general", fits: false }]);
  });
});
