/**
 * The differential harness: plays one scenario of raw bytes to the real Go
 * server and to ours and demands equal transcripts.
 *
 * @module
 */

export { differential } from "./differential.ts";
export { api, called, jetStreamClient, published } from "./jetstream.ts";
export {
  aloneScenario,
  answer,
  client,
  closed,
  connect,
  consult,
  type Consulted,
  everyCut,
  expect,
  finish,
  type Fixture,
  gather,
  lines,
  logged,
  monitor,
  open,
  pause,
  quiet,
  refusedTls,
  reload,
  reloadLog,
  respond,
  type Scenario,
  scenario,
  send,
  type Service,
  signal,
  stall,
  type Step,
  type Steps,
  sync,
  tls,
  type TlsChoice,
} from "./scenario.ts";
