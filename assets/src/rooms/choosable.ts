import { spokenName } from "../text/catalogue";
import type { RoomRegistry } from "./rooms.svelte";
import type { Choosable, SwitchCommand, SwitchPerson } from "./switcher";

/** Return what can be switched to now: all rooms, everybody who is in a room of ours but we ourselves, and commands. */
export function choosable(rooms: RoomRegistry, me: string, commands: readonly SwitchCommand[]): Choosable {
  const people = new Map<string, SwitchPerson>();
  for (const room of rooms.joined.all) {
    for (const { author } of room.people.members) {
      const { id, nick } = author;
      const name = spokenName(room.people.face(author));
      if (id !== me && !people.has(id)) people.set(id, { id, name, nick, room: room.id, roomName: room.info.name });
    }
  }
  const all = rooms.known.order.map((info) => ({
    id: info.id,
    title: rooms.known.title(info),
    where: info.kind === "home" ? "" : info.node.name,
    unread: rooms.unread.of(info.id),
    mentions: rooms.unread.mentions(info.id),
  }));
  return { rooms: all, people: [...people.values()], commands };
}
