import { assertEquals } from "@std/assert";
import { isCertificateUser } from "../../../src/auth/certificate_identity.ts";
import { ConfiguredUsers } from "../../../src/auth/configured_users.ts";
import { Refusal } from "../../../src/auth/mod.ts";
import {
  type ConnectionType,
  emptyOptions,
  type Options,
} from "../../../src/config/mod.ts";
import { defaultConnectOptions } from "../../../src/protocol/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";

const row = "auth/cert-users-w-o-password";

function user(...types: ConnectionType[]): Options["users"][number] {
  return {
    username: "CN=alice",
    password: "",
    permissions: undefined,
    account: undefined,
    allowedConnectionTypes: types.length === 0 ? undefined : new Set(types),
    proxyRequired: false,
    connectionDeadline: undefined,
  };
}

/** Options of a server that maps certificates on its websocket listener only. */
function websocketMapping(): Options {
  const options = emptyOptions();
  return {
    ...options,
    users: [user()],
    websocket: { ...options.websocket, port: 8080, tlsMap: true },
  };
}

/** Whether a client gets in, and what was logged about it. */
async function admits(
  options: Options,
  fields: { user?: string; pass?: string },
): Promise<[boolean, string[]]> {
  const logged: string[] = [];
  const ignore = () => {};
  const users = new ConfiguredUsers(options, denoRuntime(), {
    debugging: false,
    tracing: false,
    notice: ignore,
    warn: ignore,
    error: ignore,
    fatal: ignore,
    debug: ignore,
    trace: ignore,
  });
  const verdict = await users.authenticate({
    connect: { ...defaultConnectOptions(), ...fields },
    connectionType: "STANDARD",
    id: 1,
    host: "127.0.0.1",
    nonce: "",
    isGone: () => false,
    tls: null,
    log: { debug: (text) => logged.push(text), error: ignore },
  }, "");
  users.close();
  return [!(verdict instanceof Refusal), logged];
}

capability(
  "certificate users - can't log in with an empty password elsewhere",
  {
    positive: [row],
  },
  async () => {
    const options = websocketMapping();
    const fields = { user: "CN=alice", pass: "" };
    assertEquals(await admits(options, fields), [
      false,
      ['User "CN=alice" requires a client certificate'],
    ]);
    const guest = { ...options, noAuthUser: "CN=alice" };
    assertEquals(await admits(guest, {}), [true, []]);
  },
);

capability(
  "certificate users - where nothing is mapped an empty password is one",
  {
    edge: [row],
  },
  async () => {
    const options = { ...emptyOptions(), users: [user()] };
    const fields = { user: "CN=alice", pass: "" };
    assertEquals(await admits(options, fields), [true, []]);
    assertEquals(await admits(options, { ...fields, pass: "x" }), [false, []]);
  },
);

capability(
  "certificate users - listeners and connection types decide who is one",
  {
    positive: [row],
    edge: [row],
  },
  () => {
    const web = websocketMapping();
    assertEquals(isCertificateUser(user(), web), true);
    assertEquals(isCertificateUser(user("WEBSOCKET"), web), true);
    assertEquals(isCertificateUser(user("STANDARD"), web), false);
    const client = { ...emptyOptions(), tlsMap: true };
    assertEquals(isCertificateUser(user("STANDARD"), client), true);
    const silent = { ...client, dontListen: true };
    assertEquals(isCertificateUser(user("STANDARD"), silent), false);
    const { leafnodes } = emptyOptions();
    const leaf = {
      ...emptyOptions(),
      leafnodes: { ...leafnodes, port: 7422, tlsMap: true },
    };
    assertEquals(isCertificateUser(user("LEAFNODE"), leaf), true);
    const own = { ...leaf, leafnodes: { ...leaf.leafnodes, username: "x" } };
    assertEquals(isCertificateUser(user("LEAFNODE"), own), false);
  },
);
