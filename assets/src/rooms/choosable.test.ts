import { expect, it } from "vitest";
import { LocalStore } from "../platform/storage";
import { Labels } from "../room/labels.svelte";
import { ANA, info, MILO } from "../testing/events";
import { FakeNode } from "../testing/node";
import { FakeStorage } from "../testing/storage";
import { choosable } from "./choosable";
import { RoomRegistry } from "./rooms.svelte";

it("is every room with what is unread there, and everybody else once", () => {
  const node = new FakeNode();
  const rooms = new RoomRegistry(new LocalStore(new FakeStorage()), {
    send: node.send,
    ask: node.requests.ask,
    labels: new Labels(() => ANA.id),
    me: () => ANA.id,
    visible: () => true,
    onView: () => {},
    wanted: "",
    ticket: null,
  });
  rooms.receive({ type: "memberships", whole: true, rooms: [{ room: "s", read: 0, unread: 2, mentions: 1 }] });
  rooms.receive({ type: "rooms", rooms: [info("r"), info("s", { kind: "mirror" })] });
  node.answer("open", { type: "opened", room: info("r") });
  node.answer("join", { type: "joined", room: "r", term: 1, top: 0, events: [] });
  const presence = (id: string, members: readonly (typeof ANA)[]) =>
    rooms.receive({ type: "presence", room: "r", node: { id, name: id }, members: [...members] });
  presence("one", [ANA, MILO]);
  presence("two", [MILO]);
  const found = choosable(rooms, ANA.id, []);
  expect(found.rooms.map(({ title, where, unread, mentions }) => [title, where, unread, mentions])).toEqual([
    ["Room r", "", 0, 0],
    ["Room s", "studio", 2, 1],
  ]);
  expect(found.people.map(({ nick, room, roomName }) => [nick, room, roomName])).toEqual([["Milo", "r", "Room r"]]);
  rooms.address("r", "Milo");
  expect(rooms.current?.draft).toBe("@Milo ");
  rooms.address("r", "Milo");
  expect(rooms.current?.draft).toBe("@Milo ");
});
