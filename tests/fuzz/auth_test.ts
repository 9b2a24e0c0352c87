import { createAccount } from "@nats-io/nkeys";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { DerError } from "../../src/auth/certificate/der.ts";
import {
  NameSyntaxError,
  parseDistinguishedName,
  sameName,
} from "../../src/auth/certificate/distinguished_name.ts";
import { certificateNames } from "../../src/auth/certificate/names.ts";
import {
  decodeAccountClaims,
  validateAccountClaims,
} from "../../src/auth/claims/account_claims.ts";
import {
  decodeUserClaims,
  validateUserClaims,
} from "../../src/auth/claims/user_claims.ts";
import { JwtError } from "../../src/config/mod.ts";
import { capability } from "../tools/capability.ts";
import { authority } from "../tools/certificates.ts";
import { claimsOf, forge, keys, userJwt } from "../tools/operator.ts";

/** Runs `read`; an error of another kind than the expected one escapes. */
function attempt<T>(
  read: () => T,
  expected: abstract new (...args: never[]) => Error,
): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof expected) return undefined;
    throw error;
  }
}

const names = [
  ...["nats", "type", "version", "sub", "iss", "exp", "pub", "allow", "src"],
  ...["times", "limits", "signing_keys", "kind", "key", "template", "exports"],
  ...["imports", "revocations", "mappings", "resp", "account", "subject"],
];

/** JSON whose names are those of claims. */
const claim: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("user", "account", "user_scope", "stream", "a.>", "", null),
    fc.integer(),
    fc.boolean(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie("value"), { maxKeys: 5 }),
  ),
})).value;

capability("jwt - whatever claims say, they are read or refused", {
  edge: ["auth/user-jwt-validation"],
}, () => {
  const { account } = keys();
  fc.assert(
    fc.property(
      fc.constantFrom("user", "account"),
      fc.constantFrom(1, 2),
      fc.dictionary(fc.constantFrom(...names), claim),
      (type, version, nats) => {
        const token = forge(account, {
          iss: account.getPublicKey(),
          sub: account.getPublicKey(),
          ...(version === 1 ? { type } : {}),
          nats: { ...nats, type, version },
        });
        if (type === "user") {
          const user = attempt(() => decodeUserClaims(token), JwtError);
          if (user !== undefined) validateUserClaims(user, 0);
          return;
        }
        const claims = attempt(() => decodeAccountClaims(token), JwtError);
        if (claims !== undefined) validateAccountClaims(claims, 0);
      },
    ),
    { numRuns: 60 },
  );
});

capability("jwt - a token with any character changed is refused", {
  edge: ["auth/user-jwt-validation"],
}, async () => {
  const { account, user } = keys();
  const token = await userJwt(account, {}, { user });
  const intact = claimsOf(token);
  fc.assert(
    fc.property(
      fc.nat(token.length - 1),
      fc.constantFrom(..."AZaz09-_.=+/ \n"),
      (at, char) => {
        const changed = token.slice(0, at) + char + token.slice(at + 1);
        const read = attempt(() => decodeUserClaims(changed), JwtError);
        // Bits that the last characters of base64 do not use change nothing.
        if (read !== undefined) assertEquals(claimsOf(changed), intact);
      },
    ),
    { numRuns: 300 },
  );
  const other = createAccount();
  assertEquals(
    attempt(
      () => decodeUserClaims(forge(other, intact)),
      JwtError,
    ),
    undefined,
  );
});

capability("certificates - damaged ones are read or refused", {
  edge: ["auth/verify-and-map"],
}, () => {
  const { raw } = authority().client({
    subject: "DC=org,O=NATS,OU=a+OU=b,CN=u",
    names: ["host.example.com"],
    emails: ["u@example.com"],
  });
  const damage = fc.array(
    fc.tuple(fc.nat(raw.length - 1), fc.nat(255)),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(damage, fc.nat(raw.length), (changes, length) => {
      const damaged = raw.slice();
      for (const [at, byte] of changes) damaged[at] = byte;
      attempt(() => certificateNames(damaged), DerError);
      attempt(() => certificateNames(damaged.subarray(0, length)), DerError);
    }),
    { numRuns: 2000 },
  );
});

capability(
  "distinguished names - every text is one or none, and equal to itself",
  {
    edge: ["auth/ldap-dn-parser"],
  },
  () => {
    const text = fc.array(
      fc.constantFrom(...'aB=,+\\ #"2C', "CN=", "é", "\\2C"),
    ).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (written) => {
        const name = attempt(
          () => parseDistinguishedName(written),
          NameSyntaxError,
        );
        if (name !== undefined) assertEquals(sameName(name, name), true);
      }),
      { numRuns: 3000 },
    );
  },
);
