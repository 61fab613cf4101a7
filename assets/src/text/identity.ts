/** What an author's id says of them: what they say is signed, or a node vouches for them, or nobody can know. */
export type AuthorKind = "verified" | "guest" | "unverified";

const KEY = /^[0-9A-Za-z_-]{43}$/u;
const GUEST = /^g-[0-9a-f]{32}$/u;

/** Say what kind of author has this id. Nodes refuse events of the first two kinds without a signature that is right. */
export function authorKind(person: string): AuthorKind {
  if (KEY.test(person)) return "verified";
  return GUEST.test(person) ? "guest" : "unverified";
}
