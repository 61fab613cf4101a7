import { expect, it } from "vitest";
import { messageWords } from "./messagewords";

it("names whose message it is, and with what one reacts", () => {
  expect([messageWords.actionsOf("Milo"), messageWords.reactWith("👍")]).toEqual(["Actions for the message of Milo", "React with 👍"]);
});
