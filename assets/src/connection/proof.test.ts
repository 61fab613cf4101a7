import { describe, expect, it, vi } from "vitest";
import { canRecognise, proofOf, windowId } from "./proof";

describe("what a browser and its node know of each other", () => {
  // The node's side, with the same figures: tests/unit/web/windows/test_sign_ins.py.
  it("is the same on both sides", async () => {
    expect(await windowId("bearer")).toBe("469020798e05dff0");
    expect(await proofOf("bearer", "28281", "0".repeat(32))).toBe("f9f86473051ac328079ba80827c7ae03a389dac5aa515f09351dd02eff1efa92");
  });

  it("is another one at another port", async () => {
    expect(await proofOf("bearer", "1", "n")).not.toBe(await proofOf("bearer", "2", "n"));
  });
});

it("does without it where a browser does not trust the page", () => {
  expect(canRecognise()).toBe(true);
  vi.stubGlobal("crypto", {});
  expect(canRecognise()).toBe(false);
  vi.unstubAllGlobals();
});
