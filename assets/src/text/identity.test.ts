import { describe, expect, it } from "vitest";
import { authorKind } from "./identity";

describe("author's kind", () => {
  it.each([
    ["verified", "mBuQJqmQF0GH2vFwFQWl_MQpK3cVtCh-0EzZ4vHXvDw"],
    ["verified", "g-0123456789abcdef0123456789abcdef-xxxxxxxx"],
    ["guest", "g-0123456789abcdef0123456789abcdef"],
    ["unverified", "g-0123456789ABCDEF0123456789abcdef"],
    ["unverified", "g-0123456789abcdef"],
    ["unverified", "u-0123456789abcdef0123456789abcdef"],
    ["unverified", "4c7dd0a1b2c3"],
    ["unverified", "mBuQJqmQF0GH2vFwFQWl_MQpK3cVtCh-0EzZ4vHXvDw="],
    ["unverified", "mBuQJqmQF0GH2vFwFQWl_MQpK3cVtCh-0EzZ4vHXvDw\n"],
    ["unverified", ""],
  ])("is %s for %j", (kind, id) => {
    expect(authorKind(id)).toBe(kind);
  });
});
