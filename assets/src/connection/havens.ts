import { isLoopback } from "../platform/browser";
import type { Haven, Havens } from "../wire/protocol";

/** Another node where guests come into a room, and the address of its page. */
export interface WayOut {
  readonly name: string;
  readonly url: string;
}

type Here = Pick<Location, "protocol" | "host" | "hostname">;

/** Most nodes of one room that are remembered. */
const MOST = 8;
/** Ports below it are the system's. */
const LOWEST_PORT = 1024;
/** Addresses of the network itself: RFC 1918, RFC 3927, and of IPv6 RFC 4193. What is link-local there wants a zone. */
const NEAR = [
  /^10(?:\.\d{1,3}){3}$/u,
  /^172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}$/u,
  /^192\.168(?:\.\d{1,3}){2}$/u,
  /^169\.254(?:\.\d{1,3}){2}$/u,
  /^\[f[cd][0-9a-f]{2}:[0-9a-f:]+\]$/u,
];

/** Where else each room can be entered, as its node said last: that node cannot be asked once it is gone. */
export class KnownHavens {
  readonly #rooms = new Map<string, readonly WayOut[]>();
  /** What the link said by which somebody came. */
  readonly #given = new Map<string, readonly WayOut[]>();
  readonly #here: Here;
  #tried = 0;

  constructor(here: Here) {
    this.#here = here;
  }

  take({ room, nodes }: Havens): void {
    this.#rooms.set(room, this.#waysTo(nodes));
  }

  /** Take what a link says, which counts where the node has said nothing. */
  give(room: string, addresses: readonly string[]): void {
    this.#given.set(room, this.#waysTo(addresses.map((address) => ({ name: address, address }))));
  }

  has(room: string): boolean {
    return this.of(room).length > 0;
  }

  /** Where to go; each time the next one. */
  next(room: string): WayOut | null {
    const ways = this.of(room);
    this.#tried += 1;
    return ways[(this.#tried - 1) % ways.length] ?? null;
  }

  private of(room: string): readonly WayOut[] {
    const told = this.#rooms.get(room) ?? [];
    return told.length > 0 ? told : (this.#given.get(room) ?? []);
  }

  #waysTo(nodes: readonly Haven[]): WayOut[] {
    return nodes
      .map((haven) => wayTo(haven, this.#here))
      .filter((way) => way !== null)
      .slice(0, MOST);
  }
}

/** Return the page of a node, reached as ours is; null when it is this one, or at no address of this network. */
export function wayTo({ name, address }: Haven, here: Here): WayOut | null {
  if (!/^https?:$/u.test(here.protocol) || !/^[0-9a-f.:[\]]{3,60}$/u.test(address)) return null;
  let url: URL;
  try {
    url = new URL(`${here.protocol}//${address}/`);
  } catch {
    return null;
  }
  // Only a page of this machine is led on to this machine.
  const near = NEAR.some((form) => form.test(url.hostname)) || (isLoopback(url.hostname) && isLoopback(here.hostname));
  if (!near || Number(url.port) < LOWEST_PORT || url.host === here.host) return null;
  // A browser reads other forms of an address as well; nodes write none.
  if (url.host !== address) return null;
  return { name, url: url.href };
}
