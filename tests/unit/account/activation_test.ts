import { assertEquals } from "@std/assert";
import {
  type Activation,
  type ActivationTerms,
  isActivated,
} from "../../../src/account/activation.ts";
import { capability } from "../../tools/capability.ts";

const NOW = 1_000_000;
const GRANTOR = { name: "A", signers: ["S"] };
const TOKEN: Activation = {
  issuer: "A",
  issuerAccount: "",
  importer: "B",
  issuedAt: 500,
  notBefore: 0,
  expires: 0,
};

function judge(
  token: Partial<Activation> | undefined,
  terms: ActivationTerms = {},
  account = "B",
): boolean {
  const activation = token && { ...TOKEN, ...token };
  return isActivated({ account, activation, now: NOW }, terms, GRANTOR);
}

capability("activations - by the account or its signing keys are honoured", {
  positive: ["accounts/activation-tokens"],
}, () => {
  assertEquals(judge({}), true);
  assertEquals(judge({ issuer: "S", issuerAccount: "A" }), true);
  assertEquals(judge({ expires: 1001, notBefore: 1000 }), true);
  assertEquals(judge({}, { revocations: [["C", 600], ["B", 499]] }), true);
  assertEquals(judge({ issuedAt: 601 }, { revocations: [["*", 600]] }), true);
});

capability("activations - of others, out of time or revoked are not", {
  edge: ["accounts/activation-tokens"],
}, () => {
  const tokens: (Partial<Activation> | undefined)[] = [
    undefined,
    { issuer: "X" },
    { issuer: "S" },
    { issuer: "X", issuerAccount: "A" },
    { issuer: "S", issuerAccount: "X" },
    { importer: "C" },
    { expires: 1000 },
    { expires: 999 },
    { notBefore: 1001 },
  ];
  for (const token of tokens) {
    assertEquals(judge(token), false, JSON.stringify(token));
  }
  assertEquals(judge({}, {}, "C"), false);
  for (const key of ["B", "*"]) {
    assertEquals(judge({}, { revocations: [[key, 500]] }), false);
    assertEquals(judge({}, { revocations: [[key, 501]] }), false);
  }
});
