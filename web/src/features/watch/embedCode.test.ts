import { expect, it } from "vitest";
import { embedCode } from "./embedCode";

it("makes markup that says what the player is to do, and nothing that a title says", () => {
  const code = embedCode("https://videos.example/embed/1", 'Bread & "salt" <b>', { t: "90", loop: "1" });
  expect(code).toContain('src="https://videos.example/embed/1?t=90&amp;loop=1"');
  expect(code).toContain('title="Bread &amp; &quot;salt&quot; &lt;b&gt;"');
  expect(embedCode("https://videos.example/embed/1", "x", {})).toContain('embed/1" ');
});
