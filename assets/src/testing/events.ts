import type { Author, Event, Reply, RoomInfo } from "../wire/protocol";
import { VERSION } from "../wire/protocol";

export const ANA: Author = { id: "a", nick: "Ana" };
export const MILO: Author = { id: "m", nick: "Milo" };

export const WELCOME: Reply = {
  type: "welcome",
  version: VERSION,
  node: { id: "n", name: "studio" },
  you: ANA,
  heartbeat: 10,
  silence: 25,
  max_text: 4000,
};

export function info(id: string, more: Partial<RoomInfo> = {}): RoomInfo {
  const node = { id: "n", name: "studio" };
  return { id, name: `Room ${id}`, node, kind: "home", members: 1, top: 0, online: true, ...more };
}

export function event(seq: number, more: Partial<Event> = {}): Event {
  const body = { text: `text ${seq}` };
  return { type: "event", room: "r", seq, term: 1, nonce: `n${seq}`, author: MILO, at: seq, kind: "message", body, ...more };
}

/** The events `first` to `last`. */
export function run(first: number, last: number): Event[] {
  return Array.from({ length: last - first + 1 }, (_, index) => event(first + index));
}
