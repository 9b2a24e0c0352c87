/**
 * `/`: links to everything else.
 *
 * @module
 */

/** Titles of the endpoints that the page links to. */
const LINKS: readonly (readonly [string, string])[] = [
  ["General", "/varz"],
  ["JetStream", "/jsz"],
  ["Connections", "/connz"],
  ["Accounts", "/accountz"],
  ["Account Stats", "/accstatz"],
  ["Subscriptions", "/subsz"],
  ["Routes", "/routez"],
  ["LeafNodes", "/leafz"],
  ["Gateways", "/gatewayz"],
  ["Raft Groups", "/raftz"],
  ["Health Probe", "/healthz"],
  ["Expvar", "/debug/vars"],
];

const DASHBOARD_LINK = ["Dashboard", "/dashboard"] as const;

const HELP =
  "https://docs.nats.io/running-a-nats-service/nats_admin/monitoring";

/**
 * HTML.
 * @param locate path of an endpoint, base path included
 * @param dashboard whether there is one
 */
export function rootPage(
  version: string,
  locate: (path: string) => string,
  dashboard: boolean,
): string {
  const all = dashboard ? [...LINKS, DASHBOARD_LINK] : LINKS;
  const links = all.map(([title, path]) =>
    `<li><a href=".${locate(path)}">${title}</a> <code>${path}</code></li>`
  );
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <title>NATS server ${version}</title>
    <style>
      body { font-family: sans-serif; margin: 2rem }
      li { line-height: 1.6 }
      code { color: gray }
    </style>
  </head>
  <body>
    <h1>NATS server ${version}</h1>
    <ul>
      ${links.join("\n      ")}
    </ul>
    <a href="${HELP}">Help</a>
  </body>
</html>
`;
}
