import { expect, it } from "vitest";
import { ends } from "./ends";

it.each(["Tea", "", "🎉", "x".repeat(24)])("a short name is whole: %s", (name) => {
  expect(ends(name)).toEqual([name, ""]);
});

it.each(["Weekly review of the workshop, group 12", "x".repeat(80), "👨‍👩‍👧".repeat(30), "שיחה ארוכה מאוד על הכול ועל כולם"])(
  "a long one loses nothing, and keeps its end in one piece: %s",
  (name) => {
    const [begin, end] = ends(name);
    expect(begin + end).toBe(name);
    expect(Array.from(new Intl.Segmenter().segment(end)).length).toBe(8);
  },
);
