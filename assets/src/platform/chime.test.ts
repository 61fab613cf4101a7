import { afterEach, expect, it, vi } from "vitest";
import { chime } from "./chime";

afterEach(() => vi.unstubAllGlobals());

it("does nothing on a machine without sound", () => {
  vi.stubGlobal("AudioContext", function () {
    throw new Error("no device");
  });
  expect(chime).not.toThrow();
});

it("plays soft notes that end, and keeps one context", () => {
  const ends: number[] = [];
  const loudest: number[] = [];
  let contexts = 0;
  const gain = {
    setValueAtTime: () => {},
    linearRampToValueAtTime: (value: number) => loudest.push(value),
    exponentialRampToValueAtTime: () => {},
  };
  vi.stubGlobal("AudioContext", function () {
    contexts += 1;
    return {
      currentTime: 0,
      state: "running",
      createOscillator: () => ({ frequency: {}, connect: () => ({ connect: () => {} }), start: () => {}, stop: (at: number) => ends.push(at) }),
      createGain: () => ({ gain }),
    };
  });
  chime();
  chime();
  expect([contexts, ends.length, Math.max(...ends) < 1, Math.max(...loudest) < 0.1]).toEqual([1, 4, true, true]);
});
