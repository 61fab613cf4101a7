import { expect, it } from "vitest";
import { inviteWords, systemOf } from "./invitewords";

it("names the system of a program as people do", () => {
  const program = { machine: "x86_64", name: "lanchat", size: 1, sha256: "" };
  expect(systemOf({ ...program, system: "linux" })).toBe("Linux (x86_64)");
  expect(systemOf({ ...program, system: "haiku" })).toBe("haiku (x86_64)");
});

it("warns of each network from which not everybody near can come, and of no other", () => {
  const warned = Object.entries(inviteWords.unreachable).filter(([, words]) => words !== "");
  expect(warned.map(([network]) => network)).toEqual(["vpn", "virtual", "direct", "loopback"]);
});

it("says how large a program is", () => {
  expect(inviteWords.download("lanchat", 41_700_000)).toBe("Download lanchat (42 MB)");
});
