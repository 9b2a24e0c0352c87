/**
 * Options about who may connect and what they may do: users, permissions,
 * accounts with their exports, imports and limits, and operator mode.
 *
 * @module
 */

/** Subjects allowed and denied for one direction. */
export interface SubjectPermission {
  /** Undefined allows everything; an empty list allows nothing. */
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[];
}

/** Leave to answer requests on subjects that are otherwise not allowed. */
export interface ResponsePermission {
  /** Responses per request; negative is unlimited. */
  readonly max: number;
  /** Milliseconds; negative never expires. */
  readonly expires: number;
}

/** What a user may publish and subscribe to. */
export interface Permissions {
  readonly publish: SubjectPermission;
  /** Subjects may carry a queue group after a blank. */
  readonly subscribe: SubjectPermission;
  readonly responses?: ResponsePermission;
}

/** Ways to connect that a user can be confined to. */
export type ConnectionType =
  | "STANDARD"
  | "WEBSOCKET"
  | "LEAFNODE"
  | "LEAFNODE_WS"
  | "MQTT"
  | "MQTT_WS"
  | "IN_PROCESS";

/** A user with a name and a password (clear or bcrypt). */
export interface UserEntry {
  readonly username: string;
  readonly password: string;
  readonly permissions: Permissions | undefined;
  /** Undefined: the global account. */
  readonly account: string | undefined;
  /** Undefined: all. */
  readonly allowedConnectionTypes: ReadonlySet<ConnectionType> | undefined;
  readonly proxyRequired: boolean;
  /** Wall time (milliseconds) at which connections end; undefined: never. */
  readonly connectionDeadline: number | undefined;
}

/** A user that signs the server's nonce. */
export interface NkeyEntry {
  /** Public user nkey. */
  readonly nkey: string;
  readonly permissions: Permissions | undefined;
  readonly account: string | undefined;
  readonly allowedConnectionTypes: ReadonlySet<ConnectionType> | undefined;
  readonly proxyRequired: boolean;
}

/** One destination of a weighted mapping. */
export interface MappingDestination {
  readonly subject: string;
  /** Percent, 0 to 100. */
  readonly weight: number;
  /** Cluster for which the destination holds; empty: everywhere. */
  readonly cluster: string;
}

/** Subjects rewritten as messages enter an account. */
export interface SubjectMapping {
  readonly source: string;
  readonly destinations: readonly MappingDestination[];
}

/** How a service answers. */
export type ResponseType = "singleton" | "stream" | "chunked";

/** Latency reports of a service export. */
export interface LatencyOptions {
  readonly subject: string;
  /** Percent, 1 to 100; 0 samples by request header. */
  readonly sampling: number;
}

/** A stream that other accounts may import. */
export interface StreamExport {
  readonly kind: "stream";
  readonly subject: string;
  /** Empty: every account. */
  readonly accounts: readonly string[];
  /** Position of the importer's public key in the subject; 0: none. */
  readonly accountTokenPosition: number;
}

/** A service that other accounts may import. */
export interface ServiceExport {
  readonly kind: "service";
  readonly subject: string;
  readonly accounts: readonly string[];
  readonly accountTokenPosition: number;
  readonly responseType: ResponseType;
  /** Milliseconds; 0: the default. */
  readonly responseThreshold: number;
  readonly latency: LatencyOptions | undefined;
  readonly allowTrace: boolean;
}

/** An import of a stream of another account. */
export interface StreamImport {
  readonly kind: "stream";
  readonly account: string;
  readonly subject: string;
  /** Local subject; empty: as exported, below `prefix` if there is one. */
  readonly to: string;
  readonly prefix: string;
  readonly allowTrace: boolean;
}

/** An import of a service of another account. */
export interface ServiceImport {
  readonly kind: "service";
  readonly account: string;
  readonly subject: string;
  /** Local subject to which requests go. */
  readonly to: string;
  readonly share: boolean;
}

/** Limits of an account; -1 is unlimited. */
export interface AccountLimits {
  readonly maxConnections: number;
  readonly maxSubscriptions: number;
  readonly maxPayload: number;
  readonly maxLeafnodes: number;
}

/** JetStream limits of an account; -1 is unlimited. */
export interface AccountJetStreamLimits {
  readonly maxMemory: number;
  readonly maxStore: number;
  readonly maxStreams: number;
  readonly maxConsumers: number;
  readonly maxAckPending: number;
  readonly memoryMaxStreamBytes: number;
  readonly storeMaxStreamBytes: number;
  readonly maxBytesRequired: boolean;
}

/** An account of the `accounts` block. Its users are in `Options.users` and `.nkeys`. */
export interface AccountOptions {
  readonly name: string;
  /** Public account nkey; empty: none. */
  readonly nkey: string;
  readonly exports: readonly (StreamExport | ServiceExport)[];
  readonly imports: readonly (StreamImport | ServiceImport)[];
  readonly mappings: readonly SubjectMapping[];
  /** Already applied to users without their own. */
  readonly defaultPermissions: Permissions | undefined;
  readonly limits: AccountLimits;
  /** Undefined: no JetStream. */
  readonly jetstream: AccountJetStreamLimits | undefined;
  /** Raft traffic goes through the account itself instead of the system account. */
  readonly clusterTrafficOwner: boolean;
  /** Destination of message traces that carry a `traceparent`; empty: none. */
  readonly traceDestination: string;
  /** Percent. */
  readonly traceSampling: number;
}

/** A proxy whose connections are trusted to speak for others. */
export interface TrustedProxy {
  /** Public nkey. */
  readonly key: string;
}

/** Authentication by an external service. */
export interface AuthCalloutOptions {
  /** Public account nkey that signs the answers. */
  readonly issuer: string;
  readonly account: string;
  /** Users who bypass the callout. */
  readonly authUsers: readonly string[];
  /** Public curve key for encryption; empty: none. */
  readonly xkey: string;
  /** Accounts to which the service may assign; empty: all. */
  readonly allowedAccounts: readonly string[];
}

/** Where account JWTs come from in operator mode. */
export type ResolverOptions =
  | { readonly kind: "memory" }
  | { readonly kind: "url"; readonly url: string }
  | {
    readonly kind: "full";
    readonly directory: string;
    readonly limit: number;
    /** Milliseconds between synchronisations; 0: the default. */
    readonly interval: number;
    readonly delete: "never" | "rename" | "hard";
    /** Milliseconds; 0: the default. */
    readonly fetchTimeout: number;
  }
  | {
    readonly kind: "cache";
    readonly directory: string;
    readonly limit: number;
    /** Milliseconds; 0: never expires. */
    readonly ttl: number;
    readonly fetchTimeout: number;
  };

/** A trusted operator: its JWT and the claims that the server acts upon. */
export interface TrustedOperator {
  readonly jwt: string;
  /** Public operator nkey. */
  readonly subject: string;
  readonly issuer: string;
  readonly name: string;
  readonly signingKeys: readonly string[];
  readonly accountServerUrl: string;
  readonly systemAccount: string;
  readonly assertServerVersion: string;
  readonly strictSigningKeyUsage: boolean;
  /** Seconds since the epoch; 0: never. */
  readonly expires: number;
}
