import type { RoomInfo } from "../../wire/protocol";

/** Where a room is numbered, as a sentence. */
export function whereWords({ shared, node }: RoomInfo): string {
  return shared === true ? "This room is in a Redis that several machines share." : `This room has its home on ${node.name}.`;
}
