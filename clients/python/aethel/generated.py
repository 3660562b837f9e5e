# Written by scripts/clients.mjs from docs/openapi.json: change the server, not this file.
"""Every operation of the API, one method each, and the shapes that go in and come out."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Literal, NotRequired, TypeAlias, TypedDict, Union

from .transport import ServerEvent, Transport, quote

Account = TypedDict(
    "Account",
    {
        "account_id": "str",
        "credit_balance": "int",
        "customer_name": "str",
        "tier": "TierName",
    },
)

AccountChange = TypedDict(
    "AccountChange",
    {
        "customer_name": "Line",
    },
)

AccountInFull = TypedDict(
    "AccountInFull",
    {
        "account_id": "str",
        "credit_balance": "int",
        "customer_name": "str",
        "expired": "int",
        "held": "int",
        "issued": "int",
        "opened_at": "Moment",
        "owed": "int",
        "reversed": "int",
        "spent": "int",
        "suspended": "bool",
        "tier": "TierName",
    },
)

AccountSubscription = TypedDict(
    "AccountSubscription",
    {
        "account_id": "str",
        "subscription": "NotRequired[Union[Subscription, None]]",
    },
)

Adjustment = TypedDict(
    "Adjustment",
    {
        "account_id": "str",
        "credits": "int",
        "grant_id": "NotRequired[Union[str, None]]",
        "new_balance": "int",
        "receipt": "Receipt",
        "replayed": "bool",
        "success": "bool",
        "transaction_id": "NotRequired[Union[str, None]]",
    },
)

Alerts = TypedDict(
    "Alerts",
    {
        "account_id": "str",
        "budgets": "bool",
        "expiring": "bool",
        "lasting": "List[str]",
        "low_balance": "int",
        "low_balance_rule": "str",
    },
)

AllPurchases = TypedDict(
    "AllPurchases",
    {
        "next_cursor": "NotRequired[Union[str, None]]",
        "purchases": "List[AnyPurchase]",
    },
)

AnyPurchase = TypedDict(
    "AnyPurchase",
    {
        "account_id": "str",
        "amount": "int",
        "created_at": "Moment",
        "credits": "int",
        "failure": "NotRequired[Union[str, None]]",
        "grant_id": "str",
        "package_name": "str",
        "paid_at": "NotRequired[Union[Moment, None]]",
        "purchase_id": "str",
        "state": "str",
        "stripe_intent": "NotRequired[Union[str, None]]",
        "stripe_session": "NotRequired[Union[str, None]]",
        "way": "str",
    },
)

AnyPurchaseDetail = TypedDict(
    "AnyPurchaseDetail",
    {
        "events": "List[StripeEvent]",
        "paid": "NotRequired[Union[PurchaseMoney, None]]",
        "purchase": "AnyPurchase",
    },
)

ApiKey = TypedDict(
    "ApiKey",
    {
        "created_at": "Moment",
        "expires_at": "NotRequired[Union[Moment, None]]",
        "former_secret_until": "NotRequired[Union[Moment, None]]",
        "key_id": "str",
        "last_used_at": "NotRequired[Union[Moment, None]]",
        "name": "str",
        "prefix": "str",
        "revoked_at": "NotRequired[Union[Moment, None]]",
        "scopes": "List[Scope]",
        "state": "str",
    },
)

ApiKeyMade = TypedDict(
    "ApiKeyMade",
    {
        "key": "ApiKey",
        "replayed": "bool",
        "secret": "NotRequired[Union[str, None]]",
    },
)

ApiKeyRotation = TypedDict(
    "ApiKeyRotation",
    {
        "overlap_hours": "NotRequired[Union[int, None]]",
    },
)

ApiKeys = TypedDict(
    "ApiKeys",
    {
        "account_id": "str",
        "keys": "List[ApiKey]",
        "next_cursor": "NotRequired[Union[str, None]]",
    },
)

AuditEvent = TypedDict(
    "AuditEvent",
    {
        "account_id": "NotRequired[Union[str, None]]",
        "action": "str",
        "actor_id": "NotRequired[Union[str, None]]",
        "actor_kind": "str",
        "actor_name": "str",
        "at": "Moment",
        "audit_id": "str",
        "detail": "str",
        "user_id": "NotRequired[Union[str, None]]",
    },
)

AuditEvents = TypedDict(
    "AuditEvents",
    {
        "account_id": "str",
        "events": "List[AuditEvent]",
        "next_cursor": "NotRequired[Union[str, None]]",
    },
)

AutoTopUp = TypedDict(
    "AutoTopUp",
    {
        "account_id": "str",
        "enabled": "bool",
        "monthly_cap": "NotRequired[Union[int, None]]",
        "not_before": "NotRequired[Union[Moment, None]]",
        "package_name": "NotRequired[Union[str, None]]",
        "purchase_id": "NotRequired[Union[str, None]]",
        "reason": "NotRequired[Union[str, None]]",
        "spent_this_month": "int",
        "stopped": "NotRequired[Union[str, None]]",
        "threshold": "NotRequired[Union[int, None]]",
    },
)

Balance = TypedDict(
    "Balance",
    {
        "account_id": "str",
        "balance": "int",
    },
)

BalanceAt = TypedDict(
    "BalanceAt",
    {
        "account_id": "str",
        "at": "Moment",
        "balance": "int",
        "hash": "str",
        "seq": "int",
    },
)

Batch = TypedDict(
    "Batch",
    {
        "charged": "int",
        "credits_charged": "int",
        "mode": "BatchMode",
        "refused": "int",
        "results": "List[BatchCharge]",
        "success": "bool",
    },
)

BatchCharge = TypedDict(
    "BatchCharge",
    {
        "account_id": "str",
        "credits_charged": "int",
        "credits_remaining": "NotRequired[Union[int, None]]",
        "idempotency_key": "str",
        "index": "int",
        "problem": "NotRequired[Union[BatchChargeProblem, None]]",
        "receipt": "NotRequired[Union[Receipt, None]]",
        "replayed": "bool",
        "status": "BatchChargeStatus",
    },
)

BatchChargeProblem = TypedDict(
    "BatchChargeProblem",
    {
        "code": "str",
        "detail": "str",
        "status": "int",
    },
)

BatchChargeStatus: TypeAlias = "Literal[\"charged\", \"refused\", \"undone\"]"

BatchMode: TypeAlias = "Literal[\"atomic\", \"best_effort\"]"

Budget = TypedDict(
    "Budget",
    {
        "ends_at": "Moment",
        "limit": "NotRequired[Union[int, None]]",
        "used": "int",
    },
)

Budgets = TypedDict(
    "Budgets",
    {
        "account_id": "str",
        "day": "Budget",
        "keys": "List[KeyBudget]",
        "month": "Budget",
    },
)

CapCents: TypeAlias = "int"

Charge = TypedDict(
    "Charge",
    {
        "account_id": "str",
        "credits_charged": "int",
        "credits_remaining": "int",
        "message": "str",
        "operation": "OperationName",
        "quantity": "int",
        "receipt": "Receipt",
        "replayed": "bool",
        "success": "bool",
        "transaction_id": "NotRequired[Union[str, None]]",
    },
)

Checkout = TypedDict(
    "Checkout",
    {
        "amount": "int",
        "checkout_url": "str",
        "credits": "int",
        "purchase_id": "str",
    },
)

Confirmation = TypedDict(
    "Confirmation",
    {
        "confirm_url": "NotRequired[Union[str, None]]",
        "purchase_id": "str",
    },
)

ConfirmationOrder = TypedDict(
    "ConfirmationOrder",
    {
        "account_id": "str",
        "purchase_id": "str",
    },
)

Customer = TypedDict(
    "Customer",
    {
        "account_id": "str",
        "credit_balance": "int",
        "customer_name": "str",
        "opened_at": "Moment",
        "suspended": "bool",
        "tier": "TierName",
    },
)

Customers = TypedDict(
    "Customers",
    {
        "customers": "List[Customer]",
        "next_cursor": "NotRequired[Union[str, None]]",
    },
)

Days: TypeAlias = "int"

Entries = TypedDict(
    "Entries",
    {
        "account_id": "str",
        "entries": "List[Entry]",
        "next_before": "NotRequired[Union[int, None]]",
        "next_cursor": "NotRequired[Union[int, None]]",
    },
)

Entry = TypedDict(
    "Entry",
    {
        "amount": "int",
        "at": "Moment",
        "balance_after": "int",
        "from": "str",
        "grants": "List[GrantShare]",
        "hash": "str",
        "hold_id": "NotRequired[Union[str, None]]",
        "key_id": "NotRequired[Union[str, None]]",
        "kind": "str",
        "memo": "str",
        "operation": "NotRequired[Union[OperationName, None]]",
        "previous_hash": "str",
        "price_book": "int",
        "purchase_id": "NotRequired[Union[str, None]]",
        "quantity": "int",
        "refunds": "NotRequired[Union[str, None]]",
        "request": "str",
        "seq": "int",
        "to": "str",
        "transaction_id": "str",
    },
)

EventType: TypeAlias = "Literal[\"balance.low\", \"budget.reached\", \"credits.expiring\", \"top_up.stopped\", \"purchase.paid\", \"purchase.reversed\", \"purchase.reinstated\", \"monitor.alert\", \"endpoint.test\"]"

Forecast = TypedDict(
    "Forecast",
    {
        "account_id": "str",
        "at": "Moment",
        "balance": "int",
        "daily_spend": "float",
        "expiring_unused": "List[Loss]",
        "horizon_days": "int",
        "left": "int",
        "left_by_day": "List[int]",
        "runs_out_at": "NotRequired[Union[Moment, None]]",
        "spent": "int",
    },
)

Grant = TypedDict(
    "Grant",
    {
        "account_id": "str",
        "credits": "int",
        "grant_id": "NotRequired[Union[str, None]]",
        "message": "str",
        "new_balance": "int",
        "receipt": "Receipt",
        "replayed": "bool",
        "success": "bool",
        "transaction_id": "NotRequired[Union[str, None]]",
    },
)

GrantCredits: TypeAlias = "int"

GrantLot = TypedDict(
    "GrantLot",
    {
        "expires_at": "NotRequired[Union[Moment, None]]",
        "grant_id": "str",
        "granted_at": "Moment",
        "held": "int",
        "kind": "str",
        "owed": "int",
        "paid": "int",
        "purchase_id": "NotRequired[Union[str, None]]",
        "remaining": "int",
        "reversed": "int",
        "size": "int",
        "spending_rank": "NotRequired[Union[int, None]]",
    },
)

GrantLots = TypedDict(
    "GrantLots",
    {
        "account_id": "str",
        "grants": "List[GrantLot]",
        "next_cursor": "NotRequired[Union[str, None]]",
    },
)

GrantShare = TypedDict(
    "GrantShare",
    {
        "amount": "int",
        "grant_id": "str",
    },
)

Hold = TypedDict(
    "Hold",
    {
        "account_id": "str",
        "credits": "int",
        "credits_captured": "int",
        "expires_at": "Moment",
        "held_at": "Moment",
        "hold_id": "str",
        "operation": "OperationName",
        "quantity": "int",
        "state": "str",
        "unit_price": "int",
    },
)

HoldPlaced = TypedDict(
    "HoldPlaced",
    {
        "account_id": "str",
        "credits_held": "int",
        "credits_remaining": "int",
        "expires_at": "Moment",
        "hold_id": "str",
        "operation": "OperationName",
        "quantity": "int",
        "receipt": "Receipt",
        "replayed": "bool",
        "success": "bool",
    },
)

HoldSettled = TypedDict(
    "HoldSettled",
    {
        "account_id": "str",
        "credits_charged": "int",
        "credits_released": "int",
        "credits_remaining": "int",
        "hold_id": "str",
        "receipt": "Receipt",
        "replayed": "bool",
        "success": "bool",
    },
)

Invitation = TypedDict(
    "Invitation",
    {
        "email": "str",
        "expires_at": "Moment",
        "invitation_id": "str",
        "invited_at": "Moment",
        "role": "str",
    },
)

InvitationMade = TypedDict(
    "InvitationMade",
    {
        "invitation": "Invitation",
        "replayed": "bool",
    },
)

KeyBudget = TypedDict(
    "KeyBudget",
    {
        "key_id": "str",
        "month": "Budget",
    },
)

LawStatus = TypedDict(
    "LawStatus",
    {
        "faults": "int",
        "law": "str",
        "sentence": "str",
        "state": "str",
    },
)

LimitCredits: TypeAlias = "int"

Line: TypeAlias = "str"

Loss = TypedDict(
    "Loss",
    {
        "at": "Moment",
        "credits": "int",
        "grant_id": "str",
    },
)

Member = TypedDict(
    "Member",
    {
        "email": "str",
        "name": "str",
        "role": "str",
        "since": "Moment",
        "user_id": "str",
    },
)

Members = TypedDict(
    "Members",
    {
        "account_id": "str",
        "invitations": "List[Invitation]",
        "members": "List[Member]",
    },
)

Metadata: TypeAlias = "Union[Dict[str, Any], None]"

Moment: TypeAlias = "str"

Monitor = TypedDict(
    "Monitor",
    {
        "account_id": "str",
        "ended_at": "NotRequired[Union[Moment, None]]",
        "hours_captured": "int",
        "hours_held": "int",
        "keep_going": "bool",
        "laws": "List[str]",
        "metrics": "List[Dict[str, Any]]",
        "mode": "str",
        "monitor_id": "str",
        "name": "str",
        "observations": "int",
        "replayed": "bool",
        "started_at": "Moment",
        "state": "str",
    },
)

MonitorAlert = TypedDict(
    "MonitorAlert",
    {
        "alert_id": "str",
        "at": "Moment",
        "detail": "str",
        "kind": "str",
    },
)

MonitorAlerts = TypedDict(
    "MonitorAlerts",
    {
        "alerts": "List[MonitorAlert]",
        "monitor_id": "str",
        "next_cursor": "NotRequired[Union[str, None]]",
    },
)

MonitorReport = TypedDict(
    "MonitorReport",
    {
        "complete": "bool",
        "monitor_id": "str",
        "windows": "List[MonitorWindow]",
    },
)

MonitorWindow = TypedDict(
    "MonitorWindow",
    {
        "anomalies": "int",
        "from": "Moment",
        "metrics": "List[Dict[str, Any]]",
        "observations": "int",
        "violations": "int",
    },
)

Monitors = TypedDict(
    "Monitors",
    {
        "account_id": "str",
        "monitors": "List[Monitor]",
        "next_cursor": "NotRequired[Union[str, None]]",
    },
)

MoreHours = TypedDict(
    "MoreHours",
    {
        "hours": "int",
    },
)

NewAccount = TypedDict(
    "NewAccount",
    {
        "customer_name": "Line",
        "tier": "NotRequired[TierName]",
    },
)

NewAdjustment = TypedDict(
    "NewAdjustment",
    {
        "account_id": "str",
        "credits": "SignedCredits",
        "reason": "Line",
    },
)

NewAlerts = TypedDict(
    "NewAlerts",
    {
        "budgets": "NotRequired[bool]",
        "expiring": "NotRequired[bool]",
        "low_balance": "NotRequired[Union[LimitCredits, None]]",
    },
)

NewApiKey = TypedDict(
    "NewApiKey",
    {
        "account_id": "str",
        "expires_at": "NotRequired[Union[Moment, None]]",
        "name": "Line",
        "scopes": "NotRequired[Union[List[Scope], None]]",
    },
)

NewAutoTopUp = TypedDict(
    "NewAutoTopUp",
    {
        "enabled": "NotRequired[bool]",
        "monthly_cap": "CapCents",
        "package_name": "str",
        "threshold": "ThresholdCredits",
    },
)

NewBatch = TypedDict(
    "NewBatch",
    {
        "charges": "List[Dict[str, Any]]",
        "mode": "BatchMode",
    },
)

NewBudgets = TypedDict(
    "NewBudgets",
    {
        "day": "NotRequired[Union[LimitCredits, None]]",
        "month": "NotRequired[Union[LimitCredits, None]]",
    },
)

NewCapture = TypedDict(
    "NewCapture",
    {
        "account_id": "NotRequired[Union[str, None]]",
        "credits": "NotRequired[Union[GrantCredits, None]]",
        "metadata": "NotRequired[Metadata]",
    },
)

NewCharge = TypedDict(
    "NewCharge",
    {
        "account_id": "str",
        "metadata": "NotRequired[Metadata]",
        "operation": "OperationName",
        "quantity": "NotRequired[Quantity]",
        "quote_id": "NotRequired[Union[str, None]]",
    },
)

NewDefaultPaymentMethod = TypedDict(
    "NewDefaultPaymentMethod",
    {
        "payment_method": "str",
    },
)

NewGrant = TypedDict(
    "NewGrant",
    {
        "account_id": "str",
        "credits": "GrantCredits",
        "expires_at": "NotRequired[Union[Moment, None]]",
        "reason": "Line",
    },
)

NewHold = TypedDict(
    "NewHold",
    {
        "account_id": "str",
        "metadata": "NotRequired[Metadata]",
        "operation": "OperationName",
        "quantity": "NotRequired[Quantity]",
        "quote_id": "NotRequired[Union[str, None]]",
        "ttl_seconds": "NotRequired[TtlSeconds]",
    },
)

NewInvitation = TypedDict(
    "NewInvitation",
    {
        "account_id": "str",
        "email": "str",
        "role": "Role",
    },
)

NewKeyBudget = TypedDict(
    "NewKeyBudget",
    {
        "month": "NotRequired[Union[LimitCredits, None]]",
    },
)

NewMonitor = TypedDict(
    "NewMonitor",
    {
        "account_id": "str",
        "hours": "int",
        "keep_going": "NotRequired[bool]",
        "laws": "NotRequired[List[str]]",
        "metrics": "NotRequired[List[Dict[str, Any]]]",
        "name": "str",
    },
)

NewObservations = TypedDict(
    "NewObservations",
    {
        "observations": "List[Dict[str, Any]]",
    },
)

NewOracleQuery = TypedDict(
    "NewOracleQuery",
    {
        "account_id": "str",
        "assumptions": "NotRequired[List[str]]",
        "bounds": "NotRequired[Dict[str, Any]]",
        "law": "NotRequired[Union[str, None]]",
        "observations": "NotRequired[List[Dict[str, Any]]]",
        "observations_csv": "NotRequired[Union[str, None]]",
        "quote_id": "NotRequired[Union[str, None]]",
        "transitions": "NotRequired[Union[str, None]]",
    },
)

NewPaymentMethod = TypedDict(
    "NewPaymentMethod",
    {
        "account_id": "str",
        "payment_method": "str",
    },
)

NewPurchaseRefund = TypedDict(
    "NewPurchaseRefund",
    {
        "account_id": "str",
        "amount": "NotRequired[Union[RefundCents, None]]",
        "payment_intent": "NotRequired[Union[str, None]]",
        "purchase_id": "str",
        "reason": "Line",
    },
)

NewQuote = TypedDict(
    "NewQuote",
    {
        "account_id": "str",
        "operation": "OperationName",
        "quantity": "NotRequired[Quantity]",
    },
)

NewRecurringGrant = TypedDict(
    "NewRecurringGrant",
    {
        "account_id": "str",
        "credits": "GrantCredits",
        "ends_at": "NotRequired[Union[Moment, None]]",
        "every": "str",
        "expires_after_days": "NotRequired[Union[Days, None]]",
        "reason": "Line",
        "starts_at": "NotRequired[Union[Moment, None]]",
    },
)

NewRefund = TypedDict(
    "NewRefund",
    {
        "account_id": "str",
        "credits": "NotRequired[Union[GrantCredits, None]]",
        "reason": "Line",
        "transaction_id": "str",
    },
)

NewRelease = TypedDict(
    "NewRelease",
    {
        "account_id": "NotRequired[Union[str, None]]",
        "reason": "Line",
    },
)

NewShare = TypedDict(
    "NewShare",
    {
        "account_id": "str",
        "answer_id": "str",
    },
)

NewSubscription = TypedDict(
    "NewSubscription",
    {
        "account_id": "str",
    },
)

NewSuspension = TypedDict(
    "NewSuspension",
    {
        "account_id": "str",
        "reason": "Line",
        "suspended": "bool",
    },
)

NewTransactionBatch = TypedDict(
    "NewTransactionBatch",
    {
        "account_id": "str",
        "atomic": "NotRequired[bool]",
        "balances": "NotRequired[List[Dict[str, Any]]]",
        "balances_csv": "NotRequired[Union[str, None]]",
        "overdraft": "NotRequired[List[str]]",
        "quote_id": "NotRequired[Union[str, None]]",
        "transactions": "NotRequired[List[Dict[str, Any]]]",
        "transactions_csv": "NotRequired[Union[str, None]]",
    },
)

NewVerification = TypedDict(
    "NewVerification",
    {
        "account_id": "str",
        "proof_data": "Dict[str, Any]",
        "quote_id": "NotRequired[Union[str, None]]",
        "reuse": "NotRequired[bool]",
    },
)

NewWebhook = TypedDict(
    "NewWebhook",
    {
        "account_id": "str",
        "description": "NotRequired[str]",
        "events": "NotRequired[List[EventType]]",
        "url": "str",
    },
)

NewWriteOff = TypedDict(
    "NewWriteOff",
    {
        "account_id": "str",
        "credits": "GrantCredits",
        "purchase_id": "str",
        "reason": "Line",
    },
)

Observation = TypedDict(
    "Observation",
    {
        "at": "Moment",
        "broken": "List[str]",
        "seq": "int",
        "strange": "List[str]",
        "values": "Dict[str, Any]",
        "verdict": "str",
    },
)

Observations = TypedDict(
    "Observations",
    {
        "monitor_id": "str",
        "next_before": "NotRequired[Union[int, None]]",
        "next_cursor": "NotRequired[Union[int, None]]",
        "observations": "List[Observation]",
    },
)

Observed = TypedDict(
    "Observed",
    {
        "mode": "str",
        "monitor_id": "str",
        "replayed": "bool",
        "results": "List[Observation]",
    },
)

OfficeAuditEvents = TypedDict(
    "OfficeAuditEvents",
    {
        "events": "List[AuditEvent]",
        "next_cursor": "NotRequired[Union[str, None]]",
    },
)

OperationName: TypeAlias = "Literal[\"proof_verification\", \"batch_verification\", \"sentinel_monitoring\", \"conservation_oracle\", \"ghost_identity\", \"sovereign_identity\", \"consensus_participation\", \"state_storage\"]"

OperationPrice = TypedDict(
    "OperationPrice",
    {
        "credits": "Dict[str, int]",
        "operation": "OperationName",
        "title": "str",
        "unit": "str",
    },
)

OperationTotal = TypedDict(
    "OperationTotal",
    {
        "count": "int",
        "credits": "int",
    },
)

OracleAnswered = TypedDict(
    "OracleAnswered",
    {
        "answer": "Dict[str, Any]",
        "at": "Moment",
        "credits_charged": "int",
        "credits_remaining": "int",
        "query_id": "str",
        "receipt": "NotRequired[Union[Receipt, None]]",
        "replayed": "bool",
        "result": "bool",
        "success": "bool",
        "verdict": "str",
    },
)

OracleQueries = TypedDict(
    "OracleQueries",
    {
        "account_id": "str",
        "next_cursor": "NotRequired[Union[str, None]]",
        "queries": "List[OracleQuerySummary]",
    },
)

OracleQueryAnswered: TypeAlias = "Dict[str, Any]"

OracleQuerySummary = TypedDict(
    "OracleQuerySummary",
    {
        "at": "Moment",
        "credits_charged": "int",
        "law": "NotRequired[Union[str, None]]",
        "query_id": "str",
        "verdict": "str",
    },
)

PackageOrder = TypedDict(
    "PackageOrder",
    {
        "account_id": "str",
        "package_name": "str",
    },
)

PackagePrice = TypedDict(
    "PackagePrice",
    {
        "credits": "int",
        "name": "str",
        "price": "str",
        "price_cents": "int",
    },
)

Page = TypedDict(
    "Page",
    {
        "account_id": "str",
        "url": "str",
    },
)

PageOrder = TypedDict(
    "PageOrder",
    {
        "account_id": "str",
    },
)

PaymentIntent = TypedDict(
    "PaymentIntent",
    {
        "amount": "int",
        "client_secret": "str",
        "credits": "int",
        "purchase_id": "str",
    },
)

PaymentMethod = TypedDict(
    "PaymentMethod",
    {
        "account_id": "str",
        "brand": "str",
        "last4": "str",
        "payment_method": "str",
        "success": "bool",
    },
)

PaymentMethods = TypedDict(
    "PaymentMethods",
    {
        "account_id": "str",
        "payment_methods": "List[SavedPaymentMethod]",
    },
)

Prices = TypedDict(
    "Prices",
    {
        "operations": "List[OperationPrice]",
        "packages": "List[PackagePrice]",
        "version": "int",
    },
)

Problem = TypedDict(
    "Problem",
    {
        "code": "str",
        "detail": "str",
        "field": "NotRequired[Union[str, None]]",
        "request_id": "NotRequired[Union[str, None]]",
        "status": "int",
        "title": "str",
        "type": "str",
    },
)

Purchase = TypedDict(
    "Purchase",
    {
        "amount": "int",
        "amount_back": "int",
        "amount_paid": "NotRequired[Union[int, None]]",
        "checkout_url": "NotRequired[Union[str, None]]",
        "created_at": "Moment",
        "credits": "int",
        "credits_back": "int",
        "mismatch": "NotRequired[Union[str, None]]",
        "package_name": "str",
        "paid_at": "NotRequired[Union[Moment, None]]",
        "purchase_id": "str",
        "state": "str",
    },
)

PurchaseMade = TypedDict(
    "PurchaseMade",
    {
        "message": "str",
        "new_balance": "int",
        "success": "bool",
    },
)

PurchaseMoney = TypedDict(
    "PurchaseMoney",
    {
        "discount": "int",
        "promotion_code": "NotRequired[Union[str, None]]",
        "tax": "int",
        "total": "int",
        "transaction_id": "NotRequired[Union[str, None]]",
    },
)

PurchaseRefund = TypedDict(
    "PurchaseRefund",
    {
        "account_id": "str",
        "amount": "int",
        "purchase": "Purchase",
        "refund_id": "str",
        "replayed": "bool",
        "success": "bool",
    },
)

PurchaseUnderWay = TypedDict(
    "PurchaseUnderWay",
    {
        "message": "str",
        "purchase_id": "str",
        "success": "bool",
    },
)

PurchaseUnpaid: TypeAlias = "Dict[str, Any]"

Purchases = TypedDict(
    "Purchases",
    {
        "account_id": "str",
        "next_before": "NotRequired[Union[str, None]]",
        "next_cursor": "NotRequired[Union[str, None]]",
        "purchases": "List[Purchase]",
    },
)

Quantity: TypeAlias = "int"

Quote = TypedDict(
    "Quote",
    {
        "account_id": "str",
        "credits": "int",
        "expires_at": "Moment",
        "operation": "OperationName",
        "price_book": "int",
        "quantity": "int",
        "quote_id": "str",
        "replayed": "bool",
        "unit_price": "int",
    },
)

Receipt = TypedDict(
    "Receipt",
    {
        "at": "Moment",
        "hash": "str",
        "seq": "int",
        "transaction_id": "NotRequired[Union[str, None]]",
    },
)

Reconciliation = TypedDict(
    "Reconciliation",
    {
        "differences": "int",
        "ended_at": "NotRequired[Union[Moment, None]]",
        "failure": "NotRequired[Union[str, None]]",
        "from": "Moment",
        "nightly": "bool",
        "reconciliation_id": "str",
        "started_at": "Moment",
        "state": "str",
        "totals": "NotRequired[Union[ReconciliationTotals, None]]",
        "until": "Moment",
    },
)

ReconciliationDifference = TypedDict(
    "ReconciliationDifference",
    {
        "account_id": "NotRequired[Union[str, None]]",
        "advice": "str",
        "at_stripe": "NotRequired[Union[int, None]]",
        "difference": "str",
        "in_books": "NotRequired[Union[int, None]]",
        "mended": "bool",
        "number": "int",
        "purchase_id": "NotRequired[Union[str, None]]",
        "repair": "NotRequired[Union[ReconciliationRepair, None]]",
        "repairable": "bool",
        "stripe_charge": "NotRequired[Union[str, None]]",
        "stripe_intent": "NotRequired[Union[str, None]]",
        "stripe_object": "NotRequired[Union[str, None]]",
        "stripe_session": "NotRequired[Union[str, None]]",
    },
)

ReconciliationDifferences = TypedDict(
    "ReconciliationDifferences",
    {
        "differences": "List[ReconciliationDifference]",
        "next_cursor": "NotRequired[Union[int, None]]",
        "reconciliation_id": "str",
    },
)

ReconciliationRepair = TypedDict(
    "ReconciliationRepair",
    {
        "at": "Moment",
        "note": "str",
        "state": "str",
        "stripe_event_id": "str",
    },
)

ReconciliationTotals = TypedDict(
    "ReconciliationTotals",
    {
        "booked": "int",
        "disputes": "int",
        "fees": "int",
        "gross": "int",
        "gross_other": "int",
        "gross_purchases": "int",
        "movements": "int",
        "net": "int",
        "other": "int",
        "other_currency": "int",
        "payments": "int",
        "payouts": "int",
        "purchases": "int",
        "refunds": "int",
    },
)

Reconciliations = TypedDict(
    "Reconciliations",
    {
        "next_cursor": "NotRequired[Union[str, None]]",
        "reconciliations": "List[Reconciliation]",
    },
)

RecurringGrant = TypedDict(
    "RecurringGrant",
    {
        "account_id": "str",
        "credits": "int",
        "ended_at": "NotRequired[Union[Moment, None]]",
        "ends_at": "NotRequired[Union[Moment, None]]",
        "every": "str",
        "expires_after_days": "NotRequired[Union[int, None]]",
        "next_at": "NotRequired[Union[Moment, None]]",
        "occurrences": "int",
        "reason": "str",
        "recurring_grant_id": "str",
        "starts_at": "Moment",
    },
)

RecurringGrants = TypedDict(
    "RecurringGrants",
    {
        "account_id": "str",
        "next_cursor": "NotRequired[Union[str, None]]",
        "recurring_grants": "List[RecurringGrant]",
    },
)

Refund = TypedDict(
    "Refund",
    {
        "account_id": "str",
        "credits_refunded": "int",
        "new_balance": "int",
        "receipt": "Receipt",
        "refunded_transaction_id": "str",
        "replayed": "bool",
        "success": "bool",
        "transaction_id": "NotRequired[Union[str, None]]",
    },
)

RefundCents: TypeAlias = "int"

Role: TypeAlias = "Literal[\"owner\", \"admin\", \"developer\", \"billing\", \"viewer\"]"

RoleChange = TypedDict(
    "RoleChange",
    {
        "role": "Role",
    },
)

Round = TypedDict(
    "Round",
    {
        "accounts": "int",
        "ended_at": "Moment",
        "entries": "int",
        "took_ms": "int",
    },
)

SavedPaymentMethod = TypedDict(
    "SavedPaymentMethod",
    {
        "brand": "str",
        "default": "bool",
        "exp_month": "int",
        "exp_year": "int",
        "last4": "str",
        "payment_method": "str",
    },
)

Scope: TypeAlias = "Literal[\"read\", \"verify\", \"charge\", \"admin\"]"

Share = TypedDict(
    "Share",
    {
        "answer_id": "str",
        "shared_at": "Moment",
    },
)

ShareMade = TypedDict(
    "ShareMade",
    {
        "answer_id": "str",
        "link": "NotRequired[Union[str, None]]",
        "replayed": "bool",
        "shared_at": "NotRequired[Union[Moment, None]]",
    },
)

Shares = TypedDict(
    "Shares",
    {
        "account_id": "str",
        "next_cursor": "NotRequired[Union[str, None]]",
        "shares": "List[Share]",
    },
)

SignedCredits: TypeAlias = "int"

SignedReceipt = TypedDict(
    "SignedReceipt",
    {
        "key_id": "str",
        "public_key": "str",
        "receipt": "SignedReceiptBody",
        "signature": "str",
    },
)

SignedReceiptBody = TypedDict(
    "SignedReceiptBody",
    {
        "account": "str",
        "amount": "int",
        "at": "int",
        "balance": "int",
        "hash": "str",
        "kind": "str",
        "operation": "NotRequired[Union[str, None]]",
        "price_book": "int",
        "quantity": "int",
        "refunds": "NotRequired[Union[str, None]]",
        "request": "str",
        "seq": "int",
        "transaction": "str",
    },
)

SignedStatement = TypedDict(
    "SignedStatement",
    {
        "key_id": "str",
        "public_key": "str",
        "signature": "str",
        "statement": "Dict[str, Any]",
    },
)

SigningKey = TypedDict(
    "SigningKey",
    {
        "algorithm": "str",
        "created_at": "Moment",
        "key_id": "str",
        "public_key": "str",
        "retired_at": "NotRequired[Union[Moment, None]]",
    },
)

SigningKeys = TypedDict(
    "SigningKeys",
    {
        "keys": "List[SigningKey]",
    },
)

StatementMonth = TypedDict(
    "StatementMonth",
    {
        "complete": "bool",
        "month": "str",
        "url": "str",
    },
)

Statements = TypedDict(
    "Statements",
    {
        "account_id": "str",
        "statements": "List[StatementMonth]",
    },
)

Status = TypedDict(
    "Status",
    {
        "last_round": "NotRequired[Union[Round, None]]",
        "laws": "List[LawStatus]",
        "status": "str",
    },
)

StoredVerification = TypedDict(
    "StoredVerification",
    {
        "account_id": "str",
        "answer": "Verification",
        "duration_us": "int",
        "proof_data": "Dict[str, Any]",
        "shared_at": "NotRequired[Union[Moment, None]]",
        "solver": "str",
        "verified_at": "Moment",
    },
)

StripeEvent = TypedDict(
    "StripeEvent",
    {
        "api_version": "NotRequired[Union[str, None]]",
        "attempts": "int",
        "note": "str",
        "payment_intent": "NotRequired[Union[str, None]]",
        "purchase_id": "NotRequired[Union[str, None]]",
        "received_at": "Moment",
        "replayed_at": "NotRequired[Union[Moment, None]]",
        "replays": "int",
        "state": "str",
        "stripe_event_id": "str",
        "type": "str",
    },
)

StripeEventDetail = TypedDict(
    "StripeEventDetail",
    {
        "event": "StripeEvent",
        "payload": "Dict[str, Any]",
    },
)

StripeEventReplay = TypedDict(
    "StripeEventReplay",
    {
        "event": "StripeEvent",
        "replayed": "bool",
    },
)

StripeEvents = TypedDict(
    "StripeEvents",
    {
        "events": "List[StripeEvent]",
        "next_cursor": "NotRequired[Union[str, None]]",
    },
)

Subscription = TypedDict(
    "Subscription",
    {
        "amount": "int",
        "cancel_at_period_end": "bool",
        "checkout_url": "NotRequired[Union[str, None]]",
        "invoice_url": "NotRequired[Union[str, None]]",
        "paid_until": "NotRequired[Union[Moment, None]]",
        "state": "str",
        "subscription_id": "str",
        "tier": "str",
        "tier_until": "NotRequired[Union[Moment, None]]",
    },
)

SubscriptionCheckout = TypedDict(
    "SubscriptionCheckout",
    {
        "amount": "int",
        "checkout_url": "str",
        "subscription_id": "str",
    },
)

Suspension = TypedDict(
    "Suspension",
    {
        "account_id": "str",
        "at": "NotRequired[Union[Moment, None]]",
        "reason": "NotRequired[Union[str, None]]",
        "suspended": "bool",
    },
)

ThresholdCredits: TypeAlias = "int"

TierChange = TypedDict(
    "TierChange",
    {
        "account_id": "str",
        "tier": "TierName",
    },
)

TierName: TypeAlias = "Literal[\"free\", \"developer\", \"fintech\", \"enterprise\"]"

TransactionBatch: TypeAlias = "Dict[str, Any]"

TransactionBatchReport = TypedDict(
    "TransactionBatchReport",
    {
        "at": "Moment",
        "batch_id": "str",
        "credits_charged": "int",
        "credits_remaining": "int",
        "receipt": "NotRequired[Union[Receipt, None]]",
        "replayed": "bool",
        "report": "Dict[str, Any]",
        "result": "bool",
        "success": "bool",
        "verdict": "str",
    },
)

TransactionBatchSummary = TypedDict(
    "TransactionBatchSummary",
    {
        "applied": "int",
        "at": "Moment",
        "batch_id": "str",
        "credits_charged": "int",
        "refused": "int",
        "transactions": "int",
        "verdict": "str",
    },
)

TransactionBatches = TypedDict(
    "TransactionBatches",
    {
        "account_id": "str",
        "batches": "List[TransactionBatchSummary]",
        "next_cursor": "NotRequired[Union[str, None]]",
    },
)

TtlSeconds: TypeAlias = "int"

Usage = TypedDict(
    "Usage",
    {
        "account_id": "str",
        "average_daily_spend": "float",
        "current_balance": "int",
        "customer_name": "str",
        "period_days": "int",
        "tier": "TierName",
        "total_credits_spent": "int",
        "transaction_count": "int",
        "usage_by_operation": "Dict[str, OperationTotal]",
    },
)

UsageBreakdown = TypedDict(
    "UsageBreakdown",
    {
        "account_id": "str",
        "first_day": "str",
        "period_days": "int",
        "rows": "List[UsageRow]",
        "total_charges": "int",
        "total_credits": "int",
        "total_quantity": "int",
        "zone": "str",
    },
)

UsageRow = TypedDict(
    "UsageRow",
    {
        "charges": "int",
        "credits": "int",
        "day": "str",
        "key_id": "NotRequired[Union[str, None]]",
        "operation": "OperationName",
        "quantity": "int",
    },
)

Verification = TypedDict(
    "Verification",
    {
        "counterexample": "NotRequired[Union[List[Dict[str, Any]], None]]",
        "credits_charged": "int",
        "credits_remaining": "int",
        "evidence": "Dict[str, Any]",
        "limits": "NotRequired[Union[Dict[str, Any], None]]",
        "message": "str",
        "program_hash": "str",
        "receipt": "NotRequired[Union[Receipt, None]]",
        "replayed": "bool",
        "result": "bool",
        "reused": "bool",
        "success": "bool",
        "verdict": "str",
        "verification_id": "str",
    },
)

VerificationAgain = TypedDict(
    "VerificationAgain",
    {
        "answer": "Verification",
        "first_verification_id": "str",
        "same_verdict": "bool",
    },
)

VerificationListed = TypedDict(
    "VerificationListed",
    {
        "credits_charged": "int",
        "program_hash": "str",
        "proof_data": "Dict[str, Any]",
        "result": "bool",
        "verdict": "str",
        "verification_id": "str",
        "verified_at": "Moment",
    },
)

VerificationUnbilled: TypeAlias = "Dict[str, Any]"

Verifications = TypedDict(
    "Verifications",
    {
        "account_id": "str",
        "next_cursor": "NotRequired[Union[str, None]]",
        "verifications": "List[VerificationListed]",
    },
)

Webhook = TypedDict(
    "Webhook",
    {
        "account_id": "str",
        "created_at": "Moment",
        "description": "str",
        "events": "List[str]",
        "failing_since": "NotRequired[Union[Moment, None]]",
        "former_secret_until": "NotRequired[Union[Moment, None]]",
        "state": "str",
        "stopped_at": "NotRequired[Union[Moment, None]]",
        "url": "str",
        "webhook_id": "str",
    },
)

WebhookAttempt = TypedDict(
    "WebhookAttempt",
    {
        "answer": "str",
        "at": "Moment",
        "failure": "str",
        "number": "int",
        "status": "NotRequired[Union[int, None]]",
        "took_ms": "int",
    },
)

WebhookChange = TypedDict(
    "WebhookChange",
    {
        "description": "NotRequired[str]",
        "enabled": "NotRequired[Union[bool, None]]",
        "events": "NotRequired[List[EventType]]",
        "url": "str",
    },
)

WebhookDeliveries = TypedDict(
    "WebhookDeliveries",
    {
        "deliveries": "List[WebhookDelivery]",
        "next_cursor": "NotRequired[Union[str, None]]",
        "webhook_id": "str",
    },
)

WebhookDelivery = TypedDict(
    "WebhookDelivery",
    {
        "attempts": "int",
        "event_id": "str",
        "happened_at": "Moment",
        "next_attempt_at": "NotRequired[Union[Moment, None]]",
        "state": "str",
        "type": "str",
    },
)

WebhookDeliveryDetail = TypedDict(
    "WebhookDeliveryDetail",
    {
        "attempts": "List[WebhookAttempt]",
        "delivery": "WebhookDelivery",
        "payload": "Dict[str, Any]",
    },
)

WebhookMade = TypedDict(
    "WebhookMade",
    {
        "replayed": "bool",
        "secret": "NotRequired[Union[str, None]]",
        "webhook": "Webhook",
    },
)

WebhookReceived = TypedDict(
    "WebhookReceived",
    {
        "status": "str",
    },
)

WebhookRotation = TypedDict(
    "WebhookRotation",
    {
        "overlap_hours": "NotRequired[Union[int, None]]",
    },
)

WebhookTest = TypedDict(
    "WebhookTest",
    {
        "event_id": "str",
    },
)

Webhooks = TypedDict(
    "Webhooks",
    {
        "account_id": "str",
        "webhooks": "List[Webhook]",
    },
)


class Aethel(Transport):
    """Every operation of the API, one method each."""

    def add_recurring_grant(self, body: NewRecurringGrant, *, idempotency_key: Union[str, None] = None) -> RecurringGrant:
        """Gives credits again and again. Operators only."""
        return self.call("POST", "/api/billing/recurring-grants", body=body, idempotency_key=idempotency_key, idempotent=True)

    def adjust(self, body: NewAdjustment, *, idempotency_key: Union[str, None] = None) -> Adjustment:
        """Brings credits in or takes them out. Operators only; never below zero."""
        return self.call("POST", "/api/billing/adjustments", body=body, idempotency_key=idempotency_key, idempotent=True)

    def ask_oracle(self, body: NewOracleQuery, *, idempotency_key: Union[str, None] = None) -> OracleAnswered:
        """Asks whether a law holds, for which values, what transitions keep, and how far observations drift."""
        return self.call("POST", "/api/oracle", body=body, idempotency_key=idempotency_key, idempotent=True)

    def buy_package(self, body: PackageOrder, *, idempotency_key: Union[str, None] = None) -> Union[PurchaseMade, PurchaseUnderWay]:
        """Buys a package with the saved card. Without one, 402 with a `checkout_url`."""
        return self.call("POST", "/api/billing/purchase", body=body, idempotency_key=idempotency_key, idempotent=True)

    def cancel_subscription(self, account_id: str, *, idempotency_key: Union[str, None] = None) -> AccountSubscription:
        """Ends the subscription with the paid period. Until then the tier stays."""
        return self.call("POST", f"/api/billing/subscriptions/{quote(account_id)}/cancel", idempotency_key=idempotency_key, idempotent=True)

    def capture_hold(self, hold_id: str, body: NewCapture, *, idempotency_key: Union[str, None] = None) -> HoldSettled:
        """Spends what a hold set aside, or less; the rest goes back in the same step."""
        return self.call("POST", f"/api/billing/holds/{quote(hold_id)}/capture", body=body, idempotency_key=idempotency_key, idempotent=True)

    def charge(self, body: NewCharge, *, idempotency_key: Union[str, None] = None) -> Charge:
        """Charges an operation at the account's price."""
        return self.call("POST", "/api/billing/charges", body=body, idempotency_key=idempotency_key, idempotent=True)

    def charge_batch(self, body: NewBatch, *, idempotency_key: Union[str, None] = None) -> Batch:
        """Charges up to 1,000 operations, all or none of them (`atomic`) or each for itself (`best_effort`)."""
        return self.call("POST", "/api/billing/charges/batch", body=body, idempotency_key=idempotency_key, idempotent=True)

    def confirm_purchase(self, body: ConfirmationOrder, *, idempotency_key: Union[str, None] = None) -> Confirmation:
        """Where the customer confirms a payment by saved card that the bank wants confirmed (3-D Secure). The same payment goes on; there is never a second one beside it."""
        return self.call("POST", "/api/billing/purchase/confirm", body=body, idempotency_key=idempotency_key, idempotent=True)

    def create_key(self, body: NewApiKey, *, idempotency_key: Union[str, None] = None) -> ApiKeyMade:
        """Makes a key, and shows its secret this once. No key makes one that may do more than itself, outlives it, or spends beside its budget."""
        return self.call("POST", "/api/keys", body=body, idempotency_key=idempotency_key, idempotent=True)

    def create_webhook(self, body: NewWebhook, *, idempotency_key: Union[str, None] = None) -> WebhookMade:
        """Makes an endpoint, and shows its secret this once."""
        return self.call("POST", "/api/webhooks", body=body, idempotency_key=idempotency_key, idempotent=True)

    def end_recurring_grant(self, account_id: str, recurring_grant_id: str, *, idempotency_key: Union[str, None] = None) -> RecurringGrant:
        """Ends a recurring grant: what was due before still comes, nothing after. Operators only."""
        return self.call("DELETE", f"/api/billing/recurring-grants/{quote(account_id)}/{quote(recurring_grant_id)}", idempotency_key=idempotency_key, idempotent=True)

    def end_share(self, account_id: str, answer_id: str, *, idempotency_key: Union[str, None] = None) -> None:
        """Ends an answer's public link, at once and on every server."""
        return self.call("DELETE", f"/api/shares/{quote(account_id)}/{quote(answer_id)}", idempotency_key=idempotency_key, idempotent=True)

    def export_entries(self, account_id: str, *, format_: Union[str, None] = None) -> str:
        """Writes the whole ledger, oldest entry first."""
        return self.call("GET", f"/api/billing/entries/{quote(account_id)}/export", query={"format": format_}, text=True)

    def export_grants(self, account_id: str, *, format_: Union[str, None] = None) -> str:
        """Writes every grant, newest first."""
        return self.call("GET", f"/api/billing/grants/{quote(account_id)}/export", query={"format": format_}, text=True)

    def export_observations(self, account_id: str, monitor_id: str) -> str:
        """Writes all observations as a table, oldest first."""
        return self.call("GET", f"/api/monitors/{quote(account_id)}/{quote(monitor_id)}/export", text=True)

    def export_reconciliation(self, reconciliation_id: str) -> str:
        """Reads a run's differences as a table. Operators only."""
        return self.call("GET", f"/api/office/reconciliations/{quote(reconciliation_id)}/export", text=True)

    def export_usage(self, account_id: str, *, format_: Union[str, None] = None, days: Union[int, None] = None, zone: Union[str, None] = None, operation: Union[str, None] = None, key: Union[str, None] = None) -> str:
        """Writes usage by day, operation and key."""
        return self.call("GET", f"/api/billing/usage/{quote(account_id)}/export", query={"format": format_, "days": days, "zone": zone, "operation": operation, "key": key}, text=True)

    def extend_monitor(self, account_id: str, monitor_id: str, body: MoreHours, *, idempotency_key: Union[str, None] = None) -> Monitor:
        """Adds hours; a monitor that was paused or has ended runs again."""
        return self.call("POST", f"/api/monitors/{quote(account_id)}/{quote(monitor_id)}/extend", body=body, idempotency_key=idempotency_key, idempotent=True)

    def find_customers(self, *, query: Union[str, None] = None, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Customers:
        """Finds customers by a part of their name, by their id, or by a member's e-mail address. Operators only."""
        return self.call("GET", "/api/office/customers", query={"query": query, "cursor": cursor, "limit": limit})

    def each_find_customers(self, *, query: Union[str, None] = None, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[Customer]:
        """Every item of `find_customers`, page after page."""
        while True:
            page = self.find_customers(query=query, cursor=cursor, limit=limit)
            yield from page["customers"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def get_printed_statement(self, account_id: str, month: str) -> str:
        """Reads the statement of a month, to print and to file. The signed file beside it says the same and proves it."""
        return self.call("GET", f"/api/billing/statements/{quote(account_id)}/{quote(month)}/statement.pdf", text=True)

    def get_purchase_receipt(self, purchase_id: str) -> str:
        """Reads the receipt of a paid purchase, to print and to file."""
        return self.call("GET", f"/api/billing/purchases/{quote(purchase_id)}/receipt.pdf", text=True)

    def get_receipt(self, transaction_id: str) -> SignedReceipt:
        """Reads the signed receipt of an entry. The same entry has the same receipt for as long as the key signs."""
        return self.call("GET", f"/api/billing/receipts/{quote(transaction_id)}")

    def get_statement(self, account_id: str, month: str) -> SignedStatement:
        """Reads the signed statement of a month: the file that `aethel verify-statement` checks."""
        return self.call("GET", f"/api/billing/statements/{quote(account_id)}/{quote(month)}")

    def get_status(self) -> Status:
        """Reads whether the ledger's laws hold. Needs no key."""
        return self.call("GET", "/api/status")

    def grant(self, body: NewGrant, *, idempotency_key: Union[str, None] = None) -> Grant:
        """Gives credits to an account. Operators only."""
        return self.call("POST", "/api/billing/grants", body=body, idempotency_key=idempotency_key, idempotent=True)

    def invite_member(self, body: NewInvitation, *, idempotency_key: Union[str, None] = None) -> InvitationMade:
        """Mails an invitation, which lasts a week; an earlier one to the same address no longer counts."""
        return self.call("POST", "/api/invitations", body=body, idempotency_key=idempotency_key, idempotent=True)

    def list_all_purchases(self, *, state: Union[str, None] = None, account_id: Union[str, None] = None, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> AllPurchases:
        """Reads purchases of every account, newest first. Operators only."""
        return self.call("GET", "/api/office/purchases", query={"state": state, "account_id": account_id, "cursor": cursor, "limit": limit})

    def each_all_purchases(self, *, state: Union[str, None] = None, account_id: Union[str, None] = None, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[AnyPurchase]:
        """Every item of `list_all_purchases`, page after page."""
        while True:
            page = self.list_all_purchases(state=state, account_id=account_id, cursor=cursor, limit=limit)
            yield from page["purchases"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_audit_log(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> AuditEvents:
        """Reads who did what on the account, newest first."""
        return self.call("GET", f"/api/audit-log/{quote(account_id)}", query={"cursor": cursor, "limit": limit})

    def each_audit_log(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[AuditEvent]:
        """Every item of `list_audit_log`, page after page."""
        while True:
            page = self.list_audit_log(account_id, cursor=cursor, limit=limit)
            yield from page["events"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_batches(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> TransactionBatches:
        """Lists the account's batches, newest first."""
        return self.call("GET", f"/api/batches/{quote(account_id)}", query={"cursor": cursor, "limit": limit})

    def each_batches(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[TransactionBatchSummary]:
        """Every item of `list_batches`, page after page."""
        while True:
            page = self.list_batches(account_id, cursor=cursor, limit=limit)
            yield from page["batches"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_entries(self, account_id: str, *, cursor: Union[int, None] = None, before: Union[int, None] = None, limit: Union[int, None] = None) -> Entries:
        """Reads the ledger, newest entry first."""
        return self.call("GET", f"/api/billing/entries/{quote(account_id)}", query={"cursor": cursor, "before": before, "limit": limit})

    def each_entries(self, account_id: str, *, cursor: Union[int, None] = None, before: Union[int, None] = None, limit: Union[int, None] = None) -> Iterator[Entry]:
        """Every item of `list_entries`, page after page."""
        while True:
            page = self.list_entries(account_id, cursor=cursor, before=before, limit=limit)
            yield from page["entries"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_grants(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> GrantLots:
        """Reads the grants, newest first."""
        return self.call("GET", f"/api/billing/grants/{quote(account_id)}", query={"cursor": cursor, "limit": limit})

    def each_grants(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[GrantLot]:
        """Every item of `list_grants`, page after page."""
        while True:
            page = self.list_grants(account_id, cursor=cursor, limit=limit)
            yield from page["grants"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_keys(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> ApiKeys:
        """Reads the account's keys."""
        return self.call("GET", f"/api/keys/{quote(account_id)}", query={"cursor": cursor, "limit": limit})

    def each_keys(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[ApiKey]:
        """Every item of `list_keys`, page after page."""
        while True:
            page = self.list_keys(account_id, cursor=cursor, limit=limit)
            yield from page["keys"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_members(self, account_id: str) -> Members:
        """Reads who belongs to the account, the longest there first, and who is invited."""
        return self.call("GET", f"/api/members/{quote(account_id)}")

    def list_monitor_alerts(self, account_id: str, monitor_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> MonitorAlerts:
        """Reads what a monitor told, newest first."""
        return self.call("GET", f"/api/monitors/{quote(account_id)}/{quote(monitor_id)}/alerts", query={"cursor": cursor, "limit": limit})

    def each_monitor_alerts(self, account_id: str, monitor_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[MonitorAlert]:
        """Every item of `list_monitor_alerts`, page after page."""
        while True:
            page = self.list_monitor_alerts(account_id, monitor_id, cursor=cursor, limit=limit)
            yield from page["alerts"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_monitors(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Monitors:
        """Lists the account's monitors, newest first."""
        return self.call("GET", f"/api/monitors/{quote(account_id)}", query={"cursor": cursor, "limit": limit})

    def each_monitors(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[Monitor]:
        """Every item of `list_monitors`, page after page."""
        while True:
            page = self.list_monitors(account_id, cursor=cursor, limit=limit)
            yield from page["monitors"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_observations(self, account_id: str, monitor_id: str, *, cursor: Union[int, None] = None, before: Union[int, None] = None, limit: Union[int, None] = None) -> Observations:
        """Reads the observations, newest first."""
        return self.call("GET", f"/api/monitors/{quote(account_id)}/{quote(monitor_id)}/observations", query={"cursor": cursor, "before": before, "limit": limit})

    def each_observations(self, account_id: str, monitor_id: str, *, cursor: Union[int, None] = None, before: Union[int, None] = None, limit: Union[int, None] = None) -> Iterator[Observation]:
        """Every item of `list_observations`, page after page."""
        while True:
            page = self.list_observations(account_id, monitor_id, cursor=cursor, before=before, limit=limit)
            yield from page["observations"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_oracle_queries(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> OracleQueries:
        """Lists the account's questions, newest first."""
        return self.call("GET", f"/api/oracle/{quote(account_id)}", query={"cursor": cursor, "limit": limit})

    def each_oracle_queries(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[OracleQuerySummary]:
        """Every item of `list_oracle_queries`, page after page."""
        while True:
            page = self.list_oracle_queries(account_id, cursor=cursor, limit=limit)
            yield from page["queries"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_payment_methods(self, account_id: str) -> PaymentMethods:
        """Reads the saved cards, as Stripe keeps them: at most 100."""
        return self.call("GET", f"/api/billing/payment-methods/{quote(account_id)}")

    def list_prices(self, *, version: Union[int, None] = None) -> Prices:
        """Reads the price book in force, or the one of a version that was. Needs no key."""
        return self.call("GET", "/api/billing/prices", query={"version": version})

    def list_purchases(self, account_id: str, *, cursor: Union[str, None] = None, before: Union[str, None] = None, limit: Union[int, None] = None) -> Purchases:
        """Reads the account's purchases."""
        return self.call("GET", f"/api/billing/purchases/{quote(account_id)}", query={"cursor": cursor, "before": before, "limit": limit})

    def each_purchases(self, account_id: str, *, cursor: Union[str, None] = None, before: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[Purchase]:
        """Every item of `list_purchases`, page after page."""
        while True:
            page = self.list_purchases(account_id, cursor=cursor, before=before, limit=limit)
            yield from page["purchases"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_reconciliation_differences(self, reconciliation_id: str, *, cursor: Union[int, None] = None, limit: Union[int, None] = None) -> ReconciliationDifferences:
        """Reads what differs, the gravest first. Operators only."""
        return self.call("GET", f"/api/office/reconciliations/{quote(reconciliation_id)}/differences", query={"cursor": cursor, "limit": limit})

    def each_reconciliation_differences(self, reconciliation_id: str, *, cursor: Union[int, None] = None, limit: Union[int, None] = None) -> Iterator[ReconciliationDifference]:
        """Every item of `list_reconciliation_differences`, page after page."""
        while True:
            page = self.list_reconciliation_differences(reconciliation_id, cursor=cursor, limit=limit)
            yield from page["differences"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_reconciliations(self, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Reconciliations:
        """Reads the runs, newest first. Operators only."""
        return self.call("GET", "/api/office/reconciliations", query={"cursor": cursor, "limit": limit})

    def each_reconciliations(self, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[Reconciliation]:
        """Every item of `list_reconciliations`, page after page."""
        while True:
            page = self.list_reconciliations(cursor=cursor, limit=limit)
            yield from page["reconciliations"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_recurring_grants(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> RecurringGrants:
        """Reads the account's recurring grants."""
        return self.call("GET", f"/api/billing/recurring-grants/{quote(account_id)}", query={"cursor": cursor, "limit": limit})

    def each_recurring_grants(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[RecurringGrant]:
        """Every item of `list_recurring_grants`, page after page."""
        while True:
            page = self.list_recurring_grants(account_id, cursor=cursor, limit=limit)
            yield from page["recurring_grants"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_shares(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Shares:
        """Lists the account's answers that have a public link."""
        return self.call("GET", f"/api/shares/{quote(account_id)}", query={"cursor": cursor, "limit": limit})

    def each_shares(self, account_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[Share]:
        """Every item of `list_shares`, page after page."""
        while True:
            page = self.list_shares(account_id, cursor=cursor, limit=limit)
            yield from page["shares"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_signing_keys(self) -> SigningKeys:
        """Reads the keys that receipts and statements are signed with. Needs no key."""
        return self.call("GET", "/api/billing/signing-keys")

    def list_statements(self, account_id: str) -> Statements:
        """Lists the months that an account has statements for."""
        return self.call("GET", f"/api/billing/statements/{quote(account_id)}")

    def list_stripe_events(self, *, state: Union[str, None] = None, type_: Union[str, None] = None, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> StripeEvents:
        """Reads Stripe's events, newest first. Operators only."""
        return self.call("GET", "/api/office/events", query={"state": state, "type": type_, "cursor": cursor, "limit": limit})

    def each_stripe_events(self, *, state: Union[str, None] = None, type_: Union[str, None] = None, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[StripeEvent]:
        """Every item of `list_stripe_events`, page after page."""
        while True:
            page = self.list_stripe_events(state=state, type_=type_, cursor=cursor, limit=limit)
            yield from page["events"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_verifications(self, *, account_id: str, verdict: Union[str, None] = None, program_hash: Union[str, None] = None, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Verifications:
        """Lists an account's verifications, newest first."""
        return self.call("GET", "/api/verifications", query={"account_id": account_id, "verdict": verdict, "program_hash": program_hash, "cursor": cursor, "limit": limit})

    def each_verifications(self, *, account_id: str, verdict: Union[str, None] = None, program_hash: Union[str, None] = None, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[VerificationListed]:
        """Every item of `list_verifications`, page after page."""
        while True:
            page = self.list_verifications(account_id=account_id, verdict=verdict, program_hash=program_hash, cursor=cursor, limit=limit)
            yield from page["verifications"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_webhook_deliveries(self, account_id: str, webhook_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> WebhookDeliveries:
        """Reads what was sent to an endpoint in the last thirty days, newest first."""
        return self.call("GET", f"/api/webhooks/{quote(account_id)}/{quote(webhook_id)}/deliveries", query={"cursor": cursor, "limit": limit})

    def each_webhook_deliveries(self, account_id: str, webhook_id: str, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[WebhookDelivery]:
        """Every item of `list_webhook_deliveries`, page after page."""
        while True:
            page = self.list_webhook_deliveries(account_id, webhook_id, cursor=cursor, limit=limit)
            yield from page["deliveries"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def list_webhooks(self, account_id: str) -> Webhooks:
        """Reads the account's endpoints."""
        return self.call("GET", f"/api/webhooks/{quote(account_id)}")

    def list_whole_audit_log(self, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> OfficeAuditEvents:
        """Reads who did what, on every account and beside them, newest first. Operators only."""
        return self.call("GET", "/api/office/audit-log", query={"cursor": cursor, "limit": limit})

    def each_whole_audit_log(self, *, cursor: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[AuditEvent]:
        """Every item of `list_whole_audit_log`, page after page."""
        while True:
            page = self.list_whole_audit_log(cursor=cursor, limit=limit)
            yield from page["events"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def observe(self, account_id: str, monitor_id: str, body: NewObservations, *, idempotency_key: Union[str, None] = None) -> Observed:
        """Sends observations, each of which gets its verdict."""
        return self.call("POST", f"/api/monitors/{quote(account_id)}/{quote(monitor_id)}/observations", body=body, idempotency_key=idempotency_key, idempotent=True)

    def open_account(self, body: NewAccount, *, idempotency_key: Union[str, None] = None) -> Account:
        """Opens an account. Operators only; a free account starts with 10 credits."""
        return self.call("POST", "/api/billing/account", body=body, idempotency_key=idempotency_key, idempotent=True)

    def open_payment_method_page(self, body: PageOrder, *, idempotency_key: Union[str, None] = None) -> Page:
        """Opens Stripe's page for saving a card; once it is saved it is the one that is charged."""
        return self.call("POST", "/api/billing/payment-methods/setup", body=body, idempotency_key=idempotency_key, idempotent=True)

    def open_portal(self, body: PageOrder, *, idempotency_key: Union[str, None] = None) -> Page:
        """Opens Stripe's customer portal: invoices, cards and the subscription."""
        return self.call("POST", "/api/billing/portal", body=body, idempotency_key=idempotency_key, idempotent=True)

    def place_hold(self, body: NewHold, *, idempotency_key: Union[str, None] = None) -> HoldPlaced:
        """Sets credits aside at the account's price."""
        return self.call("POST", "/api/billing/holds", body=body, idempotency_key=idempotency_key, idempotent=True)

    def quote(self, body: NewQuote, *, idempotency_key: Union[str, None] = None) -> Quote:
        """Promises the account's present price for a quarter of an hour. Moves nothing."""
        return self.call("POST", "/api/billing/quotes", body=body, idempotency_key=idempotency_key, idempotent=True)

    def read_account(self, account_id: str) -> AccountInFull:
        """Reads the account."""
        return self.call("GET", f"/api/billing/account/{quote(account_id)}")

    def read_alerts(self, account_id: str) -> Alerts:
        """Reads what the account's members are told."""
        return self.call("GET", f"/api/billing/alerts/{quote(account_id)}")

    def read_any_purchase(self, purchase_id: str) -> AnyPurchaseDetail:
        """Reads one purchase, whosever it is. Operators only."""
        return self.call("GET", f"/api/office/purchases/{quote(purchase_id)}")

    def read_auto_topup(self, account_id: str) -> AutoTopUp:
        """Reads the rule for automatic purchases."""
        return self.call("GET", f"/api/billing/auto-topup/{quote(account_id)}")

    def read_balance(self, account_id: str) -> Balance:
        """Reads the credits that can be spent now."""
        return self.call("GET", f"/api/billing/balance/{quote(account_id)}")

    def read_balance_at(self, account_id: str, *, time: str) -> BalanceAt:
        """Reads the credits that could be spent at a moment."""
        return self.call("GET", f"/api/billing/balance/{quote(account_id)}/at", query={"time": time})

    def read_batch(self, account_id: str, batch_id: str) -> TransactionBatch:
        """Reads a batch and its report again."""
        return self.call("GET", f"/api/batches/{quote(account_id)}/{quote(batch_id)}")

    def read_budgets(self, account_id: str) -> Budgets:
        """Reads the budgets and what is spent or held of each."""
        return self.call("GET", f"/api/billing/budgets/{quote(account_id)}")

    def read_forecast(self, account_id: str) -> Forecast:
        """Reads how long the credits last."""
        return self.call("GET", f"/api/billing/forecast/{quote(account_id)}")

    def read_hold(self, hold_id: str) -> Hold:
        """Reads a hold."""
        return self.call("GET", f"/api/billing/holds/{quote(hold_id)}")

    def read_monitor(self, account_id: str, monitor_id: str) -> Monitor:
        """Reads a monitor."""
        return self.call("GET", f"/api/monitors/{quote(account_id)}/{quote(monitor_id)}")

    def read_monitor_report(self, account_id: str, monitor_id: str, *, window: Union[str, None] = None, days: Union[int, None] = None) -> MonitorReport:
        """Reports what a monitor has seen, by hour or by UTC day: the newest 50,000 observations of the span."""
        return self.call("GET", f"/api/monitors/{quote(account_id)}/{quote(monitor_id)}/report", query={"window": window, "days": days})

    def read_oracle_query(self, account_id: str, query_id: str) -> OracleQueryAnswered:
        """Reads a question and its answer again."""
        return self.call("GET", f"/api/oracle/{quote(account_id)}/{quote(query_id)}")

    def read_reconciliation(self, reconciliation_id: str) -> Reconciliation:
        """Reads one run with its sums. Operators only."""
        return self.call("GET", f"/api/office/reconciliations/{quote(reconciliation_id)}")

    def read_stripe_event(self, stripe_event_id: str) -> StripeEventDetail:
        """Reads one event with its payload. Operators only."""
        return self.call("GET", f"/api/office/events/{quote(stripe_event_id)}")

    def read_subscription(self, account_id: str) -> AccountSubscription:
        """Reads the account's subscription."""
        return self.call("GET", f"/api/billing/subscriptions/{quote(account_id)}")

    def read_suspension(self, account_id: str) -> Suspension:
        """Reads whether an account may spend, and what the operator wrote."""
        return self.call("GET", f"/api/billing/suspensions/{quote(account_id)}")

    def read_usage(self, account_id: str, *, days: Union[int, None] = None, zone: Union[str, None] = None) -> Usage:
        """Reads what was spent in the last days."""
        return self.call("GET", f"/api/billing/usage/{quote(account_id)}", query={"days": days, "zone": zone})

    def read_usage_breakdown(self, account_id: str, *, days: Union[int, None] = None, zone: Union[str, None] = None, operation: Union[OperationName, None] = None, key: Union[str, None] = None) -> UsageBreakdown:
        """Reads what was spent by day, operation and key."""
        return self.call("GET", f"/api/billing/usage/{quote(account_id)}/breakdown", query={"days": days, "zone": zone, "operation": operation, "key": key})

    def read_verification(self, verification_id: str) -> StoredVerification:
        """Reads a verification with its evidence."""
        return self.call("GET", f"/api/verifications/{quote(verification_id)}")

    def read_webhook(self, account_id: str, webhook_id: str) -> Webhook:
        """Reads one endpoint."""
        return self.call("GET", f"/api/webhooks/{quote(account_id)}/{quote(webhook_id)}")

    def read_webhook_delivery(self, account_id: str, webhook_id: str, event_id: str) -> WebhookDeliveryDetail:
        """Reads one delivery with its body and its attempts."""
        return self.call("GET", f"/api/webhooks/{quote(account_id)}/{quote(webhook_id)}/deliveries/{quote(event_id)}")

    def reconcile(self, *, idempotency_key: Union[str, None] = None) -> Reconciliation:
        """Compares Stripe's books of the last 30 days with ours, and waits some seconds for the result. While another run is under way, that one is answered. Operators only."""
        return self.call("POST", "/api/office/reconciliations", idempotency_key=idempotency_key, idempotent=True)

    def refund(self, body: NewRefund, *, idempotency_key: Union[str, None] = None) -> Refund:
        """Gives spent credits back into the grants they came from. Operators only."""
        return self.call("POST", "/api/billing/refunds", body=body, idempotency_key=idempotency_key, idempotent=True)

    def refund_purchase(self, body: NewPurchaseRefund, *, idempotency_key: Union[str, None] = None) -> PurchaseRefund:
        """Gives a purchase's money back, never more than is left of it; the credits follow. Operators only."""
        return self.call("POST", "/api/billing/purchase-refunds", body=body, idempotency_key=idempotency_key, idempotent=True)

    def release_hold(self, hold_id: str, body: NewRelease, *, idempotency_key: Union[str, None] = None) -> HoldSettled:
        """Gives back what a hold set aside."""
        return self.call("POST", f"/api/billing/holds/{quote(hold_id)}/release", body=body, idempotency_key=idempotency_key, idempotent=True)

    def remove_member(self, account_id: str, user_id: str, *, idempotency_key: Union[str, None] = None) -> None:
        """Takes a member out of the account, with their sessions, at once. Keys that they made stay until they are revoked, and look after no members any more."""
        return self.call("DELETE", f"/api/members/{quote(account_id)}/{quote(user_id)}", idempotency_key=idempotency_key, idempotent=True)

    def remove_payment_method(self, account_id: str, payment_method: str, *, idempotency_key: Union[str, None] = None) -> PaymentMethods:
        """Removes a saved card. If it was the default, no card is charged until another one is chosen."""
        return self.call("DELETE", f"/api/billing/payment-methods/{quote(account_id)}/{quote(payment_method)}", idempotency_key=idempotency_key, idempotent=True)

    def remove_webhook(self, account_id: str, webhook_id: str, *, idempotency_key: Union[str, None] = None) -> None:
        """Removes an endpoint. What waits for it is not sent."""
        return self.call("DELETE", f"/api/webhooks/{quote(account_id)}/{quote(webhook_id)}", idempotency_key=idempotency_key, idempotent=True)

    def rename_account(self, account_id: str, body: AccountChange, *, idempotency_key: Union[str, None] = None) -> AccountInFull:
        """Calls the account something else. Entries and signed statements stay as they are."""
        return self.call("PUT", f"/api/billing/account/{quote(account_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def repair_difference(self, reconciliation_id: str, number: str, *, idempotency_key: Union[str, None] = None) -> ReconciliationDifference:
        """Has a difference repaired: what Stripe says now about the payment is heard as if its webhook had come. Nothing that was done is done twice, so any number of repairs is safe. Operators only."""
        return self.call("POST", f"/api/office/reconciliations/{quote(reconciliation_id)}/differences/{quote(number)}/repair", idempotency_key=idempotency_key, idempotent=True)

    def replay_stripe_event(self, stripe_event_id: str, *, idempotency_key: Union[str, None] = None) -> StripeEventReplay:
        """Works an event off again, by the same road as the first time. Nothing that it did is done twice, and one that is done stays as it is, so any number of replays is safe. Operators only."""
        return self.call("POST", f"/api/office/events/{quote(stripe_event_id)}/replay", idempotency_key=idempotency_key, idempotent=True)

    def replay_webhook_delivery(self, account_id: str, webhook_id: str, event_id: str, *, idempotency_key: Union[str, None] = None) -> WebhookDelivery:
        """Sends an event of the last thirty days to the endpoint once more."""
        return self.call("POST", f"/api/webhooks/{quote(account_id)}/{quote(webhook_id)}/deliveries/{quote(event_id)}/replay", idempotency_key=idempotency_key, idempotent=True)

    def rerun_verification(self, verification_id: str, *, idempotency_key: Union[str, None] = None) -> VerificationAgain:
        """Decides the same question again, at the price of a verification and under the limits that the first one had: what was verified under a quote has its smaller budget again."""
        return self.call("POST", f"/api/verifications/{quote(verification_id)}/rerun", idempotency_key=idempotency_key, idempotent=True)

    def resume_subscription(self, account_id: str, *, idempotency_key: Union[str, None] = None) -> AccountSubscription:
        """Has a subscription that was to end go on."""
        return self.call("POST", f"/api/billing/subscriptions/{quote(account_id)}/resume", idempotency_key=idempotency_key, idempotent=True)

    def revoke_key(self, account_id: str, key_id: str, *, idempotency_key: Union[str, None] = None) -> None:
        """Makes a key worthless, at once and on every server."""
        return self.call("DELETE", f"/api/keys/{quote(account_id)}/{quote(key_id)}", idempotency_key=idempotency_key, idempotent=True)

    def rotate_key(self, account_id: str, key_id: str, body: ApiKeyRotation, *, idempotency_key: Union[str, None] = None) -> ApiKeyMade:
        """Gives a key another secret, shown this once; the former one stays good for the chosen time."""
        return self.call("POST", f"/api/keys/{quote(account_id)}/{quote(key_id)}/rotate", body=body, idempotency_key=idempotency_key, idempotent=True)

    def rotate_webhook_secret(self, account_id: str, webhook_id: str, body: WebhookRotation, *, idempotency_key: Union[str, None] = None) -> WebhookMade:
        """Puts a new secret in force, shown this once. Until the overlap is over, events carry a signature by each."""
        return self.call("POST", f"/api/webhooks/{quote(account_id)}/{quote(webhook_id)}/rotate", body=body, idempotency_key=idempotency_key, idempotent=True)

    def save_payment_method(self, body: NewPaymentMethod, *, idempotency_key: Union[str, None] = None) -> PaymentMethod:
        """Saves a card. Saving the same one again changes nothing."""
        return self.call("POST", "/api/billing/payment-methods", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_alerts(self, account_id: str, body: NewAlerts, *, idempotency_key: Union[str, None] = None) -> Alerts:
        """Sets what the account's members are told."""
        return self.call("PUT", f"/api/billing/alerts/{quote(account_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_auto_topup(self, account_id: str, body: NewAutoTopUp, *, idempotency_key: Union[str, None] = None) -> AutoTopUp:
        """Sets the rule for automatic purchases with the saved card, or switches it off."""
        return self.call("PUT", f"/api/billing/auto-topup/{quote(account_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_budgets(self, account_id: str, body: NewBudgets, *, idempotency_key: Union[str, None] = None) -> Budgets:
        """Sets both budgets of the account."""
        return self.call("PUT", f"/api/billing/budgets/{quote(account_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_default_payment_method(self, account_id: str, body: NewDefaultPaymentMethod, *, idempotency_key: Union[str, None] = None) -> SavedPaymentMethod:
        """Has one of the saved cards charged from now on."""
        return self.call("PUT", f"/api/billing/payment-methods/{quote(account_id)}/default", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_key_budget(self, account_id: str, key_id: str, body: NewKeyBudget, *, idempotency_key: Union[str, None] = None) -> Budgets:
        """Sets the budget of one of the account's keys. What the key spent this month is counted from the start."""
        return self.call("PUT", f"/api/billing/budgets/{quote(account_id)}/keys/{quote(key_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_member_role(self, account_id: str, user_id: str, body: RoleChange, *, idempotency_key: Union[str, None] = None) -> Member:
        """Sets what a member is to the account. Owners are made and unmade by owners, and the last one stays."""
        return self.call("PUT", f"/api/members/{quote(account_id)}/{quote(user_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_tier(self, body: TierChange, *, idempotency_key: Union[str, None] = None) -> AccountInFull:
        """Sets what an account pays by. Operators only. A subscription that begins or ends later sets it again."""
        return self.call("POST", "/api/office/tiers", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_webhook(self, account_id: str, webhook_id: str, body: WebhookChange, *, idempotency_key: Union[str, None] = None) -> Webhook:
        """Sets an endpoint as a whole. Turning on what was stopped sends what waits."""
        return self.call("PUT", f"/api/webhooks/{quote(account_id)}/{quote(webhook_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def share_answer(self, body: NewShare, *, idempotency_key: Union[str, None] = None) -> ShareMade:
        """Makes a public link to an answer, and shows it this once. A link that the answer had before opens nothing any more."""
        return self.call("POST", "/api/shares", body=body, idempotency_key=idempotency_key, idempotent=True)

    def start_checkout(self, body: PackageOrder, *, idempotency_key: Union[str, None] = None) -> Checkout:
        """Starts a Stripe checkout. The credits come once Stripe says that it is paid."""
        return self.call("POST", "/api/billing/checkout", body=body, idempotency_key=idempotency_key, idempotent=True)

    def start_monitor(self, body: NewMonitor, *, idempotency_key: Union[str, None] = None) -> Monitor:
        """Starts a monitor and holds the price of its hours."""
        return self.call("POST", "/api/monitors", body=body, idempotency_key=idempotency_key, idempotent=True)

    def start_payment(self, body: PackageOrder, *, idempotency_key: Union[str, None] = None) -> PaymentIntent:
        """Starts a payment that your own page finishes with Stripe's form."""
        return self.call("POST", "/api/billing/payment-intents", body=body, idempotency_key=idempotency_key, idempotent=True)

    def start_subscription(self, body: NewSubscription, *, idempotency_key: Union[str, None] = None) -> SubscriptionCheckout:
        """Opens Stripe's page for the fintech subscription, $5,000 a month. An open page is answered again."""
        return self.call("POST", "/api/billing/subscriptions", body=body, idempotency_key=idempotency_key, idempotent=True)

    def stop_monitor(self, account_id: str, monitor_id: str, *, idempotency_key: Union[str, None] = None) -> Monitor:
        """Stops a monitor: the hour that has begun is paid, the rest is released."""
        return self.call("POST", f"/api/monitors/{quote(account_id)}/{quote(monitor_id)}/stop", idempotency_key=idempotency_key, idempotent=True)

    def stream_events(self, *, account_id: Union[str, None] = None) -> Iterator[ServerEvent]:
        """Tells the account's balance whenever it changes, and its events as they happen."""
        return self.events("/api/events", query={"account_id": account_id})

    def suspend(self, body: NewSuspension, *, idempotency_key: Union[str, None] = None) -> Suspension:
        """Suspends an account, or reopens it. Operators only. A suspended one is read and given credits, but does not spend."""
        return self.call("POST", "/api/billing/suspensions", body=body, idempotency_key=idempotency_key, idempotent=True)

    def test_webhook(self, account_id: str, webhook_id: str, *, idempotency_key: Union[str, None] = None) -> WebhookTest:
        """Sends a test event to the endpoint, whatever it wants to be told of."""
        return self.call("POST", f"/api/webhooks/{quote(account_id)}/{quote(webhook_id)}/test", idempotency_key=idempotency_key, idempotent=True)

    def verify(self, body: NewVerification, *, idempotency_key: Union[str, None] = None) -> Verification:
        """Verifies a formula or a program."""
        return self.call("POST", "/api/verify", body=body, idempotency_key=idempotency_key, idempotent=True)

    def verify_batch(self, body: Union[NewTransactionBatch, str], *, account_id: Union[str, None] = None, atomic: Union[bool, None] = None, quote_id: Union[str, None] = None, idempotency_key: Union[str, None] = None) -> TransactionBatchReport:
        """Verifies a batch of transactions against opening balances: a JSON object, or a table with the rest in the query."""
        return self.call("POST", "/api/batches", query={"account_id": account_id, "atomic": atomic, "quote_id": quote_id}, body=body, idempotency_key=idempotency_key, idempotent=True)

    def withdraw_invitation(self, account_id: str, invitation_id: str, *, idempotency_key: Union[str, None] = None) -> None:
        """Takes an invitation back that nobody has answered yet."""
        return self.call("DELETE", f"/api/invitations/{quote(account_id)}/{quote(invitation_id)}", idempotency_key=idempotency_key, idempotent=True)

    def write_off(self, body: NewWriteOff, *, idempotency_key: Union[str, None] = None) -> Adjustment:
        """Writes off what is owed for a purchase. Operators only."""
        return self.call("POST", "/api/billing/write-offs", body=body, idempotency_key=idempotency_key, idempotent=True)
