const KEY = /^[0-9A-Za-z_-]{43}$/u;
const GUEST = /^g-[0-9a-f]{32}$/u;

/** Whether an id is that of a person with a key. */
export function isKeyId(person: string): boolean {
  return KEY.test(person);
}

/** Whether an id is that of a guest: somebody for whom a node vouches. */
export function isGuestId(person: string): boolean {
  return GUEST.test(person);
}
