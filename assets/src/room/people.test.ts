import { beforeEach, describe, expect, it } from "vitest";
import { ANA, MILO, event } from "../testing/events";
import { FakeRoom } from "../testing/node";
import type { Room } from "./room.svelte";

let node: FakeRoom;
let room: Room;

const joined = (events: []) => node.answer("join", { type: "joined", room: "r", term: 1, top: 0, events });

beforeEach(() => {
  node = new FakeRoom();
  room = node.room;
  room.join();
});

describe("people", () => {
  const at = (id: string) => ({ id, name: `node ${id}` });

  it("are those of the newest word of each node, everybody once", () => {
    room.people.onPresence({ type: "presence", room: "r", node: at("1"), members: [MILO, ANA] }, 0);
    room.people.onPresence({ type: "presence", room: "r", node: at("2"), members: [ANA] }, 0);
    expect(room.people.members.map(({ author }) => author.nick)).toEqual(["Ana", "Milo"]);
    expect(room.people.members[0]?.nodes).toEqual(["node 1", "node 2"]);
    room.people.onPresence({ type: "presence", room: "r", node: at("1"), members: [] }, 1);
    expect(room.people.members.map(({ author }) => author.nick)).toEqual(["Ana"]);
  });

  it("are told apart whether they are here, write, or have said something", () => {
    const ann = (sign: string) => ({ id: sign.repeat(43), nick: "Ann" });
    const tails = (...signs: string[]) => signs.map((sign) => room.people.face(ann(sign)).tail);
    room.people.onPresence({ type: "presence", room: "r", node: at("1"), members: [ann("p")] }, 0);
    expect(tails("p")).toEqual([""]);
    joined([]);
    room.receive(event(1, { author: ann("s") }));
    expect(tails("p", "s")).toEqual(["pppp", "ssss"]);
    room.people.onTyping(ann("t"), 0);
    expect(tails("t")).toEqual(["tttt"]);
  });

  it("are gone when their node was silent for 25 seconds", () => {
    room.people.onPresence({ type: "presence", room: "r", node: at("1"), members: [MILO] }, 0);
    room.tick(24_999);
    expect(room.people.members.length).toBe(1);
    room.tick(25_000);
    expect(room.people.members.length).toBe(0);
  });

  it("write for five seconds unless they repeat it, or until they spoke", () => {
    joined([]);
    room.people.onTyping(MILO, 0);
    room.people.onTyping(ANA, 3000);
    room.tick(5000);
    expect(room.people.typists).toEqual([ANA]);
    room.receive(event(1, { author: ANA }));
    expect(room.people.typists).toEqual([]);
  });

  it("hear at most every two seconds that we write", () => {
    joined([]);
    room.draft = " ";
    room.typing(5_000);
    expect(node.of("typing").length).toBe(0);
    room.draft = "I am";
    [10_000, 10_500, 11_999, 12_000].forEach((now) => room.typing(now));
    expect(node.of("typing").length).toBe(2);
  });
});
