import { describe, expect, it } from "vitest";
import { isGuestId, isKeyId } from "./identity";

describe("an id", () => {
  it("of 43 signs is a key", () => {
    expect(isKeyId("aB3-_".repeat(8) + "xyz")).toBe(true);
    expect(isKeyId("a".repeat(42))).toBe(false);
    expect(isKeyId(`${"a".repeat(42)}=`)).toBe(false);
    expect(isKeyId(`g-${"0".repeat(32)}`)).toBe(false);
  });

  it("that begins with g- is a guest", () => {
    expect(isGuestId(`g-${"0f".repeat(16)}`)).toBe(true);
    expect(isGuestId("0f".repeat(16))).toBe(false);
    expect(isGuestId("a".repeat(43))).toBe(false);
  });
});
