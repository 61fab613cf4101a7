import type { PolicyNotice, RoomInfo } from "../../wire/protocol";

/** What the words of a rule are made of. */
export interface RuleSaid {
  readonly change: string;
  readonly door?: NonNullable<PolicyNotice["door"]>;
  readonly guests?: NonNullable<PolicyNotice["guests"]>;
  readonly on?: boolean;
  readonly seconds?: number;
  readonly address?: boolean;
  readonly single?: boolean;
  readonly proof?: string;
  readonly text?: string;
}

/** What is not usual at the door of a room, said behind its name; empty where everybody comes in. */
export function doorSigns({ door, locked, listed, guests }: RoomInfo): string {
  return [
    { open: "", passphrase: "by passphrase", invite: "by invitation" }[door ?? "open"],
    locked === true ? "locked" : "",
    listed === false ? "in no list" : "",
    { on: "", read: "guests only read", off: "no guests" }[guests ?? "on"],
  ]
    .filter((sign) => sign !== "")
    .join(", ");
}

/** What a rule did, as it goes on behind the name of who made it; `whom` is how the person is called whom it is about. */
export function ruleWords(
  { change, door, guests, on = true, seconds = 0, address, single, proof = "", text = "" }: RuleSaid,
  whom: string,
): string {
  switch (change) {
    case "door":
      return {
        open: "opened the room to everybody",
        passphrase: "set a new passphrase; only who knows it comes in",
        invite: "closed the door; one comes in by invitation",
      }[door ?? "open"];
    case "listed":
      return on ? "put the room into lists" : "took the room out of all lists";
    case "guests":
      return {
        on: "lets guests read and write",
        read: "lets guests read, but not write",
        off: "lets no guests in",
      }[guests ?? "on"];
    case "slow":
      return seconds === 0 ? "turned slow mode off" : `turned slow mode on: one message in ${seconds} seconds`;
    case "continues":
      return seconds === 0
        ? "lets the room go on only where somebody says so"
        : `lets the room go on by itself after ${seconds} seconds`;
    case "locked":
      return on ? "locked the room" : "unlocked the room";
    case "name":
      return `called the room “${text}”`;
    case "topic":
      return text === "" ? "took back what the room is about" : `says what the room is about: ${text}`;
    case "delete":
      return "deleted the room for everybody";
    case "moderator":
      return on ? `made ${whom} a moderator` : `made ${whom} a moderator no more`;
    case "mute":
      return on ? `muted ${whom}` : `lets ${whom} write again`;
    case "ban":
      return !on ? `lifted the ban of ${whom}` : `banned ${whom}${address === true ? " and the address where they come from" : ""}`;
    case "kick":
      return `sent ${whom} out`;
    case "hide":
      return `hid what ${whom} said`;
    case "invite":
      return single === true ? "made an invitation for one person" : "made an invitation for many";
    case "revoke":
      return "took an invitation back";
    case "admit":
      return proof === "" ? `let ${whom} in` : `let ${whom} in by an invitation`;
    case "unite":
      return "let two rooms of this name become one";
    default:
      return "changed what holds in the room";
  }
}
