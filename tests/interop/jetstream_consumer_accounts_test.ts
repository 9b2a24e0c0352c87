import { compareAll } from "./jetstream/compare.ts";
import {
  CONSUMER_ACCOUNTS,
  CONSUMER_ACCOUNTS_CONFIG,
  JS_USER,
} from "./jetstream/scenarios/consumer_accounts.ts";

compareAll(CONSUMER_ACCOUNTS, CONSUMER_ACCOUNTS_CONFIG, JS_USER);
