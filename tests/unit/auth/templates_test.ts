import { assertEquals, assertThrows } from "@std/assert";
import {
  fillTemplate,
  TemplateError,
  type TemplateValues,
} from "../../../src/auth/claims/template.ts";
import { capability } from "../../tools/capability.ts";

const row = "auth/templates-in-scoped-keys";

const VALUES: TemplateValues = {
  name: "bob",
  subject: "UBOB",
  accountName: "acme",
  accountSubject: "AACME",
  tags: ["team:red", "team:blue", "role:dev"],
  accountTags: ["region:eu"],
};

function fill(
  pub: { allow?: string[]; deny?: string[] },
  values: Partial<TemplateValues> = {},
): { allow: readonly string[]; deny: readonly string[] } {
  return fillTemplate({
    pub: { allow: [], deny: [], ...pub },
    sub: { allow: [], deny: [] },
    resp: undefined,
  }, { ...VALUES, ...values }).pub;
}

capability("templates - are filled in with what is known of user and account", {
  positive: [row],
}, () => {
  const allow = [
    "plain",
    "{{name()}}.{{ SUBJECT() }}",
    "{{account-name()}}.{{account-subject()}}.>",
    "{{account-tag(region)}}.{{tag(role)}}",
    "{{tag(team)}}.{{tag(team)}}",
  ];
  assertEquals(fill({ allow }).allow, [
    "plain",
    "bob.UBOB",
    "acme.AACME.>",
    "eu.dev",
    ...["red.red", "red.red", "blue.blue", "blue.blue"],
  ]);
});

capability(
  "templates - what can't be filled in is left out of leave, and an error in denials",
  {
    edge: [row],
  },
  () => {
    assertEquals(fill({ allow: ["{{tag(none)}}.x", "ok"] }).allow, ["ok"]);
    assertThrows(
      () => fill({ deny: ["{{tag(none)}}.x"] }),
      TemplateError,
      "is not defined",
    );
    assertThrows(() => fill({ deny: ["{{name()}}"] }, { name: "a b" }));
    for (const bad of ["{{password()}}", "{{tag}}", "{{name}}"]) {
      assertThrows(() => fill({ allow: [bad] }), TemplateError, "not defined");
    }
  },
);

capability("templates - leave that comes to nothing denies everything", {
  edge: [row],
}, () => {
  assertEquals(fill({ allow: ["{{tag(none)}}"], deny: ["x"] }), {
    allow: [],
    deny: ["x", ">"],
  });
  assertEquals(fill({ allow: ["{{name()}}"] }, { name: "" }), {
    allow: [],
    deny: [">"],
  });
  assertEquals(fill({}), { allow: [], deny: [] });
});

capability(
  "templates - do not grow without end, however many tags there are",
  {
    edge: [row],
  },
  () => {
    const tags = Array.from({ length: 64 }, (_, i) => `t:${i}`);
    const square = "{{tag(t)}}.{{tag(t)}}";
    assertEquals(fill({ allow: ["{{tag(t)}}.x"] }, { tags }).allow.length, 64);
    assertThrows(
      () => fill({ allow: [`{{tag(t)}}.${square}`] }, { tags }),
      TemplateError,
      "exceeds limit",
    );
    assertThrows(
      () => fill({ allow: [square, square] }, { tags }),
      TemplateError,
      "exceeds limit",
    );
  },
);
