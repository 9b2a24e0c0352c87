import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Options, Server, startServer } from "../../../src/mod.ts";
import { applyDefaults, emptyOptions } from "../../../src/config/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { userJwt } from "../../tools/operator.ts";
import { RawWebsocket } from "../../tools/raw_websocket.ts";
import { options } from "../../unit/config/options_harness.ts";
import { operatorServer } from "../auth/jwt_support.ts";
import { withWebsocket } from "./support.ts";

const LISTEN = 'listen: "127.0.0.1:-1"';

function refused(config: string, reason: string): Promise<unknown> {
  const asked = options(`${LISTEN}\n${config}`);
  return assertRejects(
    () => startServer(asked, { logger: new LogRecorder() }),
    Error,
    reason,
  );
}

capability("websocket - options that contradict each other", {
  positive: ["websocket/auth-conflicts"],
  edge: [
    "websocket/auth-conflicts",
    "websocket/tls-required",
    "websocket/custom-headers",
    "websocket/keys",
  ],
}, async () => {
  const block = (settings: string) =>
    `websocket { ${LISTEN}, no_tls: true, ${settings} }`;
  const users = "authorization { users: [{user: u, password: p}] }\n";
  await refused(
    `websocket { ${LISTEN} }`,
    "websocket requires TLS configuration",
  );
  await refused(
    users + block("authorization { user: a, password: b }"),
    "websocket authentication username not compatible with presence of users/nkeys",
  );
  await refused(
    users + block("authorization { token: t }"),
    "websocket authentication token not compatible with presence of users/nkeys",
  );
  await refused(
    block("jwt_cookie: c"),
    'trusted operators or trusted keys configuration is required for JWT authentication via cookie "c"',
  );
  await refused(
    block("headers { Upgrade: x }"),
    'websocket: invalid header "Upgrade" not allowed',
  );
});

const [first, second] = ["one", "two"].map((name) =>
  authority().server({ subject: `CN=${name}` })
);
const FILES = Object.fromEntries(
  [first, second].flatMap((issued, i) => [
    [`${i}.pem`, issued?.cert ?? ""],
    [`${i}-key.pem`, issued?.key ?? ""],
  ]),
);

function encrypted(certificate: number, settings = ""): Options {
  const text = `${LISTEN}\nwebsocket { ${LISTEN}, ${settings}
    tls { cert_file: "${certificate}.pem", key_file: "${certificate}-key.pem" } }`;
  return applyDefaults(options(text, { files: FILES }));
}

capability("websocket - certificates can be reloaded, nothing else", {
  positive: ["websocket/reload", "reload/websocket"],
  edge: ["websocket/reload", "reload/websocket"],
}, async () => {
  let next = encrypted(1);
  const server = new Server(encrypted(0), denoRuntime(), new LogRecorder(), {
    loadOptions: () => next,
  });
  await server.start();
  try {
    const port = server.state.webAddress?.port ?? 0;
    const subject = async () => {
      const { connect } = await import("node:tls");
      return await new Promise<unknown>((resolve) => {
        const socket = connect({
          host: "127.0.0.1",
          port,
          ca: authority().ca,
        }, () => {
          resolve(socket.getPeerCertificate().subject.CN);
          socket.destroy();
        });
      });
    };
    assertEquals(await subject(), "one");
    await server.reload();
    assertEquals(await subject(), "two");
    next = encrypted(1, "headers { A: b }");
    await assertRejects(
      () => server.reload(),
      Error,
      "config reload not supported for Websocket",
    );
    assertEquals(server.options.websocket.headers.size, 0);
  } finally {
    await server.shutdown();
  }
});

capability("websocket - monitoring tells the type", {
  positive: ["websocket/type-strings", "websocket/x-forwarded-for"],
  edge: ["websocket/x-forwarded-for"],
}, () =>
  withWebsocket("", async (port, server, log) => {
    using client = await RawWebsocket.open(port, {
      "X-Forwarded-For": "2001:db8::7",
    });
    await client.text('CONNECT {"verbose":false}\r\nPING\r\n');
    await client.expect(/PONG\r\n/);
    const monitor = /:(\d+)$/.exec(
      log.lines.find((line) => line.includes("http monitor on")) ?? "",
    )?.[1];
    const response = await fetch(`http://127.0.0.1:${monitor}/connz`);
    const { connections } = await response.json();
    assertEquals(
      connections.map(({ type, ip }: { type: string; ip: string }) => [
        type,
        ip,
      ]),
      [["websocket", "127.0.0.1"]],
    );
    const [session] = server.state.clients.open();
    assertEquals(
      session?.label.toString().replace(/1:\d+/, "1:<port>"),
      `[2001:db8::7]/127.0.0.1:<port> - wid:${session?.id}`,
    );
  }, 'http: "127.0.0.1:-1"'));

capability("websocket - a JWT in a cookie", {
  positive: ["websocket/cookies"],
}, async () => {
  const websocket = {
    ...emptyOptions().websocket,
    host: "127.0.0.1",
    port: -1,
    noTls: true,
    jwtCookie: "jwt",
  };
  await using world = await operatorServer({}, { options: { websocket } });
  const jwt = await userJwt(world.account, {
    bearer_token: true,
  });
  const port = world.server.state.webAddress?.port ?? 0;
  using client = await RawWebsocket.open(port, { Cookie: `jwt=${jwt}` });
  await client.text('CONNECT {"verbose":false}\r\nPING\r\n');
  assertStringIncludes(await client.expect(/PONG\r\n/), "PONG");
  using stranger = await RawWebsocket.open(port);
  await stranger.text('CONNECT {"verbose":false}\r\nPING\r\n');
  await stranger.expect(/-ERR 'Authorization Violation'/);
});

capability("websocket - a lame duck takes no more connections", {
  edge: ["websocket/listener"],
}, () =>
  withWebsocket("", async (port, server) => {
    using client = await RawWebsocket.open(port);
    await client.text('CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n');
    await client.expect(/PONG\r\n/);
    const leaving = server.lameDuck();
    await client.expect(/"ldm":true/);
    await assertRejects(() => RawWebsocket.dial(port));
    assertEquals((await client.closeFrame())?.status, 1001);
    await leaving;
  }, 'lame_duck_duration: "30s", lame_duck_grace_period: "100ms"'));
