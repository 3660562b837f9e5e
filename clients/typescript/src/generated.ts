// Written by scripts/clients.mjs from docs/openapi.json: change the server, not this file.
/* eslint-disable */
import { Transport, type CallOptions, type ServerEvent } from "./transport.js";

/** The account. */
export interface Account {
  account_id: string;
  credit_balance: number;
  customer_name: string;
  tier: TierName;
}

/** What the account shall be called. */
export interface AccountChange {
  /** At most 100 characters. */
  customer_name: Line;
}

/** The account with its seven buckets, which sum to zero. */
export interface AccountInFull {
  account_id: string;
  /** What can be spent now. */
  credit_balance: number;
  customer_name: string;
  /** What ran out of time. */
  expired: number;
  /** What is set aside for work under way. */
  held: number;
  /** What was ever brought in, counted downwards: 0, or less. */
  issued: number;
  opened_at: Moment;
  /** What was taken back but spent before, counted downwards: 0, or less. */
  owed: number;
  /** What was taken back because its money was. */
  reversed: number;
  /** What was ever spent, less refunds. */
  spent: number;
  /** May read, but not spend. */
  suspended: boolean;
  tier: TierName;
}

/** The account's present subscription or its last one. */
export interface AccountSubscription {
  account_id: string;
  subscription?: Subscription | null;
}

/** What was put right. */
export interface Adjustment {
  account_id: string;
  /** As it was asked for, with its sign. */
  credits: number;
  /** The grant that keeps the credits that came in. */
  grant_id?: string | null;
  new_balance: number;
  receipt: Receipt;
  replayed: boolean;
  success: boolean;
  transaction_id?: string | null;
}

/** What is told, and what is so at the moment. */
export interface Alerts {
  account_id: string;
  budgets: boolean;
  expiring: boolean;
  /** The alerts that began and are not over, such as `low_balance` or `budget_day_80`. */
  lasting: string[];
  /** Below how many credits; 0 is never. */
  low_balance: number;
  /** `chosen`, `last_purchase` (a fifth of it) or `fixed` (10 credits, as nothing was bought yet). */
  low_balance_rule: string;
}

/** A page of purchases, newest first. */
export interface AllPurchases {
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
  purchases: AnyPurchase[];
}

/** A purchase as operators see it. */
export interface AnyPurchase {
  account_id: string;
  /** The price, in US cents. */
  amount: number;
  created_at: Moment;
  credits: number;
  /** Why the last attempt to pay failed; null when none did. */
  failure?: string | null;
  /** The grant that the payment makes, or made. */
  grant_id: string;
  package_name: string;
  paid_at?: Moment | null;
  purchase_id: string;
  state: string;
  /** Stripe's payment intent. */
  stripe_intent?: string | null;
  /** Stripe's checkout session. */
  stripe_session?: string | null;
  /** `checkout`, `form` or `saved_card`. */
  way: string;
}

/** A purchase with what it came to and what Stripe said of it. */
export interface AnyPurchaseDetail {
  /** The events about it, newest first, at most 100. */
  events: StripeEvent[];
  paid?: PurchaseMoney | null;
  purchase: AnyPurchase;
}

/** An API key, without its secret. */
export interface ApiKey {
  created_at: Moment;
  expires_at?: Moment | null;
  former_secret_until?: Moment | null;
  key_id: string;
  last_used_at?: Moment | null;
  name: string;
  /** How its secret begins. */
  prefix: string;
  revoked_at?: Moment | null;
  scopes: Scope[];
  /** `active`, `expired` or `revoked`. */
  state: string;
}

/** A key and its secret. */
export interface ApiKeyMade {
  key: ApiKey;
  replayed: boolean;
  /** Shown this once; null in a replay. */
  secret?: string | null;
}

/** How long the former secret stays good. */
export interface ApiKeyRotation {
  /** 24 when left out; 0 is not at all. */
  overlap_hours?: number | null;
}

/** A page of the account's keys, newest first, revoked ones included. */
export interface ApiKeys {
  account_id: string;
  keys: ApiKey[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
}

/** One act. */
export interface AuditEvent {
  /** On whose account; null when on none. */
  account_id?: string | null;
  /** The act's stable name. */
  action: string;
  /** The person's or key's id; null when the house acted by itself. */
  actor_id?: string | null;
  /** `person`, `operator`, `key` or `house`. */
  actor_kind: string;
  /** As the actor was called then. */
  actor_name: string;
  at: Moment;
  audit_id: string;
  detail: string;
  /** About which person; null when about none. */
  user_id?: string | null;
}

/** A page of what was done on the account. */
export interface AuditEvents {
  account_id: string;
  events: AuditEvent[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
}

/** The rule as it stands; without one, `enabled` is false and the rest null. */
export interface AutoTopUp {
  account_id: string;
  enabled: boolean;
  /** In US cents. */
  monthly_cap?: number | null;
  not_before?: Moment | null;
  package_name?: string | null;
  /** The purchase under way, or the one that has to be confirmed. */
  purchase_id?: string | null;
  /** The same as a sentence. */
  reason?: string | null;
  /** What it cost this UTC month, payments under way included, in US cents. */
  spent_this_month: number;
  /** Why nothing is bought any more, until another card is saved or the rule is set again; null while it works. */
  stopped?: string | null;
  threshold?: number | null;
}

/** What can be spent now. */
export interface Balance {
  account_id: string;
  balance: number;
}

/** What could be spent at a moment. */
export interface BalanceAt {
  account_id: string;
  at: Moment;
  balance: number;
  /** That entry's hash; zeros when there was none. */
  hash: string;
  /** The last entry at or before the moment; 0 when there was none. */
  seq: number;
}

/** What became of every charge, in the order they were sent. */
export interface Batch {
  /** How many were charged. */
  charged: number;
  credits_charged: number;
  mode: BatchMode;
  /** How many were refused. */
  refused: number;
  results: BatchCharge[];
  /** Whether all of them were charged. */
  success: boolean;
}

/** What became of one charge. */
export interface BatchCharge {
  account_id: string;
  credits_charged: number;
  /** Null when nothing was charged. */
  credits_remaining?: number | null;
  idempotency_key: string;
  /** Its place in the request, from 0. */
  index: number;
  problem?: BatchChargeProblem | null;
  receipt?: Receipt | null;
  /** Whether this is the first answer to the same key again. */
  replayed: boolean;
  status: BatchChargeStatus;
}

/** Why a charge was refused, with what a single charge would have answered. */
export interface BatchChargeProblem {
  code: string;
  detail: string;
  status: number;
}

/** How one charge ended. */
export type BatchChargeStatus = "charged" | "refused" | "undone";

/** What one refused charge means for the others. */
export type BatchMode = "atomic" | "best_effort";

/** A budget and how much of it is gone. */
export interface Budget {
  /** When the window ends and counting starts again. */
  ends_at: Moment;
  /** Null when there is no limit. */
  limit?: number | null;
  /** What is spent or held in the present window. */
  used: number;
}

/** The budgets of an account and of its keys. */
export interface Budgets {
  account_id: string;
  day: Budget;
  /** The keys that ever had one. */
  keys: KeyBudget[];
  month: Budget;
}

export type CapCents = number;

/** What was charged. */
export interface Charge {
  account_id: string;
  credits_charged: number;
  credits_remaining: number;
  message: string;
  operation: OperationName;
  quantity: number;
  receipt: Receipt;
  /** Whether this is the first answer to the same Idempotency-Key again. */
  replayed: boolean;
  success: boolean;
  transaction_id?: string | null;
}

/** Where to pay. */
export interface Checkout {
  /** In US cents. */
  amount: number;
  checkout_url: string;
  credits: number;
  purchase_id: string;
}

/** How the payment goes on. */
export interface Confirmation {
  /** The bank's page for the customer's browser; null when nothing is left to confirm. */
  confirm_url?: string | null;
  purchase_id: string;
}

/** Which payment its customer confirms. */
export interface ConfirmationOrder {
  account_id: string;
  purchase_id: string;
}

/** A customer as operators find it. */
export interface Customer {
  account_id: string;
  credit_balance: number;
  customer_name: string;
  opened_at: Moment;
  suspended: boolean;
  tier: TierName;
}

/** A page of customers, the newest first. */
export interface Customers {
  customers: Customer[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
}

export type Days = number;

/** A page of entries. */
export interface Entries {
  account_id: string;
  entries: Entry[];
  /** The same; its former name is `before`. */
  next_before?: number | null;
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: number | null;
}

/** One movement of credits between two buckets. `memo` is the metadata or reason as sealed into the hash. */
export interface Entry {
  amount: number;
  at: Moment;
  balance_after: number;
  from: string;
  grants: GrantShare[];
  hash: string;
  hold_id?: string | null;
  key_id?: string | null;
  kind: string;
  memo: string;
  operation?: OperationName | null;
  previous_hash: string;
  price_book: number;
  purchase_id?: string | null;
  quantity: number;
  /** The charge or capture whose credits it gives back. */
  refunds?: string | null;
  request: string;
  seq: number;
  to: string;
  transaction_id: string;
}

/** The name of a kind of event. */
export type EventType = "balance.low" | "budget.reached" | "credits.expiring" | "top_up.stopped" | "purchase.paid" | "purchase.reversed" | "purchase.reinstated" | "monitor.alert" | "endpoint.test";

/** What becomes of the credits that can be spent now, when spending goes on as in the last seven full UTC days. `spent`, what expires, and `left` sum to `balance`. */
export interface Forecast {
  account_id: string;
  at: Moment;
  balance: number;
  /** Credits a day, to two decimals. */
  daily_spend: number;
  /** Soonest first. */
  expiring_unused: Loss[];
  horizon_days: number;
  /** What is left at the horizon. */
  left: number;
  /** What is left now, after 24 hours, after 48, and so on until nothing is. */
  left_by_day: number[];
  runs_out_at?: Moment | null;
  /** What is spent until the horizon. */
  spent: number;
}

/** What was given. */
export interface Grant {
  account_id: string;
  credits: number;
  grant_id?: string | null;
  message: string;
  new_balance: number;
  receipt: Receipt;
  replayed: boolean;
  success: boolean;
  transaction_id?: string | null;
}

export type GrantCredits = number;

/** One lot of credits. `remaining` counts what is held; `owed` is what was spent before its money was taken back. */
export interface GrantLot {
  expires_at?: Moment | null;
  grant_id: string;
  granted_at: Moment;
  held: number;
  kind: string;
  owed: number;
  /** What was paid for all of it, in cents. */
  paid: number;
  purchase_id?: string | null;
  remaining: number;
  reversed: number;
  size: number;
  /** From 1, which is spent first: soonest to expire, then gifts before paid, then oldest. Null where nothing is left. */
  spending_rank?: number | null;
}

/** A page of grants. */
export interface GrantLots {
  account_id: string;
  grants: GrantLot[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
}

/** What an entry took from, or gave to, one grant. */
export interface GrantShare {
  amount: number;
  grant_id: string;
}

/** A hold as it stands. */
export interface Hold {
  account_id: string;
  /** How many credits were set aside. */
  credits: number;
  /** How many of them were spent. */
  credits_captured: number;
  expires_at: Moment;
  held_at: Moment;
  hold_id: string;
  operation: OperationName;
  quantity: number;
  /** `open`, `captured`, `released` or `expired`. */
  state: string;
  unit_price: number;
}

/** Credits were set aside. */
export interface HoldPlaced {
  account_id: string;
  credits_held: number;
  credits_remaining: number;
  expires_at: Moment;
  hold_id: string;
  operation: OperationName;
  quantity: number;
  receipt: Receipt;
  /** Whether this is the first answer to the same Idempotency-Key again. */
  replayed: boolean;
  success: boolean;
}

/** A hold was captured or released. */
export interface HoldSettled {
  account_id: string;
  credits_charged: number;
  /** How many went back. */
  credits_released: number;
  credits_remaining: number;
  hold_id: string;
  receipt: Receipt;
  replayed: boolean;
  success: boolean;
}

/** An invitation that waits for an answer. */
export interface Invitation {
  email: string;
  expires_at: Moment;
  invitation_id: string;
  invited_at: Moment;
  role: string;
}

/** An invitation that was mailed. */
export interface InvitationMade {
  invitation: Invitation;
  replayed: boolean;
}

/** A key's budget and how much of it is gone. */
export interface KeyBudget {
  key_id: string;
  month: Budget;
}

/** A law of the ledger and how it stands. */
export interface LawStatus {
  faults: number;
  law: string;
  sentence: string;
  /** `holds`, `stale` where it held and could not be checked since, `broken`, or `not_checked` before the first round. */
  state: string;
}

export type LimitCredits = number;

export type Line = string;

/** Credits of one grant that will expire unused. */
export interface Loss {
  at: Moment;
  credits: number;
  grant_id: string;
}

/** A member of the account. */
export interface Member {
  email: string;
  name: string;
  /** `owner`, `admin`, `developer`, `billing` or `viewer`. */
  role: string;
  since: Moment;
  user_id: string;
}

/** Everybody who belongs to the account or is invited. */
export interface Members {
  account_id: string;
  invitations: Invitation[];
  members: Member[];
}

/** Your own JSON object, at most 16 KiB, kept with the entry; numbers as they are written without rounding */
export type Metadata = Record<string, unknown> | null;

export type Moment = string;

/** A monitor as it stands. */
export interface Monitor {
  account_id: string;
  ended_at?: Moment | null;
  /** Hours that have passed and were paid for. */
  hours_captured: number;
  /** Hours whose credits are held. */
  hours_held: number;
  keep_going: boolean;
  laws: string[];
  metrics: Record<string, unknown>[];
  /** `normal`, `crisis` or `recovery`. */
  mode: string;
  monitor_id: string;
  name: string;
  observations: number;
  replayed: boolean;
  started_at: Moment;
  /** `running`, `paused`, `ended` or `stopped`. */
  state: string;
}

/** Something a monitor told. */
export interface MonitorAlert {
  alert_id: string;
  at: Moment;
  detail: string;
  /** `violation`, `anomaly`, `crisis`, `recovery`, `normal`, `credits_low` or `paused`. */
  kind: string;
}

/** A page of alerts. */
export interface MonitorAlerts {
  alerts: MonitorAlert[];
  monitor_id: string;
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
}

/** A monitor's report, oldest window first. */
export interface MonitorReport {
  /** Whether these are all observations of the span, and not the newest 50,000 alone. */
  complete: boolean;
  monitor_id: string;
  windows: MonitorWindow[];
}

/** One window of a report. */
export interface MonitorWindow {
  anomalies: number;
  from: Moment;
  /** `{name, least, median, most}` of each metric. */
  metrics: Record<string, unknown>[];
  observations: number;
  violations: number;
}

/** A page of monitors. */
export interface Monitors {
  account_id: string;
  monitors: Monitor[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
}

/** Hours to add. */
export interface MoreHours {
  hours: number;
}

/** Who the account is for. An account without a tier is a developer's. */
export interface NewAccount {
  customer_name: Line;
  tier?: TierName;
}

/** How many credits come in, or go out when below zero, and why. */
export interface NewAdjustment {
  account_id: string;
  credits: SignedCredits;
  /** Shown to the customer in the ledger. */
  reason: Line;
}

/** What to tell. What is left out is as it is for a new account. */
export interface NewAlerts {
  /** When a budget is used to 80 % and to 100 %. */
  budgets?: boolean;
  /** Seven days before credits expire. */
  expiring?: boolean;
  low_balance?: LimitCredits | null;
}

/** A new key. */
export interface NewApiKey {
  account_id: string;
  expires_at?: Moment | null;
  /** What it is for, up to 100 characters. */
  name: Line;
  /** What it may do; left out, whatever the calling key may. Never more than that. */
  scopes?: Scope[] | null;
}

/** When to buy what, and how much it may cost. */
export interface NewAutoTopUp {
  /** Whether to buy at all. */
  enabled?: boolean;
  /** The most it may cost in a UTC month, in US cents. */
  monthly_cap: CapCents;
  /** What to buy; it must bring at least the threshold. Matched without case. */
  package_name: string;
  /** Buys when fewer credits than this are left. */
  threshold: ThresholdCredits;
}

/** Charges to make together, 1 to 1,000 of them. */
export interface NewBatch {
  charges: Record<string, unknown>[];
  mode: BatchMode;
}

/** The account's budgets; one that is left out or null is no limit, and 0 is to spend nothing. */
export interface NewBudgets {
  day?: LimitCredits | null;
  month?: LimitCredits | null;
}

/** How much of a hold to spend; all of it when not said. The rest goes back in the same step. */
export interface NewCapture {
  /** Only checked: the hold knows its account. */
  account_id?: string | null;
  credits?: GrantCredits | null;
  metadata?: Metadata;
}

/** What to charge for. A field that is not known is refused: a misspelt quantity must not charge for one. */
export interface NewCharge {
  account_id: string;
  metadata?: Metadata;
  operation: OperationName;
  quantity?: Quantity;
  /** A price promised before: the charge costs no more. */
  quote_id?: string | null;
}

/** Which card to charge. */
export interface NewDefaultPaymentMethod {
  payment_method: string;
}

/** How many credits, why, and until when. */
export interface NewGrant {
  account_id: string;
  credits: GrantCredits;
  expires_at?: Moment | null;
  /** Shown to the customer in the ledger. */
  reason: Line;
}

/** What to set credits aside for, and for how long. */
export interface NewHold {
  account_id: string;
  metadata?: Metadata;
  operation: OperationName;
  quantity?: Quantity;
  /** A price promised before: the hold takes no more. */
  quote_id?: string | null;
  /** When it releases itself; at most 30 days. */
  ttl_seconds?: TtlSeconds;
}

/** Whom to invite, as what. */
export interface NewInvitation {
  account_id: string;
  email: string;
  role: Role;
}

/** A key's budget; left out or null is no limit, and 0 is to spend nothing. */
export interface NewKeyBudget {
  month?: LimitCredits | null;
}

/** What to watch, and who pays for it. */
export interface NewMonitor {
  account_id: string;
  /** Hours that are held at once: 1 to 744. */
  hours: number;
  /** Whether each hour that passes is followed by another as long as the credits last. */
  keep_going?: boolean;
  /** Formulas that must hold for every observation. */
  laws?: string[];
  /** `{name, low?, high?, window?, sensitivity?}`: values that have a usual range. */
  metrics?: Record<string, unknown>[];
  name: string;
}

/** Up to 10,000 observations, oldest first. */
export interface NewObservations {
  observations: Record<string, unknown>[];
}

/** What to ask, and who pays for it. Give a law, transitions, or both. */
export interface NewOracleQuery {
  account_id: string;
  /** Formulas that may be taken for granted. */
  assumptions?: string[];
  /** The least and the greatest value that a name of the law may have, either of which may be null; whole numbers, or decimals as text. */
  bounds?: Record<string, unknown>;
  /** A formula: is it always, sometimes or never true? */
  law?: string | null;
  /** Values by name to hold against the law, oldest first; whole numbers, or decimals as text. */
  observations?: Record<string, unknown>[];
  /** The same as a table: names in the first line, values below. */
  observations_csv?: string | null;
  /** A price promised before for one `conservation_oracle`: the answer costs no more. */
  quote_id?: string | null;
  /** A program: which linear combinations of its names does none of its transitions change? */
  transitions?: string | null;
}

/** A card that Stripe keeps, by its id there. */
export interface NewPaymentMethod {
  account_id: string;
  /** In test mode Stripe's test ones too. */
  payment_method: string;
}

/** Which purchase's money goes back, how much of it, and why. */
export interface NewPurchaseRefund {
  account_id: string;
  amount?: RefundCents | null;
  /** Stripe's name of a payment of the purchase that brought no credits, of another amount or a second one, as an event or a difference in the books names it. When not given, the payment that brought the credits. */
  payment_intent?: string | null;
  purchase_id: string;
  /** Kept in the account's audit log. */
  reason: Line;
}

/** What to promise a price for. */
export interface NewQuote {
  account_id: string;
  operation: OperationName;
  quantity?: Quantity;
}

/** How many credits, how often, from when and until when. */
export interface NewRecurringGrant {
  account_id: string;
  credits: GrantCredits;
  ends_at?: Moment | null;
  /** `day`, `week` or `month`. A month without the day takes its last one. */
  every: string;
  expires_after_days?: Days | null;
  /** Shown to the customer in the ledger. */
  reason: Line;
  starts_at?: Moment | null;
}

/** Which charge to give back, how much of it, and why. */
export interface NewRefund {
  account_id: string;
  credits?: GrantCredits | null;
  /** Shown to the customer in the ledger. */
  reason: Line;
  /** The entry of a charge or of a capture. */
  transaction_id: string;
}

/** Why a hold is given back. */
export interface NewRelease {
  /** Only checked: the hold knows its account. */
  account_id?: string | null;
  reason: Line;
}

/** Which answer to show to whoever has the link. */
export interface NewShare {
  account_id: string;
  /** A verification, a question to the Oracle or a batch of this account. */
  answer_id: string;
}

/** Who subscribes. */
export interface NewSubscription {
  account_id: string;
}

/** Whether the account may spend from now on, and why. */
export interface NewSuspension {
  account_id: string;
  /** Shown to the customer. */
  reason: Line;
  suspended: boolean;
}

/** What to verify, and who pays for it: up to 1,000 transactions, as a list or as a table. */
export interface NewTransactionBatch {
  account_id: string;
  /** Whether one refused transaction undoes all. */
  atomic?: boolean;
  /** `{account, asset, amount}` before the first transaction; amounts are whole numbers, or decimals as text. */
  balances?: Record<string, unknown>[];
  /** The balances as a table: `account,asset,amount`. */
  balances_csv?: string | null;
  /** Accounts that may go below zero. */
  overdraft?: string[];
  /** A price promised before for one `batch_verification`: the report costs no more. */
  quote_id?: string | null;
  /** `{id, from?, to?, asset, amount, guard?}`: without `from` the amount enters, without `to` it leaves. A guard is a formula over `amount`, `from_balance` and `to_balance` before the transaction. */
  transactions?: Record<string, unknown>[];
  /** The transactions as a table: `id,from,to,asset,amount,guard`. */
  transactions_csv?: string | null;
}

/** What to verify, and who pays for it. */
export interface NewVerification {
  account_id: string;
  /** `type` is `conservation`, `validity`, `test` or `satisfiable`; then either `formula` or `source`. */
  proof_data: Record<string, unknown>;
  /** A price promised before for one or more `proof_verification`: the verdict costs no more, and the solver works no more than 5,000,000 of its steps on each of its questions for each credit that was promised. */
  quote_id?: string | null;
  /** Whether a verdict that this account already has on the same question will do: then it costs nothing. */
  reuse?: boolean;
}

/** A new endpoint. */
export interface NewWebhook {
  account_id: string;
  /** What it is for. */
  description?: string;
  /** What to be told of; left out or empty is everything. */
  events?: EventType[];
  /** An https address on the public internet. */
  url: string;
}

/** How much of what is owed for a purchase is written off, and why. */
export interface NewWriteOff {
  account_id: string;
  credits: GrantCredits;
  /** The purchase whose money went back. */
  purchase_id: string;
  /** Shown to the customer in the ledger. */
  reason: Line;
}

/** An observation with its verdict. */
export interface Observation {
  at: Moment;
  /** The laws that do not hold. */
  broken: string[];
  seq: number;
  /** The metrics that are far from what is usual. */
  strange: string[];
  values: Record<string, unknown>;
  /** `ok`, `violation`, `anomaly` or `incomplete`. */
  verdict: string;
}

/** A page of observations. */
export interface Observations {
  monitor_id: string;
  /** The same; its former name is `before`. */
  next_before?: number | null;
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: number | null;
  observations: Observation[];
}

/** What became of the observations, in their order. */
export interface Observed {
  /** The monitor's mode after the last of them. */
  mode: string;
  monitor_id: string;
  replayed: boolean;
  results: Observation[];
}

/** A page of everything that was done. */
export interface OfficeAuditEvents {
  events: AuditEvent[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
}

export type OperationName = "proof_verification" | "batch_verification" | "sentinel_monitoring" | "conservation_oracle" | "ghost_identity" | "sovereign_identity" | "consensus_participation" | "state_storage";

/** One operation and what a unit of it costs each tier. */
export interface OperationPrice {
  /** Credits a unit, by tier. */
  credits: Record<string, number>;
  operation: OperationName;
  title: string;
  unit: string;
}

/** What was spent on one operation. */
export interface OperationTotal {
  /** How many charges: one a call, whatever its quantity. */
  count: number;
  /** How many credits. */
  credits: number;
}

/** The answer and what it cost. */
export interface OracleAnswered {
  /** Example, counterexample, ranges, what the transitions keep, and drift. */
  answer: Record<string, unknown>;
  at: Moment;
  credits_charged: number;
  credits_remaining: number;
  query_id: string;
  receipt?: Receipt | null;
  /** Whether this is the first answer to the same Idempotency-Key again. */
  replayed: boolean;
  /** Whether the law is always true. */
  result: boolean;
  /** Whether there is an answer. */
  success: boolean;
  /** `always`, `sometimes`, `never`, `vacuous`, `answered` or `unknown`. */
  verdict: string;
}

/** A page of questions. */
export interface OracleQueries {
  account_id: string;
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
  queries: OracleQuerySummary[];
}

/** A question that was asked, with its answer. */
export type OracleQueryAnswered = OracleAnswered & ({
  /** What was asked. */
  question: Record<string, unknown>;
  shared_at?: Moment | null;
});

/** One line of the list. */
export interface OracleQuerySummary {
  at: Moment;
  credits_charged: number;
  law?: string | null;
  query_id: string;
  verdict: string;
}

/** Who buys what. */
export interface PackageOrder {
  account_id: string;
  /** Matched without case. */
  package_name: string;
}

/** Credits sold together. */
export interface PackagePrice {
  credits: number;
  name: string;
  price: string;
  /** In US cents. */
  price_cents: number;
}

/** A page of Stripe's, for the customer's browser. */
export interface Page {
  account_id: string;
  url: string;
}

/** Whose page to open. */
export interface PageOrder {
  account_id: string;
}

/** What a payment form needs. */
export interface PaymentIntent {
  /** In US cents. */
  amount: number;
  /** For Stripe's own payment form; shown to the paying customer only. */
  client_secret: string;
  credits: number;
  purchase_id: string;
}

/** The card that is charged from now on. */
export interface PaymentMethod {
  account_id: string;
  brand: string;
  last4: string;
  payment_method: string;
  success: boolean;
}

/** The account's saved cards, newest first. */
export interface PaymentMethods {
  account_id: string;
  payment_methods: SavedPaymentMethod[];
}

/** Every price of a price book. */
export interface Prices {
  operations: OperationPrice[];
  packages: PackagePrice[];
  /** Each ledger entry names the version that priced it. */
  version: number;
}

/** An error as RFC 9457 writes it. `field`, `diagnostics`, `success` and others are added where they help. */
export interface Problem {
  /** Stable: programs decide by this one. */
  code: string;
  detail: string;
  /** The path of the field that was refused. */
  field?: string | null;
  /** The same as the X-Request-Id header; quote it when asking for help. */
  request_id?: string | null;
  status: number;
  title: string;
  type: string;
}

/** One purchase and where it stands. */
export interface Purchase {
  /** The price, in US cents. */
  amount: number;
  /** What of it has gone back, by refunds or a dispute, in US cents. */
  amount_back: number;
  /** What was really paid, in US cents: the price, less by a promotion code, with tax on top. Null until it is paid. */
  amount_paid?: number | null;
  checkout_url?: string | null;
  created_at: Moment;
  credits: number;
  /** The credits that went back with it. */
  credits_back: number;
  /** Why a payment of it brought no credits: `other_amount`, `nothing_paid` or `paid_twice`. Null when none did. */
  mismatch?: string | null;
  package_name: string;
  paid_at?: Moment | null;
  purchase_id: string;
  state: string;
}

/** The credits are there. */
export interface PurchaseMade {
  message: string;
  new_balance: number;
  success: boolean;
}

/** What a paid purchase came to. */
export interface PurchaseMoney {
  /** Taken off by a promotion code, in US cents. */
  discount: number;
  promotion_code?: string | null;
  /** Put on top as tax, in US cents. */
  tax: number;
  /** What the customer paid, in US cents. */
  total: number;
  /** The ledger's entry that granted the credits. */
  transaction_id?: string | null;
}

/** The money is on its way back. */
export interface PurchaseRefund {
  account_id: string;
  /** What goes back with it, in US cents. */
  amount: number;
  /** The purchase as it stands now. */
  purchase: Purchase;
  refund_id: string;
  replayed: boolean;
  success: boolean;
}

/** The payment is on its way; the credits come with it. */
export interface PurchaseUnderWay {
  message: string;
  purchase_id: string;
  success: boolean;
}

/** Nothing was paid, and where it can be. */
export type PurchaseUnpaid = Problem & ({
  /** Unless the card was declined. */
  checkout_url?: string | null;
  message: string;
  /** The purchase that is paid there. */
  purchase_id?: string | null;
  success: boolean;
});

/** A page of the account's purchases, newest first. */
export interface Purchases {
  account_id: string;
  /** The same; its former name is `before`. */
  next_before?: string | null;
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
  purchases: Purchase[];
}

export type Quantity = number;

/** A promised price. What is charged or held with it costs no more, and less when it got cheaper meanwhile. */
export interface Quote {
  account_id: string;
  /** What all of it costs at most. */
  credits: number;
  expires_at: Moment;
  operation: OperationName;
  /** The version of the price book that it was read from. */
  price_book: number;
  quantity: number;
  quote_id: string;
  replayed: boolean;
  unit_price: number;
}

/** Names the ledger entry and its place in the account's hash chain. */
export interface Receipt {
  at: Moment;
  /** The chain's hash after it: SHA-256 in hexadecimal. */
  hash: string;
  /** The entry's place in the account's chain. */
  seq: number;
  transaction_id?: string | null;
}

/** One comparison of Stripe's books with ours. */
export interface Reconciliation {
  /** How many differences were found; the first 1,000 are kept. */
  differences: number;
  ended_at?: Moment | null;
  /** Why it failed; null when it did not. */
  failure?: string | null;
  /** What Stripe made from then on was looked at. */
  from: Moment;
  /** Whether the clock began it; else an operator did. */
  nightly: boolean;
  reconciliation_id: string;
  started_at: Moment;
  /** `running`, `done` or `failed`. */
  state: string;
  totals?: ReconciliationTotals | null;
  until: Moment;
}

/** A difference between Stripe's books and ours. Amounts are in US cents. */
export interface ReconciliationDifference {
  account_id?: string | null;
  /** What to do about it. */
  advice: string;
  /** Null where Stripe has nothing. */
  at_stripe?: number | null;
  /** Its name. */
  difference: string;
  /** Null where our books have nothing. */
  in_books?: number | null;
  /** Whether a repair has mended it. */
  mended: boolean;
  /** Its place in its run, from 1: the gravest come first. */
  number: number;
  purchase_id?: string | null;
  repair?: ReconciliationRepair | null;
  /** Whether a repair can mend it. */
  repairable: boolean;
  stripe_charge?: string | null;
  stripe_intent?: string | null;
  /** The refund, dispute or movement, where it is about one. */
  stripe_object?: string | null;
  stripe_session?: string | null;
}

/** A page of a run's differences. */
export interface ReconciliationDifferences {
  differences: ReconciliationDifference[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: number | null;
  reconciliation_id: string;
}

/** A repair that was tried. */
export interface ReconciliationRepair {
  at: Moment;
  note: string;
  state: string;
  /** The event by which Stripe's word was heard again, among Stripe's events. */
  stripe_event_id: string;
}

/** The sums of Stripe's balance in the window, in US cents: gross, refunds, disputes and the rest, less the fees, are the net. */
export interface ReconciliationTotals {
  /** What our books say was paid for the purchases of `gross_purchases`. */
  booked: number;
  disputes: number;
  fees: number;
  gross: number;
  /** Of the gross, for anything else: subscriptions, or what else is sold with the same keys. */
  gross_other: number;
  /** Of the gross, for purchases of ours. */
  gross_purchases: number;
  movements: number;
  net: number;
  other: number;
  /** How many movements are in another currency, and in no sum. */
  other_currency: number;
  payments: number;
  /** What was paid out to the bank; in none of the other sums. */
  payouts: number;
  purchases: number;
  refunds: number;
}

/** A page of runs, newest first. */
export interface Reconciliations {
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
  reconciliations: Reconciliation[];
}

/** A recurring grant as it stands. */
export interface RecurringGrant {
  account_id: string;
  credits: number;
  ended_at?: Moment | null;
  ends_at?: Moment | null;
  every: string;
  expires_after_days?: number | null;
  next_at?: Moment | null;
  /** How many times are dealt with. */
  occurrences: number;
  reason: string;
  recurring_grant_id: string;
  starts_at: Moment;
}

/** A page of the account's recurring grants, newest first, ended ones included. */
export interface RecurringGrants {
  account_id: string;
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
  recurring_grants: RecurringGrant[];
}

/** What was given back. */
export interface Refund {
  account_id: string;
  credits_refunded: number;
  new_balance: number;
  receipt: Receipt;
  refunded_transaction_id: string;
  replayed: boolean;
  success: boolean;
  transaction_id?: string | null;
}

export type RefundCents = number;

/** What a member is to an account. */
export type Role = "owner" | "admin" | "developer" | "billing" | "viewer";

/** What a member shall be from now on. */
export interface RoleChange {
  role: Role;
}

/** The last replay of the whole ledger. */
export interface Round {
  accounts: number;
  ended_at: Moment;
  entries: number;
  took_ms: number;
}

/** One saved card. */
export interface SavedPaymentMethod {
  brand: string;
  /** Whether it is the one that is charged. */
  default: boolean;
  exp_month: number;
  exp_year: number;
  last4: string;
  payment_method: string;
}

/** One thing a key may do. */
export type Scope = "read" | "verify" | "charge" | "admin";

/** An answer that has a public link. The link itself is nowhere kept. */
export interface Share {
  answer_id: string;
  shared_at: Moment;
}

/** A public link. */
export interface ShareMade {
  answer_id: string;
  /** The page that whoever has this address reads without signing in. Shown this once; null in a replay. */
  link?: string | null;
  replayed: boolean;
  shared_at?: Moment | null;
}

/** A page of the account's answers that have a public link, the latest link first. */
export interface Shares {
  account_id: string;
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
  shares: Share[];
}

export type SignedCredits = number;

/** A receipt and its Ed25519 signature over `aethel receipt v1`, a line feed, and the canonical JSON of `receipt`. */
export interface SignedReceipt {
  key_id: string;
  public_key: string;
  receipt: SignedReceiptBody;
  signature: string;
}

/** What one entry says; `at` is in milliseconds since 1970. */
export interface SignedReceiptBody {
  account: string;
  amount: number;
  at: number;
  balance: number;
  hash: string;
  kind: string;
  operation?: string | null;
  price_book: number;
  quantity: number;
  refunds?: string | null;
  request: string;
  seq: number;
  transaction: string;
}

/** A signed statement; `docs/ledger-format.md` describes every field of `statement`. */
export interface SignedStatement {
  key_id: string;
  public_key: string;
  signature: string;
  statement: Record<string, unknown>;
}

/** One key. */
export interface SigningKey {
  algorithm: string;
  created_at: Moment;
  /** The beginning of the SHA-256 of the public key, written as an id. */
  key_id: string;
  /** 32 bytes in hexadecimal. */
  public_key: string;
  retired_at?: Moment | null;
}

/** Every key that ever signed, oldest first. */
export interface SigningKeys {
  keys: SigningKey[];
}

/** One month that has a statement. */
export interface StatementMonth {
  /** Whether it is over: the statement of the present month grows until then. */
  complete: boolean;
  month: string;
  /** Where its statement is. */
  url: string;
}

/** The months of an account, newest first. */
export interface Statements {
  account_id: string;
  statements: StatementMonth[];
}

/** The state of the ledger as its own watch sees it. */
export interface Status {
  last_round?: Round | null;
  laws: LawStatus[];
  /** `ok`, `stale` when all held and the next replay failed or is overdue, `broken`, or `not_checked` before the first round. */
  status: string;
}

/** A stored verification. */
export interface StoredVerification {
  account_id: string;
  /** As it was answered then: `credits_remaining` is what was left then. */
  answer: Verification;
  duration_us: number;
  proof_data: Record<string, unknown>;
  shared_at?: Moment | null;
  /** Which solver, in which version. */
  solver: string;
  verified_at: Moment;
}

/** An event of Stripe's as it is kept. */
export interface StripeEvent {
  api_version?: string | null;
  /** How often it was worked off. */
  attempts: number;
  /** What came of it; empty when there is nothing to say. */
  note: string;
  /** Stripe's payment intent that it is about; null when it names none. */
  payment_intent?: string | null;
  /** The purchase that it names; null when it names none. */
  purchase_id?: string | null;
  received_at: Moment;
  replayed_at?: Moment | null;
  /** How often an operator had it worked off again. */
  replays: number;
  /** `stored`, `done`, `ignored`, `undecodable`, `mismatch` or `failed`. */
  state: string;
  stripe_event_id: string;
  type: string;
}

/** An event with its payload. */
export interface StripeEventDetail {
  event: StripeEvent;
  /** As Stripe sent it, but for client secrets. */
  payload: Record<string, unknown>;
}

/** What became of a replay. */
export interface StripeEventReplay {
  event: StripeEvent;
  /** False when the event was done already: then nothing was changed. */
  replayed: boolean;
}

/** A page of events, newest first. */
export interface StripeEvents {
  events: StripeEvent[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
}

/** A subscription and where it stands. */
export interface Subscription {
  /** In US cents a month, before tax. */
  amount: number;
  cancel_at_period_end: boolean;
  /** While it awaits its first payment. */
  checkout_url?: string | null;
  /** Where an invoice that could not be charged can be paid. */
  invoice_url?: string | null;
  paid_until?: Moment | null;
  /** `awaiting_payment`, `active`, `past_due`, `canceling`, `ended` or `abandoned`. */
  state: string;
  subscription_id: string;
  tier: string;
  tier_until?: Moment | null;
}

/** Where to pay for it. */
export interface SubscriptionCheckout {
  /** In US cents a month, before tax. */
  amount: number;
  checkout_url: string;
  subscription_id: string;
}

/** Whether the account may spend. */
export interface Suspension {
  account_id: string;
  at?: Moment | null;
  /** Null when no operator ever wrote one. */
  reason?: string | null;
  suspended: boolean;
}

export type ThresholdCredits = number;

/** What an account pays by from now on. */
export interface TierChange {
  account_id: string;
  tier: TierName;
}

export type TierName = "free" | "developer" | "fintech" | "enterprise";

/** A batch that was verified, with its report. */
export type TransactionBatch = TransactionBatchReport & ({
  /** What was sent, tables read. */
  batch: Record<string, unknown>;
  shared_at?: Moment | null;
});

/** The report and what it cost. */
export interface TransactionBatchReport {
  at: Moment;
  batch_id: string;
  credits_charged: number;
  credits_remaining: number;
  receipt?: Receipt | null;
  /** Whether this is the first answer to the same Idempotency-Key again. */
  replayed: boolean;
  /** A verdict for each transaction, the schedule, the balances, and what every asset's total did. */
  report: Record<string, unknown>;
  /** Whether every transaction was applied. */
  result: boolean;
  success: boolean;
  /** `applied`, `partly_applied`, `refused` or `rolled_back`. */
  verdict: string;
}

/** One line of the list. */
export interface TransactionBatchSummary {
  applied: number;
  at: Moment;
  batch_id: string;
  credits_charged: number;
  refused: number;
  transactions: number;
  verdict: string;
}

/** A page of batches. */
export interface TransactionBatches {
  account_id: string;
  batches: TransactionBatchSummary[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
}

export type TtlSeconds = number;

/** Spending over the period, by operation; operations without spending are left out. */
export interface Usage {
  account_id: string;
  /** Credits a day, to two decimals. */
  average_daily_spend: number;
  current_balance: number;
  customer_name: string;
  period_days: number;
  tier: TierName;
  total_credits_spent: number;
  transaction_count: number;
  usage_by_operation: Record<string, OperationTotal>;
}

/** Usage by day, operation and key, in that order; what was not used is left out. */
export interface UsageBreakdown {
  account_id: string;
  first_day: string;
  period_days: number;
  rows: UsageRow[];
  total_charges: number;
  total_credits: number;
  total_quantity: number;
  zone: string;
}

/** What one key spent on one operation on one day. Refunds are taken off, so a day can be below zero. */
export interface UsageRow {
  /** How many charges. */
  charges: number;
  credits: number;
  day: string;
  /** Null for what no API key spent. */
  key_id?: string | null;
  operation: OperationName;
  /** How many units. */
  quantity: number;
}

/** The verdict and what it cost. */
export interface Verification {
  /** Values for which it does not hold, before and after, where there are some. */
  counterexample?: Record<string, unknown>[] | null;
  credits_charged: number;
  credits_remaining: number;
  /** What the verdict rests on. */
  evidence: Record<string, unknown>;
  /** Under what the solver worked: its `seed`, its work on each question (`rlimit`), `wall_ms` and `memory_mb`; with the same again, the same question gets the same verdict. Null for what was verified before they were kept. */
  limits?: Record<string, unknown> | null;
  message: string;
  /** SHA-256 of the question: the same question has the same hash. */
  program_hash: string;
  receipt?: Receipt | null;
  /** Whether this is the first answer to the same Idempotency-Key again. */
  replayed: boolean;
  /** Whether what was asked holds. */
  result: boolean;
  /** Whether this is an earlier verdict on the same question, shown again for nothing. */
  reused: boolean;
  /** Whether there is a verdict. */
  success: boolean;
  verdict: string;
  verification_id: string;
}

/** The same question, decided again. */
export interface VerificationAgain {
  answer: Verification;
  /** The verification that was done again. */
  first_verification_id: string;
  /** Whether both came to the same verdict. */
  same_verdict: boolean;
}

/** A verification in a list. */
export interface VerificationListed {
  credits_charged: number;
  program_hash: string;
  /** What was asked, as it was asked. */
  proof_data: Record<string, unknown>;
  result: boolean;
  verdict: string;
  verification_id: string;
  verified_at: Moment;
}

/** Too few credits: nothing was verified. */
export type VerificationUnbilled = Problem & {
  credits_charged: number;
  credits_remaining: number;
  message: string;
  result: boolean;
  success: boolean;
};

/** A page of verifications, newest first. */
export interface Verifications {
  account_id: string;
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
  verifications: VerificationListed[];
}

/** A webhook endpoint. */
export interface Webhook {
  account_id: string;
  created_at: Moment;
  description: string;
  /** What it is told of; empty is everything. */
  events: string[];
  failing_since?: Moment | null;
  former_secret_until?: Moment | null;
  /** `on`, `off` by its owner, or `stopped` by us after days without an answer. */
  state: string;
  stopped_at?: Moment | null;
  url: string;
  webhook_id: string;
}

/** One attempt to deliver. */
export interface WebhookAttempt {
  /** How the answer began, at most 1,024 bytes of it. */
  answer: string;
  at: Moment;
  /** What went wrong; empty when nothing did. */
  failure: string;
  /** Counts from 1. */
  number: number;
  /** The answer's status; null when no answer came. */
  status?: number | null;
  took_ms: number;
}

/** An endpoint as it shall be from now on. */
export interface WebhookChange {
  description?: string;
  /** Whether anything is sent; left out, it stays as it is. */
  enabled?: boolean | null;
  /** What to be told of; left out or empty is everything. */
  events?: EventType[];
  url: string;
}

/** A page of deliveries, newest first. */
export interface WebhookDeliveries {
  deliveries: WebhookDelivery[];
  /** Pass it as `cursor` for the next page; null on the last. */
  next_cursor?: string | null;
  webhook_id: string;
}

/** One event on its way to one endpoint. */
export interface WebhookDelivery {
  attempts: number;
  event_id: string;
  happened_at: Moment;
  next_attempt_at?: Moment | null;
  /** `waiting`, `delivered` or `failed`. */
  state: string;
  type: string;
}

/** A delivery with the body that is sent and every attempt, the latest first. */
export interface WebhookDeliveryDetail {
  attempts: WebhookAttempt[];
  delivery: WebhookDelivery;
  /** The body, as it is signed and sent. */
  payload: Record<string, unknown>;
}

/** An endpoint and its secret. */
export interface WebhookMade {
  replayed: boolean;
  /** What its events are signed with, shown this once; null in a replay. */
  secret?: string | null;
  webhook: Webhook;
}

/** Stripe only looks at the status; the guide fixes the body. */
export interface WebhookReceived {
  status: string;
}

/** How long the former secret goes on signing. */
export interface WebhookRotation {
  /** 24 when left out; 0 is not at all. */
  overlap_hours?: number | null;
}

/** A test event that is on its way. */
export interface WebhookTest {
  event_id: string;
}

/** The account's endpoints, newest first. There are never more than twenty. */
export interface Webhooks {
  account_id: string;
  webhooks: Webhook[];
}

/** Every operation of the API, one method each. */
export class Aethel extends Transport {
  /** Gives credits again and again. Operators only. */
  addRecurringGrant(body: NewRecurringGrant, options: CallOptions = {}): Promise<RecurringGrant> {
    return this.call("POST", `/api/billing/recurring-grants`, { body, idempotent: true }, options);
  }

  /** Brings credits in or takes them out. Operators only; never below zero. */
  adjust(body: NewAdjustment, options: CallOptions = {}): Promise<Adjustment> {
    return this.call("POST", `/api/billing/adjustments`, { body, idempotent: true }, options);
  }

  /** Asks whether a law holds, for which values, what transitions keep, and how far observations drift. */
  askOracle(body: NewOracleQuery, options: CallOptions = {}): Promise<OracleAnswered> {
    return this.call("POST", `/api/oracle`, { body, idempotent: true }, options);
  }

  /** Buys a package with the saved card. Without one, 402 with a `checkout_url`. */
  buyPackage(body: PackageOrder, options: CallOptions = {}): Promise<PurchaseMade | PurchaseUnderWay> {
    return this.call("POST", `/api/billing/purchase`, { body, idempotent: true }, options);
  }

  /** Ends the subscription with the paid period. Until then the tier stays. */
  cancelSubscription(accountId: string, options: CallOptions = {}): Promise<AccountSubscription> {
    return this.call("POST", `/api/billing/subscriptions/${encodeURIComponent(accountId)}/cancel`, { idempotent: true }, options);
  }

  /** Spends what a hold set aside, or less; the rest goes back in the same step. */
  captureHold(holdId: string, body: NewCapture, options: CallOptions = {}): Promise<HoldSettled> {
    return this.call("POST", `/api/billing/holds/${encodeURIComponent(holdId)}/capture`, { body, idempotent: true }, options);
  }

  /** Charges an operation at the account's price. */
  charge(body: NewCharge, options: CallOptions = {}): Promise<Charge> {
    return this.call("POST", `/api/billing/charges`, { body, idempotent: true }, options);
  }

  /** Charges up to 1,000 operations, all or none of them (`atomic`) or each for itself (`best_effort`). */
  chargeBatch(body: NewBatch, options: CallOptions = {}): Promise<Batch> {
    return this.call("POST", `/api/billing/charges/batch`, { body, idempotent: true }, options);
  }

  /** Where the customer confirms a payment by saved card that the bank wants confirmed (3-D Secure). The same payment goes on; there is never a second one beside it. */
  confirmPurchase(body: ConfirmationOrder, options: CallOptions = {}): Promise<Confirmation> {
    return this.call("POST", `/api/billing/purchase/confirm`, { body, idempotent: true }, options);
  }

  /** Makes a key, and shows its secret this once. No key makes one that may do more than itself, outlives it, or spends beside its budget. */
  createKey(body: NewApiKey, options: CallOptions = {}): Promise<ApiKeyMade> {
    return this.call("POST", `/api/keys`, { body, idempotent: true }, options);
  }

  /** Makes an endpoint, and shows its secret this once. */
  createWebhook(body: NewWebhook, options: CallOptions = {}): Promise<WebhookMade> {
    return this.call("POST", `/api/webhooks`, { body, idempotent: true }, options);
  }

  /** Ends a recurring grant: what was due before still comes, nothing after. Operators only. */
  endRecurringGrant(accountId: string, recurringGrantId: string, options: CallOptions = {}): Promise<RecurringGrant> {
    return this.call("DELETE", `/api/billing/recurring-grants/${encodeURIComponent(accountId)}/${encodeURIComponent(recurringGrantId)}`, { idempotent: true }, options);
  }

  /** Ends an answer's public link, at once and on every server. */
  endShare(accountId: string, answerId: string, options: CallOptions = {}): Promise<void> {
    return this.call("DELETE", `/api/shares/${encodeURIComponent(accountId)}/${encodeURIComponent(answerId)}`, { idempotent: true }, options);
  }

  /** Writes the whole ledger, oldest entry first. */
  exportEntries(accountId: string, query: { format?: string } = {}, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/billing/entries/${encodeURIComponent(accountId)}/export`, { query, text: true }, options);
  }

  /** Writes every grant, newest first. */
  exportGrants(accountId: string, query: { format?: string } = {}, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/billing/grants/${encodeURIComponent(accountId)}/export`, { query, text: true }, options);
  }

  /** Writes all observations as a table, oldest first. */
  exportObservations(accountId: string, monitorId: string, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/monitors/${encodeURIComponent(accountId)}/${encodeURIComponent(monitorId)}/export`, { text: true }, options);
  }

  /** Reads a run's differences as a table. Operators only. */
  exportReconciliation(reconciliationId: string, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/office/reconciliations/${encodeURIComponent(reconciliationId)}/export`, { text: true }, options);
  }

  /** Writes usage by day, operation and key. */
  exportUsage(accountId: string, query: { format?: string; days?: number; zone?: string; operation?: string; key?: string } = {}, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/billing/usage/${encodeURIComponent(accountId)}/export`, { query, text: true }, options);
  }

  /** Adds hours; a monitor that was paused or has ended runs again. */
  extendMonitor(accountId: string, monitorId: string, body: MoreHours, options: CallOptions = {}): Promise<Monitor> {
    return this.call("POST", `/api/monitors/${encodeURIComponent(accountId)}/${encodeURIComponent(monitorId)}/extend`, { body, idempotent: true }, options);
  }

  /** Finds customers by a part of their name, by their id, or by a member's e-mail address. Operators only. */
  findCustomers(query: { query?: string; cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<Customers> {
    return this.call("GET", `/api/office/customers`, { query }, options);
  }

  /** Every item of `findCustomers`, page after page. */
  async *eachFindCustomers(query: { query?: string; cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<Customer> {
    let turn = query.cursor;
    do {
      const page = await this.findCustomers({ ...query, cursor: turn }, options);
      yield* page.customers;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the statement of a month, to print and to file. The signed file beside it says the same and proves it. */
  getPrintedStatement(accountId: string, month: string, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/billing/statements/${encodeURIComponent(accountId)}/${encodeURIComponent(month)}/statement.pdf`, { text: true }, options);
  }

  /** Reads the receipt of a paid purchase, to print and to file. */
  getPurchaseReceipt(purchaseId: string, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/billing/purchases/${encodeURIComponent(purchaseId)}/receipt.pdf`, { text: true }, options);
  }

  /** Reads the signed receipt of an entry. The same entry has the same receipt for as long as the key signs. */
  getReceipt(transactionId: string, options: CallOptions = {}): Promise<SignedReceipt> {
    return this.call("GET", `/api/billing/receipts/${encodeURIComponent(transactionId)}`, {}, options);
  }

  /** Reads the signed statement of a month: the file that `aethel verify-statement` checks. */
  getStatement(accountId: string, month: string, options: CallOptions = {}): Promise<SignedStatement> {
    return this.call("GET", `/api/billing/statements/${encodeURIComponent(accountId)}/${encodeURIComponent(month)}`, {}, options);
  }

  /** Reads whether the ledger's laws hold. Needs no key. */
  getStatus(options: CallOptions = {}): Promise<Status> {
    return this.call("GET", `/api/status`, {}, options);
  }

  /** Gives credits to an account. Operators only. */
  grant(body: NewGrant, options: CallOptions = {}): Promise<Grant> {
    return this.call("POST", `/api/billing/grants`, { body, idempotent: true }, options);
  }

  /** Mails an invitation, which lasts a week; an earlier one to the same address no longer counts. */
  inviteMember(body: NewInvitation, options: CallOptions = {}): Promise<InvitationMade> {
    return this.call("POST", `/api/invitations`, { body, idempotent: true }, options);
  }

  /** Reads purchases of every account, newest first. Operators only. */
  listAllPurchases(query: { state?: string; account_id?: string; cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<AllPurchases> {
    return this.call("GET", `/api/office/purchases`, { query }, options);
  }

  /** Every item of `listAllPurchases`, page after page. */
  async *eachAllPurchases(query: { state?: string; account_id?: string; cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<AnyPurchase> {
    let turn = query.cursor;
    do {
      const page = await this.listAllPurchases({ ...query, cursor: turn }, options);
      yield* page.purchases;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads who did what on the account, newest first. */
  listAuditLog(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<AuditEvents> {
    return this.call("GET", `/api/audit-log/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listAuditLog`, page after page. */
  async *eachAuditLog(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<AuditEvent> {
    let turn = query.cursor;
    do {
      const page = await this.listAuditLog(accountId, { ...query, cursor: turn }, options);
      yield* page.events;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Lists the account's batches, newest first. */
  listBatches(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<TransactionBatches> {
    return this.call("GET", `/api/batches/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listBatches`, page after page. */
  async *eachBatches(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<TransactionBatchSummary> {
    let turn = query.cursor;
    do {
      const page = await this.listBatches(accountId, { ...query, cursor: turn }, options);
      yield* page.batches;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the ledger, newest entry first. */
  listEntries(accountId: string, query: { cursor?: number; before?: number; limit?: number } = {}, options: CallOptions = {}): Promise<Entries> {
    return this.call("GET", `/api/billing/entries/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listEntries`, page after page. */
  async *eachEntries(accountId: string, query: { cursor?: number; before?: number; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<Entry> {
    let turn = query.cursor;
    do {
      const page = await this.listEntries(accountId, { ...query, cursor: turn }, options);
      yield* page.entries;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the grants, newest first. */
  listGrants(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<GrantLots> {
    return this.call("GET", `/api/billing/grants/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listGrants`, page after page. */
  async *eachGrants(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<GrantLot> {
    let turn = query.cursor;
    do {
      const page = await this.listGrants(accountId, { ...query, cursor: turn }, options);
      yield* page.grants;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the account's keys. */
  listKeys(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<ApiKeys> {
    return this.call("GET", `/api/keys/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listKeys`, page after page. */
  async *eachKeys(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<ApiKey> {
    let turn = query.cursor;
    do {
      const page = await this.listKeys(accountId, { ...query, cursor: turn }, options);
      yield* page.keys;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads who belongs to the account, the longest there first, and who is invited. */
  listMembers(accountId: string, options: CallOptions = {}): Promise<Members> {
    return this.call("GET", `/api/members/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads what a monitor told, newest first. */
  listMonitorAlerts(accountId: string, monitorId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<MonitorAlerts> {
    return this.call("GET", `/api/monitors/${encodeURIComponent(accountId)}/${encodeURIComponent(monitorId)}/alerts`, { query }, options);
  }

  /** Every item of `listMonitorAlerts`, page after page. */
  async *eachMonitorAlerts(accountId: string, monitorId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<MonitorAlert> {
    let turn = query.cursor;
    do {
      const page = await this.listMonitorAlerts(accountId, monitorId, { ...query, cursor: turn }, options);
      yield* page.alerts;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Lists the account's monitors, newest first. */
  listMonitors(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<Monitors> {
    return this.call("GET", `/api/monitors/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listMonitors`, page after page. */
  async *eachMonitors(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<Monitor> {
    let turn = query.cursor;
    do {
      const page = await this.listMonitors(accountId, { ...query, cursor: turn }, options);
      yield* page.monitors;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the observations, newest first. */
  listObservations(accountId: string, monitorId: string, query: { cursor?: number; before?: number; limit?: number } = {}, options: CallOptions = {}): Promise<Observations> {
    return this.call("GET", `/api/monitors/${encodeURIComponent(accountId)}/${encodeURIComponent(monitorId)}/observations`, { query }, options);
  }

  /** Every item of `listObservations`, page after page. */
  async *eachObservations(accountId: string, monitorId: string, query: { cursor?: number; before?: number; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<Observation> {
    let turn = query.cursor;
    do {
      const page = await this.listObservations(accountId, monitorId, { ...query, cursor: turn }, options);
      yield* page.observations;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Lists the account's questions, newest first. */
  listOracleQueries(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<OracleQueries> {
    return this.call("GET", `/api/oracle/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listOracleQueries`, page after page. */
  async *eachOracleQueries(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<OracleQuerySummary> {
    let turn = query.cursor;
    do {
      const page = await this.listOracleQueries(accountId, { ...query, cursor: turn }, options);
      yield* page.queries;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the saved cards, as Stripe keeps them: at most 100. */
  listPaymentMethods(accountId: string, options: CallOptions = {}): Promise<PaymentMethods> {
    return this.call("GET", `/api/billing/payment-methods/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads the price book in force, or the one of a version that was. Needs no key. */
  listPrices(query: { version?: number } = {}, options: CallOptions = {}): Promise<Prices> {
    return this.call("GET", `/api/billing/prices`, { query }, options);
  }

  /** Reads the account's purchases. */
  listPurchases(accountId: string, query: { cursor?: string; before?: string; limit?: number } = {}, options: CallOptions = {}): Promise<Purchases> {
    return this.call("GET", `/api/billing/purchases/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listPurchases`, page after page. */
  async *eachPurchases(accountId: string, query: { cursor?: string; before?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<Purchase> {
    let turn = query.cursor;
    do {
      const page = await this.listPurchases(accountId, { ...query, cursor: turn }, options);
      yield* page.purchases;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads what differs, the gravest first. Operators only. */
  listReconciliationDifferences(reconciliationId: string, query: { cursor?: number; limit?: number } = {}, options: CallOptions = {}): Promise<ReconciliationDifferences> {
    return this.call("GET", `/api/office/reconciliations/${encodeURIComponent(reconciliationId)}/differences`, { query }, options);
  }

  /** Every item of `listReconciliationDifferences`, page after page. */
  async *eachReconciliationDifferences(reconciliationId: string, query: { cursor?: number; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<ReconciliationDifference> {
    let turn = query.cursor;
    do {
      const page = await this.listReconciliationDifferences(reconciliationId, { ...query, cursor: turn }, options);
      yield* page.differences;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the runs, newest first. Operators only. */
  listReconciliations(query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<Reconciliations> {
    return this.call("GET", `/api/office/reconciliations`, { query }, options);
  }

  /** Every item of `listReconciliations`, page after page. */
  async *eachReconciliations(query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<Reconciliation> {
    let turn = query.cursor;
    do {
      const page = await this.listReconciliations({ ...query, cursor: turn }, options);
      yield* page.reconciliations;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the account's recurring grants. */
  listRecurringGrants(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<RecurringGrants> {
    return this.call("GET", `/api/billing/recurring-grants/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listRecurringGrants`, page after page. */
  async *eachRecurringGrants(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<RecurringGrant> {
    let turn = query.cursor;
    do {
      const page = await this.listRecurringGrants(accountId, { ...query, cursor: turn }, options);
      yield* page.recurring_grants;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Lists the account's answers that have a public link. */
  listShares(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<Shares> {
    return this.call("GET", `/api/shares/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listShares`, page after page. */
  async *eachShares(accountId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<Share> {
    let turn = query.cursor;
    do {
      const page = await this.listShares(accountId, { ...query, cursor: turn }, options);
      yield* page.shares;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the keys that receipts and statements are signed with. Needs no key. */
  listSigningKeys(options: CallOptions = {}): Promise<SigningKeys> {
    return this.call("GET", `/api/billing/signing-keys`, {}, options);
  }

  /** Lists the months that an account has statements for. */
  listStatements(accountId: string, options: CallOptions = {}): Promise<Statements> {
    return this.call("GET", `/api/billing/statements/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads Stripe's events, newest first. Operators only. */
  listStripeEvents(query: { state?: string; type?: string; cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<StripeEvents> {
    return this.call("GET", `/api/office/events`, { query }, options);
  }

  /** Every item of `listStripeEvents`, page after page. */
  async *eachStripeEvents(query: { state?: string; type?: string; cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<StripeEvent> {
    let turn = query.cursor;
    do {
      const page = await this.listStripeEvents({ ...query, cursor: turn }, options);
      yield* page.events;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Lists an account's verifications, newest first. */
  listVerifications(query: { account_id: string; verdict?: string; program_hash?: string; cursor?: string; limit?: number }, options: CallOptions = {}): Promise<Verifications> {
    return this.call("GET", `/api/verifications`, { query }, options);
  }

  /** Every item of `listVerifications`, page after page. */
  async *eachVerifications(query: { account_id: string; verdict?: string; program_hash?: string; cursor?: string; limit?: number }, options: CallOptions = {}): AsyncGenerator<VerificationListed> {
    let turn = query.cursor;
    do {
      const page = await this.listVerifications({ ...query, cursor: turn }, options);
      yield* page.verifications;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads what was sent to an endpoint in the last thirty days, newest first. */
  listWebhookDeliveries(accountId: string, webhookId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<WebhookDeliveries> {
    return this.call("GET", `/api/webhooks/${encodeURIComponent(accountId)}/${encodeURIComponent(webhookId)}/deliveries`, { query }, options);
  }

  /** Every item of `listWebhookDeliveries`, page after page. */
  async *eachWebhookDeliveries(accountId: string, webhookId: string, query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<WebhookDelivery> {
    let turn = query.cursor;
    do {
      const page = await this.listWebhookDeliveries(accountId, webhookId, { ...query, cursor: turn }, options);
      yield* page.deliveries;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the account's endpoints. */
  listWebhooks(accountId: string, options: CallOptions = {}): Promise<Webhooks> {
    return this.call("GET", `/api/webhooks/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads who did what, on every account and beside them, newest first. Operators only. */
  listWholeAuditLog(query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): Promise<OfficeAuditEvents> {
    return this.call("GET", `/api/office/audit-log`, { query }, options);
  }

  /** Every item of `listWholeAuditLog`, page after page. */
  async *eachWholeAuditLog(query: { cursor?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<AuditEvent> {
    let turn = query.cursor;
    do {
      const page = await this.listWholeAuditLog({ ...query, cursor: turn }, options);
      yield* page.events;
      turn = page.next_cursor ?? undefined;
    } while (turn !== undefined);
  }

  /** Sends observations, each of which gets its verdict. */
  observe(accountId: string, monitorId: string, body: NewObservations, options: CallOptions = {}): Promise<Observed> {
    return this.call("POST", `/api/monitors/${encodeURIComponent(accountId)}/${encodeURIComponent(monitorId)}/observations`, { body, idempotent: true }, options);
  }

  /** Opens an account. Operators only; a free account starts with 10 credits. */
  openAccount(body: NewAccount, options: CallOptions = {}): Promise<Account> {
    return this.call("POST", `/api/billing/account`, { body, idempotent: true }, options);
  }

  /** Opens Stripe's page for saving a card; once it is saved it is the one that is charged. */
  openPaymentMethodPage(body: PageOrder, options: CallOptions = {}): Promise<Page> {
    return this.call("POST", `/api/billing/payment-methods/setup`, { body, idempotent: true }, options);
  }

  /** Opens Stripe's customer portal: invoices, cards and the subscription. */
  openPortal(body: PageOrder, options: CallOptions = {}): Promise<Page> {
    return this.call("POST", `/api/billing/portal`, { body, idempotent: true }, options);
  }

  /** Sets credits aside at the account's price. */
  placeHold(body: NewHold, options: CallOptions = {}): Promise<HoldPlaced> {
    return this.call("POST", `/api/billing/holds`, { body, idempotent: true }, options);
  }

  /** Promises the account's present price for a quarter of an hour. Moves nothing. */
  quote(body: NewQuote, options: CallOptions = {}): Promise<Quote> {
    return this.call("POST", `/api/billing/quotes`, { body, idempotent: true }, options);
  }

  /** Reads the account. */
  readAccount(accountId: string, options: CallOptions = {}): Promise<AccountInFull> {
    return this.call("GET", `/api/billing/account/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads what the account's members are told. */
  readAlerts(accountId: string, options: CallOptions = {}): Promise<Alerts> {
    return this.call("GET", `/api/billing/alerts/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads one purchase, whosever it is. Operators only. */
  readAnyPurchase(purchaseId: string, options: CallOptions = {}): Promise<AnyPurchaseDetail> {
    return this.call("GET", `/api/office/purchases/${encodeURIComponent(purchaseId)}`, {}, options);
  }

  /** Reads the rule for automatic purchases. */
  readAutoTopup(accountId: string, options: CallOptions = {}): Promise<AutoTopUp> {
    return this.call("GET", `/api/billing/auto-topup/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads the credits that can be spent now. */
  readBalance(accountId: string, options: CallOptions = {}): Promise<Balance> {
    return this.call("GET", `/api/billing/balance/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads the credits that could be spent at a moment. */
  readBalanceAt(accountId: string, query: { time: string }, options: CallOptions = {}): Promise<BalanceAt> {
    return this.call("GET", `/api/billing/balance/${encodeURIComponent(accountId)}/at`, { query }, options);
  }

  /** Reads a batch and its report again. */
  readBatch(accountId: string, batchId: string, options: CallOptions = {}): Promise<TransactionBatch> {
    return this.call("GET", `/api/batches/${encodeURIComponent(accountId)}/${encodeURIComponent(batchId)}`, {}, options);
  }

  /** Reads the budgets and what is spent or held of each. */
  readBudgets(accountId: string, options: CallOptions = {}): Promise<Budgets> {
    return this.call("GET", `/api/billing/budgets/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads how long the credits last. */
  readForecast(accountId: string, options: CallOptions = {}): Promise<Forecast> {
    return this.call("GET", `/api/billing/forecast/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads a hold. */
  readHold(holdId: string, options: CallOptions = {}): Promise<Hold> {
    return this.call("GET", `/api/billing/holds/${encodeURIComponent(holdId)}`, {}, options);
  }

  /** Reads a monitor. */
  readMonitor(accountId: string, monitorId: string, options: CallOptions = {}): Promise<Monitor> {
    return this.call("GET", `/api/monitors/${encodeURIComponent(accountId)}/${encodeURIComponent(monitorId)}`, {}, options);
  }

  /** Reports what a monitor has seen, by hour or by UTC day: the newest 50,000 observations of the span. */
  readMonitorReport(accountId: string, monitorId: string, query: { window?: string; days?: number } = {}, options: CallOptions = {}): Promise<MonitorReport> {
    return this.call("GET", `/api/monitors/${encodeURIComponent(accountId)}/${encodeURIComponent(monitorId)}/report`, { query }, options);
  }

  /** Reads a question and its answer again. */
  readOracleQuery(accountId: string, queryId: string, options: CallOptions = {}): Promise<OracleQueryAnswered> {
    return this.call("GET", `/api/oracle/${encodeURIComponent(accountId)}/${encodeURIComponent(queryId)}`, {}, options);
  }

  /** Reads one run with its sums. Operators only. */
  readReconciliation(reconciliationId: string, options: CallOptions = {}): Promise<Reconciliation> {
    return this.call("GET", `/api/office/reconciliations/${encodeURIComponent(reconciliationId)}`, {}, options);
  }

  /** Reads one event with its payload. Operators only. */
  readStripeEvent(stripeEventId: string, options: CallOptions = {}): Promise<StripeEventDetail> {
    return this.call("GET", `/api/office/events/${encodeURIComponent(stripeEventId)}`, {}, options);
  }

  /** Reads the account's subscription. */
  readSubscription(accountId: string, options: CallOptions = {}): Promise<AccountSubscription> {
    return this.call("GET", `/api/billing/subscriptions/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads whether an account may spend, and what the operator wrote. */
  readSuspension(accountId: string, options: CallOptions = {}): Promise<Suspension> {
    return this.call("GET", `/api/billing/suspensions/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads what was spent in the last days. */
  readUsage(accountId: string, query: { days?: number; zone?: string } = {}, options: CallOptions = {}): Promise<Usage> {
    return this.call("GET", `/api/billing/usage/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Reads what was spent by day, operation and key. */
  readUsageBreakdown(accountId: string, query: { days?: number; zone?: string; operation?: OperationName; key?: string } = {}, options: CallOptions = {}): Promise<UsageBreakdown> {
    return this.call("GET", `/api/billing/usage/${encodeURIComponent(accountId)}/breakdown`, { query }, options);
  }

  /** Reads a verification with its evidence. */
  readVerification(verificationId: string, options: CallOptions = {}): Promise<StoredVerification> {
    return this.call("GET", `/api/verifications/${encodeURIComponent(verificationId)}`, {}, options);
  }

  /** Reads one endpoint. */
  readWebhook(accountId: string, webhookId: string, options: CallOptions = {}): Promise<Webhook> {
    return this.call("GET", `/api/webhooks/${encodeURIComponent(accountId)}/${encodeURIComponent(webhookId)}`, {}, options);
  }

  /** Reads one delivery with its body and its attempts. */
  readWebhookDelivery(accountId: string, webhookId: string, eventId: string, options: CallOptions = {}): Promise<WebhookDeliveryDetail> {
    return this.call("GET", `/api/webhooks/${encodeURIComponent(accountId)}/${encodeURIComponent(webhookId)}/deliveries/${encodeURIComponent(eventId)}`, {}, options);
  }

  /** Compares Stripe's books of the last 30 days with ours, and waits some seconds for the result. While another run is under way, that one is answered. Operators only. */
  reconcile(options: CallOptions = {}): Promise<Reconciliation> {
    return this.call("POST", `/api/office/reconciliations`, { idempotent: true }, options);
  }

  /** Gives spent credits back into the grants they came from. Operators only. */
  refund(body: NewRefund, options: CallOptions = {}): Promise<Refund> {
    return this.call("POST", `/api/billing/refunds`, { body, idempotent: true }, options);
  }

  /** Gives a purchase's money back, never more than is left of it; the credits follow. Operators only. */
  refundPurchase(body: NewPurchaseRefund, options: CallOptions = {}): Promise<PurchaseRefund> {
    return this.call("POST", `/api/billing/purchase-refunds`, { body, idempotent: true }, options);
  }

  /** Gives back what a hold set aside. */
  releaseHold(holdId: string, body: NewRelease, options: CallOptions = {}): Promise<HoldSettled> {
    return this.call("POST", `/api/billing/holds/${encodeURIComponent(holdId)}/release`, { body, idempotent: true }, options);
  }

  /** Takes a member out of the account, with their sessions, at once. Keys that they made stay until they are revoked, and look after no members any more. */
  removeMember(accountId: string, userId: string, options: CallOptions = {}): Promise<void> {
    return this.call("DELETE", `/api/members/${encodeURIComponent(accountId)}/${encodeURIComponent(userId)}`, { idempotent: true }, options);
  }

  /** Removes a saved card. If it was the default, no card is charged until another one is chosen. */
  removePaymentMethod(accountId: string, paymentMethod: string, options: CallOptions = {}): Promise<PaymentMethods> {
    return this.call("DELETE", `/api/billing/payment-methods/${encodeURIComponent(accountId)}/${encodeURIComponent(paymentMethod)}`, { idempotent: true }, options);
  }

  /** Removes an endpoint. What waits for it is not sent. */
  removeWebhook(accountId: string, webhookId: string, options: CallOptions = {}): Promise<void> {
    return this.call("DELETE", `/api/webhooks/${encodeURIComponent(accountId)}/${encodeURIComponent(webhookId)}`, { idempotent: true }, options);
  }

  /** Calls the account something else. Entries and signed statements stay as they are. */
  renameAccount(accountId: string, body: AccountChange, options: CallOptions = {}): Promise<AccountInFull> {
    return this.call("PUT", `/api/billing/account/${encodeURIComponent(accountId)}`, { body, idempotent: true }, options);
  }

  /** Has a difference repaired: what Stripe says now about the payment is heard as if its webhook had come. Nothing that was done is done twice, so any number of repairs is safe. Operators only. */
  repairDifference(reconciliationId: string, number: string, options: CallOptions = {}): Promise<ReconciliationDifference> {
    return this.call("POST", `/api/office/reconciliations/${encodeURIComponent(reconciliationId)}/differences/${encodeURIComponent(number)}/repair`, { idempotent: true }, options);
  }

  /** Works an event off again, by the same road as the first time. Nothing that it did is done twice, and one that is done stays as it is, so any number of replays is safe. Operators only. */
  replayStripeEvent(stripeEventId: string, options: CallOptions = {}): Promise<StripeEventReplay> {
    return this.call("POST", `/api/office/events/${encodeURIComponent(stripeEventId)}/replay`, { idempotent: true }, options);
  }

  /** Sends an event of the last thirty days to the endpoint once more. */
  replayWebhookDelivery(accountId: string, webhookId: string, eventId: string, options: CallOptions = {}): Promise<WebhookDelivery> {
    return this.call("POST", `/api/webhooks/${encodeURIComponent(accountId)}/${encodeURIComponent(webhookId)}/deliveries/${encodeURIComponent(eventId)}/replay`, { idempotent: true }, options);
  }

  /** Decides the same question again, at the price of a verification and under the limits that the first one had: what was verified under a quote has its smaller budget again. */
  rerunVerification(verificationId: string, options: CallOptions = {}): Promise<VerificationAgain> {
    return this.call("POST", `/api/verifications/${encodeURIComponent(verificationId)}/rerun`, { idempotent: true }, options);
  }

  /** Has a subscription that was to end go on. */
  resumeSubscription(accountId: string, options: CallOptions = {}): Promise<AccountSubscription> {
    return this.call("POST", `/api/billing/subscriptions/${encodeURIComponent(accountId)}/resume`, { idempotent: true }, options);
  }

  /** Makes a key worthless, at once and on every server. */
  revokeKey(accountId: string, keyId: string, options: CallOptions = {}): Promise<void> {
    return this.call("DELETE", `/api/keys/${encodeURIComponent(accountId)}/${encodeURIComponent(keyId)}`, { idempotent: true }, options);
  }

  /** Gives a key another secret, shown this once; the former one stays good for the chosen time. */
  rotateKey(accountId: string, keyId: string, body: ApiKeyRotation, options: CallOptions = {}): Promise<ApiKeyMade> {
    return this.call("POST", `/api/keys/${encodeURIComponent(accountId)}/${encodeURIComponent(keyId)}/rotate`, { body, idempotent: true }, options);
  }

  /** Puts a new secret in force, shown this once. Until the overlap is over, events carry a signature by each. */
  rotateWebhookSecret(accountId: string, webhookId: string, body: WebhookRotation, options: CallOptions = {}): Promise<WebhookMade> {
    return this.call("POST", `/api/webhooks/${encodeURIComponent(accountId)}/${encodeURIComponent(webhookId)}/rotate`, { body, idempotent: true }, options);
  }

  /** Saves a card. Saving the same one again changes nothing. */
  savePaymentMethod(body: NewPaymentMethod, options: CallOptions = {}): Promise<PaymentMethod> {
    return this.call("POST", `/api/billing/payment-methods`, { body, idempotent: true }, options);
  }

  /** Sets what the account's members are told. */
  setAlerts(accountId: string, body: NewAlerts, options: CallOptions = {}): Promise<Alerts> {
    return this.call("PUT", `/api/billing/alerts/${encodeURIComponent(accountId)}`, { body, idempotent: true }, options);
  }

  /** Sets the rule for automatic purchases with the saved card, or switches it off. */
  setAutoTopup(accountId: string, body: NewAutoTopUp, options: CallOptions = {}): Promise<AutoTopUp> {
    return this.call("PUT", `/api/billing/auto-topup/${encodeURIComponent(accountId)}`, { body, idempotent: true }, options);
  }

  /** Sets both budgets of the account. */
  setBudgets(accountId: string, body: NewBudgets, options: CallOptions = {}): Promise<Budgets> {
    return this.call("PUT", `/api/billing/budgets/${encodeURIComponent(accountId)}`, { body, idempotent: true }, options);
  }

  /** Has one of the saved cards charged from now on. */
  setDefaultPaymentMethod(accountId: string, body: NewDefaultPaymentMethod, options: CallOptions = {}): Promise<SavedPaymentMethod> {
    return this.call("PUT", `/api/billing/payment-methods/${encodeURIComponent(accountId)}/default`, { body, idempotent: true }, options);
  }

  /** Sets the budget of one of the account's keys. What the key spent this month is counted from the start. */
  setKeyBudget(accountId: string, keyId: string, body: NewKeyBudget, options: CallOptions = {}): Promise<Budgets> {
    return this.call("PUT", `/api/billing/budgets/${encodeURIComponent(accountId)}/keys/${encodeURIComponent(keyId)}`, { body, idempotent: true }, options);
  }

  /** Sets what a member is to the account. Owners are made and unmade by owners, and the last one stays. */
  setMemberRole(accountId: string, userId: string, body: RoleChange, options: CallOptions = {}): Promise<Member> {
    return this.call("PUT", `/api/members/${encodeURIComponent(accountId)}/${encodeURIComponent(userId)}`, { body, idempotent: true }, options);
  }

  /** Sets what an account pays by. Operators only. A subscription that begins or ends later sets it again. */
  setTier(body: TierChange, options: CallOptions = {}): Promise<AccountInFull> {
    return this.call("POST", `/api/office/tiers`, { body, idempotent: true }, options);
  }

  /** Sets an endpoint as a whole. Turning on what was stopped sends what waits. */
  setWebhook(accountId: string, webhookId: string, body: WebhookChange, options: CallOptions = {}): Promise<Webhook> {
    return this.call("PUT", `/api/webhooks/${encodeURIComponent(accountId)}/${encodeURIComponent(webhookId)}`, { body, idempotent: true }, options);
  }

  /** Makes a public link to an answer, and shows it this once. A link that the answer had before opens nothing any more. */
  shareAnswer(body: NewShare, options: CallOptions = {}): Promise<ShareMade> {
    return this.call("POST", `/api/shares`, { body, idempotent: true }, options);
  }

  /** Starts a Stripe checkout. The credits come once Stripe says that it is paid. */
  startCheckout(body: PackageOrder, options: CallOptions = {}): Promise<Checkout> {
    return this.call("POST", `/api/billing/checkout`, { body, idempotent: true }, options);
  }

  /** Starts a monitor and holds the price of its hours. */
  startMonitor(body: NewMonitor, options: CallOptions = {}): Promise<Monitor> {
    return this.call("POST", `/api/monitors`, { body, idempotent: true }, options);
  }

  /** Starts a payment that your own page finishes with Stripe's form. */
  startPayment(body: PackageOrder, options: CallOptions = {}): Promise<PaymentIntent> {
    return this.call("POST", `/api/billing/payment-intents`, { body, idempotent: true }, options);
  }

  /** Opens Stripe's page for the fintech subscription, $5,000 a month. An open page is answered again. */
  startSubscription(body: NewSubscription, options: CallOptions = {}): Promise<SubscriptionCheckout> {
    return this.call("POST", `/api/billing/subscriptions`, { body, idempotent: true }, options);
  }

  /** Stops a monitor: the hour that has begun is paid, the rest is released. */
  stopMonitor(accountId: string, monitorId: string, options: CallOptions = {}): Promise<Monitor> {
    return this.call("POST", `/api/monitors/${encodeURIComponent(accountId)}/${encodeURIComponent(monitorId)}/stop`, { idempotent: true }, options);
  }

  /** Tells the account's balance whenever it changes, and its events as they happen. */
  streamEvents(query: { account_id?: string } = {}, options: CallOptions = {}): AsyncGenerator<ServerEvent> {
    return this.events(`/api/events`, { query }, options);
  }

  /** Suspends an account, or reopens it. Operators only. A suspended one is read and given credits, but does not spend. */
  suspend(body: NewSuspension, options: CallOptions = {}): Promise<Suspension> {
    return this.call("POST", `/api/billing/suspensions`, { body, idempotent: true }, options);
  }

  /** Sends a test event to the endpoint, whatever it wants to be told of. */
  testWebhook(accountId: string, webhookId: string, options: CallOptions = {}): Promise<WebhookTest> {
    return this.call("POST", `/api/webhooks/${encodeURIComponent(accountId)}/${encodeURIComponent(webhookId)}/test`, { idempotent: true }, options);
  }

  /** Verifies a formula or a program. */
  verify(body: NewVerification, options: CallOptions = {}): Promise<Verification> {
    return this.call("POST", `/api/verify`, { body, idempotent: true }, options);
  }

  /** Verifies a batch of transactions against opening balances: a JSON object, or a table with the rest in the query. */
  verifyBatch(body: NewTransactionBatch | string, query: { account_id?: string; atomic?: boolean; quote_id?: string } = {}, options: CallOptions = {}): Promise<TransactionBatchReport> {
    return this.call("POST", `/api/batches`, { query, body, idempotent: true }, options);
  }

  /** Takes an invitation back that nobody has answered yet. */
  withdrawInvitation(accountId: string, invitationId: string, options: CallOptions = {}): Promise<void> {
    return this.call("DELETE", `/api/invitations/${encodeURIComponent(accountId)}/${encodeURIComponent(invitationId)}`, { idempotent: true }, options);
  }

  /** Writes off what is owed for a purchase. Operators only. */
  writeOff(body: NewWriteOff, options: CallOptions = {}): Promise<Adjustment> {
    return this.call("POST", `/api/billing/write-offs`, { body, idempotent: true }, options);
  }
}
