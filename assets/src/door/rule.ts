import type { Event, PolicyNotice } from "../wire/protocol";

/** One change of what holds in a room, as a rule says it. */
export interface Rule {
  readonly change:
    | "door"
    | "listed"
    | "guests"
    | "slow"
    | "continues"
    | "locked"
    | "name"
    | "topic"
    | "delete"
    | "moderator"
    | "mute"
    | "ban"
    | "kick"
    | "hide"
    | "invite"
    | "revoke"
    | "admit"
    | "unite";
  readonly door?: NonNullable<PolicyNotice["door"]>;
  readonly guests?: NonNullable<PolicyNotice["guests"]>;
  readonly on?: boolean;
  readonly seconds?: number;
  readonly person?: string;
  readonly address?: boolean;
  readonly since?: number;
  readonly single?: boolean;
  readonly proof?: string;
  readonly text?: string;
}

/** Return the rule that an event says; null when it is none, or of a later version. The node has checked its fields. */
export function ruleOf({ kind, body }: Event): Rule | null {
  if (kind !== "rule") return null;
  try {
    return JSON.parse(body.text ?? "") as Rule;
  } catch {
    return null;
  }
}

/** Whether an event hides what somebody said. */
export function hides(event: Event): boolean {
  return ruleOf(event)?.change === "hide";
}
