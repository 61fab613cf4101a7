import type { Passage } from "../connection/passage";

/** A passage out of the room `r`, as it may be. */
export function passage(more: Partial<Passage> = {}): Passage {
  return {
    at: 1_000,
    room: { id: "r", name: "Kitchen" },
    guest: { secret: `${"a".repeat(32)}-${"0".repeat(64)}`, id: `g-${"1".repeat(32)}`, nick: "Ana" },
    seen: 7,
    code: "",
    draft: "half a s",
    unsent: [{ nonce: "mine", kind: "message", body: { text: "Hallo 👋" }, at: 900 }],
    left: 0,
    ...more,
  };
}
