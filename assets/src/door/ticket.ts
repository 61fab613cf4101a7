/** A link into a room: where the node is, the room, and the code that lets in where the link has one. */
export interface TicketLink {
  /** Host and port of the node. */
  readonly address: string;
  readonly room: string;
  /** Empty where the room lets in whoever comes. */
  readonly code: string;
  /** Other addresses of the node, for who does not reach the first. */
  readonly further: readonly string[];
  /** Where other nodes of the room are. */
  readonly others: readonly string[];
}

const FRAGMENT =
  /^#r=(?<room>[0-9A-Za-z_-]{1,64})(?:&i=(?<code>[0-9A-Za-z_-]{1,200}))?(?:&a=(?<further>[0-9a-z.:[\],-]{3,300}))?(?:&o=(?<others>[0-9a-f.:[\],]{3,300}))?$/u;
/** Most addresses of either kind that are read. */
const MOST = 3;

/** Read a link into a room; null when a text is something else. */
export function readTicket(text: string): TicketLink | null {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return null;
  }
  const { room = "", code = "", further = "", others = "" } = FRAGMENT.exec(url.hash)?.groups ?? {};
  if (room === "" || !/^https?:$/u.test(url.protocol)) return null;
  return { address: url.host, room, code, further: addresses(further), others: addresses(others) };
}

/** Take the room, and the invitation into it, out of the page's own address: a reload must not show it again, and nobody should copy it on. */
export function takeTicket(
  location: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState">,
): TicketLink | null {
  const ticket = readTicket(`http://here/${location.hash}`);
  if (ticket === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return { ...ticket, address: "" };
}

function addresses(text: string): string[] {
  return text.split(",").filter((address) => address !== "").slice(0, MOST);
}
