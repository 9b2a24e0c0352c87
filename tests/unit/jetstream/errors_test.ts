import { assertEquals, assertStrictEquals } from "@std/assert";
import { ApiError } from "../../../src/jetstream/mod.ts";

Deno.test("an error of the API has status, number and text", () => {
  const error = new ApiError("streamNotFound");
  assertEquals(JSON.parse(JSON.stringify(error)), {
    code: 404,
    err_code: 10059,
    description: "stream not found",
  });
  assertEquals(error.message, "stream not found (10059)");
});

Deno.test("placeholders of an error's text are filled in", () => {
  const error = new ApiError("streamWrongLastSequence", { seq: 7 });
  assertEquals(error.description, "wrong last sequence: 7");
});

Deno.test("what is an error of the API already stays what it is", () => {
  const error = new ApiError("streamNameExist");
  assertStrictEquals(ApiError.from(error, "streamCreate"), error);
});

Deno.test("other errors give their text", () => {
  const error = ApiError.from(new Error("no room"), "streamCreate");
  assertEquals(error.description, "no room");
  assertEquals(error.err_code, 10049);
});
