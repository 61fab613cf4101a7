import type { Reply } from "../wire/protocol";

type ReplyOf<T extends Reply["type"]> = Extract<Reply, { type: T }>;

/** What one part of the page does with the node's replies, by their type. */
export type Handlers = { readonly [T in Reply["type"]]?: (reply: ReplyOf<T>) => void };

/** Hand a reply to its handler: false when it has none for this type. */
export function handle(handlers: Handlers, reply: Reply): boolean {
  if (!Object.hasOwn(handlers, reply.type)) return false;
  const handler = handlers[reply.type] as (reply: Reply) => void;
  handler(reply);
  return true;
}
