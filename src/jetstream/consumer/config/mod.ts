/**
 * Configurations of consumers: defaults, rules, and what may change.
 *
 * Contract: judges only what it is given; errors are those of the API.
 *
 * @module
 */

export { checkConfig, isConsumerName } from "./check.ts";
export { applyDefaults, type ConfigContext } from "./defaults.ts";
export { areSameFilters, filtersOf } from "./filters.ts";
export { parseSampling } from "./sampling.ts";
export { checkUpdate, isSameTime } from "./update.ts";
