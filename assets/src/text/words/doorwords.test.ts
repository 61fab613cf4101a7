import { expect, test } from "vitest";
import type { RoomInfo } from "../../wire/protocol";
import { doorSigns, ruleWords, type RuleSaid } from "./doorwords";

const info = { id: "r", name: "tea", node: { id: "n", name: "desk" }, kind: "home", members: 0, top: 0, online: true } as const;

test("only what is not usual at a door is said", () => {
  const signs = (more: Partial<RoomInfo>) => doorSigns({ ...info, ...more });
  expect(signs({})).toBe("");
  expect(signs({ door: "open", listed: true, guests: "on" })).toBe("");
  expect(signs({ door: "invite", locked: true, listed: false, guests: "read" })).toBe(
    "by invitation, locked, in no list, guests only read",
  );
});

test("every rule reads as a sentence behind a name", () => {
  const said: [RuleSaid, string][] = [
    [{ change: "door", door: "passphrase" }, "set a new passphrase; only who knows it comes in"],
    [{ change: "listed", on: false }, "took the room out of all lists"],
    [{ change: "guests", guests: "off" }, "lets no guests in"],
    [{ change: "slow", seconds: 30 }, "turned slow mode on: one message in 30 seconds"],
    [{ change: "slow" }, "turned slow mode off"],
    [{ change: "continues", seconds: 30 }, "lets the room go on by itself after 30 seconds"],
    [{ change: "continues" }, "lets the room go on only where somebody says so"],
    [{ change: "locked" }, "locked the room"],
    [{ change: "name", text: "Garden" }, "called the room “Garden”"],
    [{ change: "topic", text: "Roses" }, "says what the room is about: Roses"],
    [{ change: "topic" }, "took back what the room is about"],
    [{ change: "delete" }, "deleted the room for everybody"],
    [{ change: "moderator" }, "made Bo a moderator"],
    [{ change: "mute", on: false }, "lets Bo write again"],
    [{ change: "ban", address: true }, "banned Bo and the address where they come from"],
    [{ change: "ban", on: false, address: true }, "lifted the ban of Bo"],
    [{ change: "kick" }, "sent Bo out"],
    [{ change: "hide" }, "hid what Bo said"],
    [{ change: "invite", single: true }, "made an invitation for one person"],
    [{ change: "revoke" }, "took an invitation back"],
    [{ change: "admit", proof: "0a" }, "let Bo in by an invitation"],
    [{ change: "admit" }, "let Bo in"],
    [{ change: "unite" }, "let two rooms of this name become one"],
    [{ change: "burn" }, "changed what holds in the room"],
  ];
  for (const [rule, words] of said) expect(ruleWords(rule, "Bo")).toBe(words);
});
