/**
 * Certificates for tests, made on the spot: authorities, server and client
 * certificates, good and bad ones. PEM text throughout. What is asked for
 * twice with the same description in one process is made once.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { isIP } from "node:net";
import * as der from "./der.ts";

/** The algorithm of a certificate's key. */
export type KeyKind = "P-256" | "P-384" | "RSA" | "Ed25519";

/** What a certificate shall say. */
export interface Description {
  /**
   * Subject as in RFC 4514, except in encoding order: `DC=org,O=NATS,CN=u`;
   * `+` joins the values of one RDN. Default: `CN=` and the first name.
   */
  readonly subject?: string;
  /** DNS names and IP addresses of the subject alternative name. */
  readonly names?: readonly string[];
  readonly emails?: readonly string[];
  readonly uris?: readonly string[];
  /** Days from now until it becomes valid (default -1) and ends (default 30). */
  readonly validFrom?: number;
  readonly validTo?: number;
  /** Default P-256. */
  readonly key?: KeyKind;
  /** What it may be used for (default: what its maker's name says). */
  readonly usages?: readonly Usage[];
  /** URL of the OCSP responder. */
  readonly ocsp?: string;
  /** Whether it demands a stapled OCSP response. */
  readonly mustStaple?: boolean;
}

/** Extended key usages. */
export type Usage = "server" | "client" | "ocsp";

/** A certificate with its key, PEM. Fits `TlsIdentity`. */
export interface Issued {
  /** The certificate, followed by intermediates when there are any. */
  readonly cert: string;
  /** PKCS #8. */
  readonly key: string;
  /** DER of the certificate alone. */
  readonly raw: Uint8Array;
  /** DER of the public key. */
  readonly publicKeyInfo: Uint8Array;
}

/** A certificate authority. */
export interface Authority {
  /** The authority's certificate, PEM: what those who trust it configure. */
  readonly ca: string;
  /** PKCS #8. */
  readonly key: string;
  /** DER of the authority's certificate. */
  readonly raw: Uint8Array;
  /** Issues a server certificate (default names: localhost, 127.0.0.1, ::1). */
  server(description?: Description): Issued;
  /** Issues a client certificate (default subject: CN=client). */
  client(description?: Description): Issued;
  /** Creates an authority below this one; its certificates carry its chain. */
  intermediate(name: string): Authority;
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Signer {
  readonly name: Uint8Array;
  readonly keys: Keys;
  /** PEM of the intermediates from this signer upwards, without the root. */
  readonly chain: string;
}

const DAY = 86_400_000;

const ATTRIBUTES: Readonly<Record<string, string>> = {
  CN: "2.5.4.3",
  SN: "2.5.4.4",
  SERIALNUMBER: "2.5.4.5",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  STREET: "2.5.4.9",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  DC: "0.9.2342.19200300.100.1.25",
  UID: "0.9.2342.19200300.100.1.1",
  EMAILADDRESS: "1.2.840.113549.1.9.1",
};

const USAGES: Readonly<Record<Usage, string>> = {
  server: "1.3.6.1.5.5.7.3.1",
  client: "1.3.6.1.5.5.7.3.2",
  ocsp: "1.3.6.1.5.5.7.3.9",
};

const authorities = new Map<string, Authority>();

/** The self-signed authority of that name; the same one throughout a process. */
export function authority(name = "Test Root CA"): Authority {
  return remembered(authorities, name, () => {
    const keys = generateKeys("P-256");
    const signer = { name: distinguishedName(`CN=${name}`), keys, chain: "" };
    return makeAuthority(signer, signAuthority(signer, signer));
  });
}

/** A certificate that vouches for itself and that nobody trusts. */
export function selfSigned(description: Description = {}): Issued {
  const names = description.names ?? ["localhost", "127.0.0.1", "::1"];
  const keys = generateKeys(description.key ?? "P-256");
  const name = distinguishedName(description.subject ?? `CN=${names[0]}`);
  return issue(
    { name, keys, chain: "" },
    { usages: ["server", "client"], ...description, names },
    keys,
  );
}

function makeAuthority(signer: Signer, raw: Uint8Array): Authority {
  const made = new Map<string, Issued>();
  const issueOnce = (description: Description) =>
    remembered(
      made,
      JSON.stringify(description),
      () => issue(signer, description, generateKeys(description.key)),
    );
  return {
    ca: der.pem("CERTIFICATE", raw),
    key: pkcs8(signer.keys),
    raw,
    server: (description) =>
      issueOnce({
        names: ["localhost", "127.0.0.1", "::1"],
        usages: ["server"],
        ...description,
      }),
    client: (description) =>
      issueOnce({ subject: "CN=client", usages: ["client"], ...description }),
    intermediate: (name) => {
      const below = {
        name: distinguishedName(`CN=${name}`),
        keys: generateKeys("P-256"),
      };
      const certificate = signAuthority(signer, below);
      const chain = der.pem("CERTIFICATE", certificate) + signer.chain;
      return makeAuthority({ ...below, chain }, certificate);
    },
  };
}

function issue(signer: Signer, description: Description, keys: Keys): Issued {
  const subject = description.subject ?? `CN=${description.names?.[0] ?? ""}`;
  const raw = signCertificate(signer, {
    name: distinguishedName(subject),
    keys,
    validFrom: description.validFrom,
    validTo: description.validTo,
    extensions: leafExtensions(description),
  });
  return {
    cert: der.pem("CERTIFICATE", raw) + signer.chain,
    key: pkcs8(keys),
    raw,
    publicKeyInfo: publicKeyInfo(keys),
  };
}

function signAuthority(
  signer: Omit<Signer, "chain">,
  subject: Omit<Signer, "chain">,
): Uint8Array {
  return signCertificate(signer, {
    ...subject,
    extensions: [
      extension("2.5.29.19", der.sequence(der.yes()), true),
      // keyCertSign and cRLSign.
      extension("2.5.29.15", der.bits(Uint8Array.of(0x06), 1), true),
      extension("2.5.29.14", der.octets(keyIdentifier(subject.keys))),
    ],
  });
}

interface Subject {
  readonly name: Uint8Array;
  readonly keys: Keys;
  readonly validFrom?: number | undefined;
  readonly validTo?: number | undefined;
  readonly extensions: readonly Uint8Array[];
}

function signCertificate(
  signer: Omit<Signer, "chain">,
  subject: Subject,
): Uint8Array {
  const now = Date.now();
  const algorithm = signatureAlgorithm(signer.keys.privateKey);
  const body = der.sequence(
    der.tagged(0, der.integer(2)),
    der.integer(0x40, ...randomBytes(8)),
    algorithm,
    signer.name,
    der.sequence(
      der.time(now + (subject.validFrom ?? -1) * DAY),
      der.time(now + (subject.validTo ?? 30) * DAY),
    ),
    subject.name,
    publicKeyInfo(subject.keys),
    der.tagged(
      3,
      der.sequence(
        ...subject.extensions,
        extension(
          "2.5.29.35",
          der.sequence(der.tlv(0x80, keyIdentifier(signer.keys))),
        ),
      ),
    ),
  );
  const digest = signer.keys.privateKey.asymmetricKeyType === "ed25519"
    ? null
    : "sha256";
  const signature = sign(digest, body, signer.keys.privateKey);
  return der.sequence(body, algorithm, der.bits(signature));
}

function leafExtensions(description: Description): Uint8Array[] {
  const { names = [], emails = [], uris = [], usages = [], ocsp } = description;
  const alternatives = [
    ...emails.map((value) => der.text(value, 0x81)),
    ...names.map((value) =>
      isIP(value) === 0
        ? der.text(value, 0x82)
        : der.tlv(0x87, addressBytes(value))
    ),
    ...uris.map((value) => der.text(value, 0x86)),
  ];
  const extensions = [
    extension("2.5.29.19", der.sequence(), true),
    // digitalSignature.
    extension("2.5.29.15", der.bits(Uint8Array.of(0x80), 7), true),
  ];
  if (usages.length > 0) {
    const ids = usages.map((usage) => der.oid(USAGES[usage]));
    extensions.push(extension("2.5.29.37", der.sequence(...ids)));
  }
  if (alternatives.length > 0) {
    extensions.push(extension("2.5.29.17", der.sequence(...alternatives)));
  }
  if (ocsp !== undefined) {
    const access = der.sequence(
      der.oid("1.3.6.1.5.5.7.48.1"),
      der.text(ocsp, 0x86),
    );
    extensions.push(extension("1.3.6.1.5.5.7.1.1", der.sequence(access)));
  }
  if (description.mustStaple) {
    const features = der.sequence(der.integer(5));
    extensions.push(extension("1.3.6.1.5.5.7.1.24", features));
  }
  return extensions;
}

function extension(
  id: string,
  value: Uint8Array,
  critical = false,
): Uint8Array {
  return der.sequence(
    der.oid(id),
    ...(critical ? [der.yes()] : []),
    der.octets(value),
  );
}

function distinguishedName(subject: string): Uint8Array {
  const names = subject.split(/(?<!\\),/).filter((name) => name !== "");
  return der.sequence(
    ...names.map((name) =>
      der.set(
        ...name.split(/(?<!\\)\+/).map((attribute) => {
          const at = attribute.indexOf("=");
          const type = attribute.slice(0, at).trim();
          const value = attribute.slice(at + 1).replace(/\\(.)/g, "$1");
          const ia5 = type === "DC" || type === "EMAILADDRESS";
          return der.sequence(
            der.oid(ATTRIBUTES[type.toUpperCase()] ?? type),
            der.text(value, type === "C" ? 0x13 : ia5 ? 0x16 : 0x0c),
          );
        }),
      )
    ),
  );
}

function signatureAlgorithm(key: KeyObject): Uint8Array {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return der.sequence(der.oid("1.2.840.113549.1.1.11"), der.tlv(0x05));
    case "ed25519":
      return der.sequence(der.oid("1.3.101.112"));
    default:
      return der.sequence(der.oid("1.2.840.10045.4.3.2"));
  }
}

function generateKeys(kind: KeyKind = "P-256"): Keys {
  switch (kind) {
    case "RSA":
      return generateKeyPairSync("rsa", { modulusLength: 2048 });
    case "Ed25519":
      return generateKeyPairSync("ed25519");
    default:
      return generateKeyPairSync("ec", { namedCurve: kind });
  }
}

function pkcs8(keys: Keys): string {
  return keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function publicKeyInfo(keys: Keys): Uint8Array {
  return new Uint8Array(keys.publicKey.export({ type: "spki", format: "der" }));
}

function keyIdentifier(keys: Keys): Uint8Array {
  return createHash("sha1").update(publicKeyInfo(keys)).digest();
}

function addressBytes(address: string): Uint8Array {
  if (!address.includes(":")) {
    return Uint8Array.from(address.split("."), Number);
  }
  const [head = "", tail = ""] = address.split("::");
  const groups = (part: string) => part === "" ? [] : part.split(":");
  const after = address.includes("::") ? groups(tail) : [];
  const before = groups(head);
  const zeros = Array(8 - before.length - after.length).fill("0");
  return Buffer.concat(
    [...before, ...zeros, ...after].map((group) =>
      Buffer.from(group.padStart(4, "0"), "hex")
    ),
  );
}

function remembered<T>(memory: Map<string, T>, key: string, make: () => T): T {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}
