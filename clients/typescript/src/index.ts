export * from "./errors.js";
export * from "./generated.js";
export * from "./guide.js";
export type { CallOptions, ServerEvent, Settings } from "./transport.js";
