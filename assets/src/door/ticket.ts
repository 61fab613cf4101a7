/** An invitation as a link has it: where the node is, the room, and the code that lets in. */
export interface TicketLink {
  /** Host and port of the node. */
  readonly address: string;
  readonly room: string;
  readonly code: string;
}

const FRAGMENT = /^#r=(?<room>[0-9A-Za-z_-]{1,64})&i=(?<code>[0-9A-Za-z_-]{1,200})$/u;

/** Read the link of an invitation; null when a text is something else. */
export function readTicket(text: string): TicketLink | null {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return null;
  }
  const { room = "", code = "" } = FRAGMENT.exec(url.hash)?.groups ?? {};
  return room === "" || !/^https?:$/u.test(url.protocol) ? null : { address: url.host, room, code };
}

/** Take the invitation out of the page's own address: a reload must not show it again, and nobody should copy it on. */
export function takeTicket(
  location: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState">,
): TicketLink | null {
  const ticket = readTicket(`http://here/${location.hash}`);
  if (ticket === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return { ...ticket, address: "" };
}
