// Written by scripts/clients.mjs from docs/openapi.json: change the server, not this file.
/* eslint-disable */
import { Transport, type CallOptions, type ServerEvent } from "./transport.js";

/** The account as it was opened. */
export interface Account {
  account_id: string;
  credit_balance: number;
  customer_name: string;
  tier: TierName;
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

export type Days = number;

/** A page of entries. */
export interface Entries {
  account_id: string;
  entries: Entry[];
  /** Pass it as `before` for the next page; null on the last. */
  next_before?: number | null;
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
  /** `holds`, `broken`, or `not_checked` before the first round. */
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

/** Your own JSON object, at most 16 KiB, kept with the entry; numbers as they are written without rounding */
export type Metadata = Record<string, unknown> | null;

export type Moment = string;

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

/** A key's budget; left out or null is no limit, and 0 is to spend nothing. */
export interface NewKeyBudget {
  month?: LimitCredits | null;
}

/** A card that Stripe keeps, by its id there. */
export interface NewPaymentMethod {
  account_id: string;
  /** In test mode Stripe's test ones too. */
  payment_method: string;
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

/** Whether the account may spend from now on, and why. */
export interface NewSuspension {
  account_id: string;
  /** Shown to the customer. */
  reason: Line;
  suspended: boolean;
}

/** What to verify, and who pays for it. */
export interface NewVerification {
  account_id: string;
  /** `type` is `conservation`, `validity`, `test` or `satisfiable`; then either `formula` or `source`. */
  proof_data: Record<string, unknown>;
  /** A price promised before for one `proof_verification`: the verdict costs no more. */
  quote_id?: string | null;
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

/** Every price in force. */
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
  /** In US cents. */
  amount: number;
  checkout_url?: string | null;
  created_at: Moment;
  credits: number;
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
  /** Pass it as `before` for the next page; null on the last. */
  next_before?: string | null;
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

/** The account's recurring grants, newest first, ended ones included. */
export interface RecurringGrants {
  account_id: string;
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

/** The last replay of the whole ledger. */
export interface Round {
  accounts: number;
  ended_at: Moment;
  entries: number;
  took_ms: number;
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
  /** `ok`, `broken`, or `not_checked` before the first round. */
  status: string;
}

/** Whether the account may spend. */
export interface Suspension {
  account_id: string;
  at?: Moment | null;
  /** Null when no operator ever wrote one. */
  reason?: string | null;
  suspended: boolean;
}

export type TierName = "free" | "developer" | "fintech" | "enterprise";

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
  message: string;
  /** SHA-256 of the question: the same question has the same hash. */
  program_hash: string;
  receipt?: Receipt | null;
  /** Whether this is the first answer to the same Idempotency-Key again. */
  replayed: boolean;
  /** Whether what was asked holds. */
  result: boolean;
  /** Whether there is a verdict. */
  success: boolean;
  verdict: string;
  verification_id: string;
}

/** Too few credits: nothing was verified. */
export type VerificationUnbilled = Problem & {
  credits_charged: number;
  credits_remaining: number;
  message: string;
  result: boolean;
  success: boolean;
};

/** Stripe only looks at the status; the guide fixes the body. */
export interface WebhookReceived {
  status: string;
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

  /** Buys a package with the saved card. Without one, 402 with a `checkout_url`. */
  buyPackage(body: PackageOrder, options: CallOptions = {}): Promise<PurchaseMade | PurchaseUnderWay> {
    return this.call("POST", `/api/billing/purchase`, { body, idempotent: true }, options);
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

  /** Ends a recurring grant: what was due before still comes, nothing after. Operators only. */
  endRecurringGrant(accountId: string, recurringGrantId: string, options: CallOptions = {}): Promise<RecurringGrant> {
    return this.call("DELETE", `/api/billing/recurring-grants/${encodeURIComponent(accountId)}/${encodeURIComponent(recurringGrantId)}`, { idempotent: true }, options);
  }

  /** Writes the whole ledger, oldest entry first. */
  exportEntries(accountId: string, query: { format?: string } = {}, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/billing/entries/${encodeURIComponent(accountId)}/export`, { query, text: true }, options);
  }

  /** Writes every grant, newest first. */
  exportGrants(accountId: string, query: { format?: string } = {}, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/billing/grants/${encodeURIComponent(accountId)}/export`, { query, text: true }, options);
  }

  /** Writes usage by day, operation and key. */
  exportUsage(accountId: string, query: { format?: string; days?: number; zone?: string; operation?: string; key?: string } = {}, options: CallOptions = {}): Promise<string> {
    return this.call("GET", `/api/billing/usage/${encodeURIComponent(accountId)}/export`, { query, text: true }, options);
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

  /** Reads the ledger, newest entry first. */
  listEntries(accountId: string, query: { before?: number; limit?: number } = {}, options: CallOptions = {}): Promise<Entries> {
    return this.call("GET", `/api/billing/entries/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listEntries`, page after page. */
  async *eachEntries(accountId: string, query: { before?: number; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<Entry> {
    let turn = query.before;
    do {
      const page = await this.listEntries(accountId, { ...query, before: turn }, options);
      yield* page.entries;
      turn = page.next_before ?? undefined;
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

  /** Reads the price book. Needs no key. */
  listPrices(options: CallOptions = {}): Promise<Prices> {
    return this.call("GET", `/api/billing/prices`, {}, options);
  }

  /** Reads the account's purchases. */
  listPurchases(accountId: string, query: { before?: string; limit?: number } = {}, options: CallOptions = {}): Promise<Purchases> {
    return this.call("GET", `/api/billing/purchases/${encodeURIComponent(accountId)}`, { query }, options);
  }

  /** Every item of `listPurchases`, page after page. */
  async *eachPurchases(accountId: string, query: { before?: string; limit?: number } = {}, options: CallOptions = {}): AsyncGenerator<Purchase> {
    let turn = query.before;
    do {
      const page = await this.listPurchases(accountId, { ...query, before: turn }, options);
      yield* page.purchases;
      turn = page.next_before ?? undefined;
    } while (turn !== undefined);
  }

  /** Reads the account's recurring grants. */
  listRecurringGrants(accountId: string, options: CallOptions = {}): Promise<RecurringGrants> {
    return this.call("GET", `/api/billing/recurring-grants/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads the keys that receipts and statements are signed with. Needs no key. */
  listSigningKeys(options: CallOptions = {}): Promise<SigningKeys> {
    return this.call("GET", `/api/billing/signing-keys`, {}, options);
  }

  /** Lists the months that an account has statements for. */
  listStatements(accountId: string, options: CallOptions = {}): Promise<Statements> {
    return this.call("GET", `/api/billing/statements/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Opens an account. Operators only; a free account starts with 10 credits. */
  openAccount(body: NewAccount, options: CallOptions = {}): Promise<Account> {
    return this.call("POST", `/api/billing/account`, { body, idempotent: true }, options);
  }

  /** Sets credits aside at the account's price. */
  placeHold(body: NewHold, options: CallOptions = {}): Promise<HoldPlaced> {
    return this.call("POST", `/api/billing/holds`, { body, idempotent: true }, options);
  }

  /** Promises the account's present price for a quarter of an hour. Moves nothing. */
  quote(body: NewQuote, options: CallOptions = {}): Promise<Quote> {
    return this.call("POST", `/api/billing/quotes`, { body, idempotent: true }, options);
  }

  /** Reads what the account's members are told. */
  readAlerts(accountId: string, options: CallOptions = {}): Promise<Alerts> {
    return this.call("GET", `/api/billing/alerts/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads the credits that can be spent now. */
  readBalance(accountId: string, options: CallOptions = {}): Promise<Balance> {
    return this.call("GET", `/api/billing/balance/${encodeURIComponent(accountId)}`, {}, options);
  }

  /** Reads the credits that could be spent at a moment. */
  readBalanceAt(accountId: string, query: { time: string }, options: CallOptions = {}): Promise<BalanceAt> {
    return this.call("GET", `/api/billing/balance/${encodeURIComponent(accountId)}/at`, { query }, options);
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

  /** Gives spent credits back into the grants they came from. Operators only. */
  refund(body: NewRefund, options: CallOptions = {}): Promise<Refund> {
    return this.call("POST", `/api/billing/refunds`, { body, idempotent: true }, options);
  }

  /** Gives back what a hold set aside. */
  releaseHold(holdId: string, body: NewRelease, options: CallOptions = {}): Promise<HoldSettled> {
    return this.call("POST", `/api/billing/holds/${encodeURIComponent(holdId)}/release`, { body, idempotent: true }, options);
  }

  /** Saves a card. Saving the same one again changes nothing. */
  savePaymentMethod(body: NewPaymentMethod, options: CallOptions = {}): Promise<PaymentMethod> {
    return this.call("POST", `/api/billing/payment-methods`, { body, idempotent: true }, options);
  }

  /** Sets what the account's members are told. */
  setAlerts(accountId: string, body: NewAlerts, options: CallOptions = {}): Promise<Alerts> {
    return this.call("PUT", `/api/billing/alerts/${encodeURIComponent(accountId)}`, { body, idempotent: true }, options);
  }

  /** Sets both budgets of the account. */
  setBudgets(accountId: string, body: NewBudgets, options: CallOptions = {}): Promise<Budgets> {
    return this.call("PUT", `/api/billing/budgets/${encodeURIComponent(accountId)}`, { body, idempotent: true }, options);
  }

  /** Sets the budget of one of the account's keys. What the key spent this month is counted from the start. */
  setKeyBudget(accountId: string, keyId: string, body: NewKeyBudget, options: CallOptions = {}): Promise<Budgets> {
    return this.call("PUT", `/api/billing/budgets/${encodeURIComponent(accountId)}/keys/${encodeURIComponent(keyId)}`, { body, idempotent: true }, options);
  }

  /** Starts a Stripe checkout. The credits come once Stripe says that it is paid. */
  startCheckout(body: PackageOrder, options: CallOptions = {}): Promise<Checkout> {
    return this.call("POST", `/api/billing/checkout`, { body, idempotent: true }, options);
  }

  /** Starts a payment that your own page finishes with Stripe's form. */
  startPayment(body: PackageOrder, options: CallOptions = {}): Promise<PaymentIntent> {
    return this.call("POST", `/api/billing/payment-intents`, { body, idempotent: true }, options);
  }

  /** Suspends an account, or reopens it. Operators only. A suspended one is read and given credits, but does not spend. */
  suspend(body: NewSuspension, options: CallOptions = {}): Promise<Suspension> {
    return this.call("POST", `/api/billing/suspensions`, { body, idempotent: true }, options);
  }

  /** Verifies a formula or a program. */
  verify(body: NewVerification, options: CallOptions = {}): Promise<Verification> {
    return this.call("POST", `/api/verify`, { body, idempotent: true }, options);
  }

  /** Writes off what is owed for a purchase. Operators only. */
  writeOff(body: NewWriteOff, options: CallOptions = {}): Promise<Adjustment> {
    return this.call("POST", `/api/billing/write-offs`, { body, idempotent: true }, options);
  }
}
