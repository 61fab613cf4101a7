import { describe, expect, it } from "vitest";
import { ANA, MILO } from "../testing/events";
import { RoomPresence, settled, Typists, TYPING_LIFE } from "./presence";

const says = (id: string, ...members: (typeof ANA)[]) =>
  ({ type: "presence", room: "r", node: { id, name: `node ${id}` }, members }) as const;

describe("presence", () => {
  it("is the newest word of each node, everybody once and by name", () => {
    const presence = new RoomPresence();
    presence.receive(says("1", MILO, ANA), 0);
    presence.receive(says("2", ANA), 0);
    expect(presence.members("").map(({ author, nodes }) => [author.nick, nodes])).toEqual([
      ["Ana", ["node 1", "node 2"]],
      ["Milo", ["node 1"]],
    ]);
    presence.receive(says("1"), 1);
    expect(presence.members("").map(({ author }) => author.nick)).toEqual(["Ana"]);
  });

  it("drops a node that was silent too long, and says so", () => {
    const presence = new RoomPresence();
    presence.receive(says("1", MILO), 0, 100);
    expect([presence.expire(99), presence.expire(100), presence.expire(101)]).toEqual([false, true, false]);
    expect(presence.members("")).toEqual([]);
  });
});

describe("the list of people", () => {
  const named = (...nicks: string[]) => nicks.map((nick) => ({ id: nick, nick }));
  const nicks = (members: readonly { author: { nick: string } }[]) => members.map(({ author }) => author.nick);

  it("begins with oneself, and counts as people do", () => {
    const presence = new RoomPresence();
    presence.receive(says("1", ...named("Ada 13", "Zoe", "Ada 7", "ben")), 0);
    expect(nicks(presence.members("Zoe"))).toEqual(["Zoe", "Ada 7", "Ada 13", "ben"]);
  });

  it("moves nobody under somebody's pointer", () => {
    const presence = new RoomPresence();
    presence.receive(says("1", ...named("Ada", "Ben", "Cleo", "Abe")), 0);
    expect(nicks(settled(["Cleo", "Gone", "Ada"], presence.members("")))).toEqual(["Cleo", "Ada", "Abe", "Ben"]);
  });
});

describe("typists", () => {
  it("write until they repeat it no more, or have spoken", () => {
    const typists = new Typists();
    typists.receive(MILO, 0);
    typists.receive(ANA, 1);
    expect([typists.spoke(ANA.id), typists.spoke(ANA.id), typists.authors]).toEqual([true, false, [MILO]]);
    expect([typists.expire(TYPING_LIFE - 1), typists.expire(TYPING_LIFE), typists.authors]).toEqual([false, true, []]);
  });
});
