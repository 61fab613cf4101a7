// What tests put in the place of the browser and of the node.
import type { Wire } from "./socket";
import type { Author, Command, Event, Hello, Notice, RoomInfo } from "./wire";

/** A WebSocket whose other end is the test. */
export class FakeWire implements Wire {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: (Command | Hello)[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Command);
  }

  close(): void {
    this.closed = true;
  }

  say(notice: Notice): void {
    this.onmessage?.({ data: JSON.stringify(notice) });
  }

  /** The frames of one type that were sent. */
  of<T extends Command["type"]>(type: T): Extract<Command, { type: T }>[] {
    return this.sent.filter((command): command is Extract<Command, { type: T }> => command.type === type);
  }
}

/** The part of localStorage that is used, in memory. */
export class FakeStorage implements Storage {
  [name: string]: unknown;
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }
}

export const ANA: Author = { id: "a", nick: "Ana" };
export const MILO: Author = { id: "m", nick: "Milo" };

export const WELCOME: Notice = {
  type: "welcome",
  version: 1,
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
