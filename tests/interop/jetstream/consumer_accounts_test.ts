import { compareAll } from "./compare.ts";
import {
  CONSUMER_ACCOUNTS,
  CONSUMER_ACCOUNTS_CONFIG,
  JS_USER,
} from "../scenarios/jetstream/consumer_accounts.ts";

compareAll(CONSUMER_ACCOUNTS, CONSUMER_ACCOUNTS_CONFIG, JS_USER);
