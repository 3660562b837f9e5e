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

Days: TypeAlias = "int"

Entries = TypedDict(
    "Entries",
    {
        "account_id": "str",
        "entries": "List[Entry]",
        "next_before": "NotRequired[Union[int, None]]",
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

Metadata: TypeAlias = "Union[Dict[str, Any], None]"

Moment: TypeAlias = "str"

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

NewKeyBudget = TypedDict(
    "NewKeyBudget",
    {
        "month": "NotRequired[Union[LimitCredits, None]]",
    },
)

NewPaymentMethod = TypedDict(
    "NewPaymentMethod",
    {
        "account_id": "str",
        "payment_method": "str",
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

NewSuspension = TypedDict(
    "NewSuspension",
    {
        "account_id": "str",
        "reason": "Line",
        "suspended": "bool",
    },
)

NewVerification = TypedDict(
    "NewVerification",
    {
        "account_id": "str",
        "proof_data": "Dict[str, Any]",
        "quote_id": "NotRequired[Union[str, None]]",
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
        "checkout_url": "NotRequired[Union[str, None]]",
        "created_at": "Moment",
        "credits": "int",
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

Round = TypedDict(
    "Round",
    {
        "accounts": "int",
        "ended_at": "Moment",
        "entries": "int",
        "took_ms": "int",
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

Suspension = TypedDict(
    "Suspension",
    {
        "account_id": "str",
        "at": "NotRequired[Union[Moment, None]]",
        "reason": "NotRequired[Union[str, None]]",
        "suspended": "bool",
    },
)

TierName: TypeAlias = "Literal[\"free\", \"developer\", \"fintech\", \"enterprise\"]"

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
        "message": "str",
        "program_hash": "str",
        "receipt": "NotRequired[Union[Receipt, None]]",
        "replayed": "bool",
        "result": "bool",
        "success": "bool",
        "verdict": "str",
        "verification_id": "str",
    },
)

VerificationUnbilled: TypeAlias = "Dict[str, Any]"

WebhookReceived = TypedDict(
    "WebhookReceived",
    {
        "status": "str",
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

    def buy_package(self, body: PackageOrder, *, idempotency_key: Union[str, None] = None) -> Union[PurchaseMade, PurchaseUnderWay]:
        """Buys a package with the saved card. Without one, 402 with a `checkout_url`."""
        return self.call("POST", "/api/billing/purchase", body=body, idempotency_key=idempotency_key, idempotent=True)

    def capture_hold(self, hold_id: str, body: NewCapture, *, idempotency_key: Union[str, None] = None) -> HoldSettled:
        """Spends what a hold set aside, or less; the rest goes back in the same step."""
        return self.call("POST", f"/api/billing/holds/{quote(hold_id)}/capture", body=body, idempotency_key=idempotency_key, idempotent=True)

    def charge(self, body: NewCharge, *, idempotency_key: Union[str, None] = None) -> Charge:
        """Charges an operation at the account's price."""
        return self.call("POST", "/api/billing/charges", body=body, idempotency_key=idempotency_key, idempotent=True)

    def charge_batch(self, body: NewBatch, *, idempotency_key: Union[str, None] = None) -> Batch:
        """Charges up to 1,000 operations, all or none of them (`atomic`) or each for itself (`best_effort`)."""
        return self.call("POST", "/api/billing/charges/batch", body=body, idempotency_key=idempotency_key, idempotent=True)

    def end_recurring_grant(self, account_id: str, recurring_grant_id: str, *, idempotency_key: Union[str, None] = None) -> RecurringGrant:
        """Ends a recurring grant: what was due before still comes, nothing after. Operators only."""
        return self.call("DELETE", f"/api/billing/recurring-grants/{quote(account_id)}/{quote(recurring_grant_id)}", idempotency_key=idempotency_key, idempotent=True)

    def export_entries(self, account_id: str, *, format_: Union[str, None] = None) -> str:
        """Writes the whole ledger, oldest entry first."""
        return self.call("GET", f"/api/billing/entries/{quote(account_id)}/export", query={"format": format_}, text=True)

    def export_grants(self, account_id: str, *, format_: Union[str, None] = None) -> str:
        """Writes every grant, newest first."""
        return self.call("GET", f"/api/billing/grants/{quote(account_id)}/export", query={"format": format_}, text=True)

    def export_usage(self, account_id: str, *, format_: Union[str, None] = None, days: Union[int, None] = None, zone: Union[str, None] = None, operation: Union[str, None] = None, key: Union[str, None] = None) -> str:
        """Writes usage by day, operation and key."""
        return self.call("GET", f"/api/billing/usage/{quote(account_id)}/export", query={"format": format_, "days": days, "zone": zone, "operation": operation, "key": key}, text=True)

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

    def list_entries(self, account_id: str, *, before: Union[int, None] = None, limit: Union[int, None] = None) -> Entries:
        """Reads the ledger, newest entry first."""
        return self.call("GET", f"/api/billing/entries/{quote(account_id)}", query={"before": before, "limit": limit})

    def each_entries(self, account_id: str, *, before: Union[int, None] = None, limit: Union[int, None] = None) -> Iterator[Entry]:
        """Every item of `list_entries`, page after page."""
        while True:
            page = self.list_entries(account_id, before=before, limit=limit)
            yield from page["entries"]
            before = page.get("next_before")
            if before is None:
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

    def list_prices(self) -> Prices:
        """Reads the price book. Needs no key."""
        return self.call("GET", "/api/billing/prices")

    def list_purchases(self, account_id: str, *, before: Union[str, None] = None, limit: Union[int, None] = None) -> Purchases:
        """Reads the account's purchases."""
        return self.call("GET", f"/api/billing/purchases/{quote(account_id)}", query={"before": before, "limit": limit})

    def each_purchases(self, account_id: str, *, before: Union[str, None] = None, limit: Union[int, None] = None) -> Iterator[Purchase]:
        """Every item of `list_purchases`, page after page."""
        while True:
            page = self.list_purchases(account_id, before=before, limit=limit)
            yield from page["purchases"]
            before = page.get("next_before")
            if before is None:
                return

    def list_recurring_grants(self, account_id: str) -> RecurringGrants:
        """Reads the account's recurring grants."""
        return self.call("GET", f"/api/billing/recurring-grants/{quote(account_id)}")

    def list_signing_keys(self) -> SigningKeys:
        """Reads the keys that receipts and statements are signed with. Needs no key."""
        return self.call("GET", "/api/billing/signing-keys")

    def list_statements(self, account_id: str) -> Statements:
        """Lists the months that an account has statements for."""
        return self.call("GET", f"/api/billing/statements/{quote(account_id)}")

    def open_account(self, body: NewAccount, *, idempotency_key: Union[str, None] = None) -> Account:
        """Opens an account. Operators only; a free account starts with 10 credits."""
        return self.call("POST", "/api/billing/account", body=body, idempotency_key=idempotency_key, idempotent=True)

    def place_hold(self, body: NewHold, *, idempotency_key: Union[str, None] = None) -> HoldPlaced:
        """Sets credits aside at the account's price."""
        return self.call("POST", "/api/billing/holds", body=body, idempotency_key=idempotency_key, idempotent=True)

    def quote(self, body: NewQuote, *, idempotency_key: Union[str, None] = None) -> Quote:
        """Promises the account's present price for a quarter of an hour. Moves nothing."""
        return self.call("POST", "/api/billing/quotes", body=body, idempotency_key=idempotency_key, idempotent=True)

    def read_alerts(self, account_id: str) -> Alerts:
        """Reads what the account's members are told."""
        return self.call("GET", f"/api/billing/alerts/{quote(account_id)}")

    def read_balance(self, account_id: str) -> Balance:
        """Reads the credits that can be spent now."""
        return self.call("GET", f"/api/billing/balance/{quote(account_id)}")

    def read_balance_at(self, account_id: str, *, time: str) -> BalanceAt:
        """Reads the credits that could be spent at a moment."""
        return self.call("GET", f"/api/billing/balance/{quote(account_id)}/at", query={"time": time})

    def read_budgets(self, account_id: str) -> Budgets:
        """Reads the budgets and what is spent or held of each."""
        return self.call("GET", f"/api/billing/budgets/{quote(account_id)}")

    def read_forecast(self, account_id: str) -> Forecast:
        """Reads how long the credits last."""
        return self.call("GET", f"/api/billing/forecast/{quote(account_id)}")

    def read_hold(self, hold_id: str) -> Hold:
        """Reads a hold."""
        return self.call("GET", f"/api/billing/holds/{quote(hold_id)}")

    def read_suspension(self, account_id: str) -> Suspension:
        """Reads whether an account may spend, and what the operator wrote."""
        return self.call("GET", f"/api/billing/suspensions/{quote(account_id)}")

    def read_usage(self, account_id: str, *, days: Union[int, None] = None, zone: Union[str, None] = None) -> Usage:
        """Reads what was spent in the last days."""
        return self.call("GET", f"/api/billing/usage/{quote(account_id)}", query={"days": days, "zone": zone})

    def read_usage_breakdown(self, account_id: str, *, days: Union[int, None] = None, zone: Union[str, None] = None, operation: Union[OperationName, None] = None, key: Union[str, None] = None) -> UsageBreakdown:
        """Reads what was spent by day, operation and key."""
        return self.call("GET", f"/api/billing/usage/{quote(account_id)}/breakdown", query={"days": days, "zone": zone, "operation": operation, "key": key})

    def refund(self, body: NewRefund, *, idempotency_key: Union[str, None] = None) -> Refund:
        """Gives spent credits back into the grants they came from. Operators only."""
        return self.call("POST", "/api/billing/refunds", body=body, idempotency_key=idempotency_key, idempotent=True)

    def release_hold(self, hold_id: str, body: NewRelease, *, idempotency_key: Union[str, None] = None) -> HoldSettled:
        """Gives back what a hold set aside."""
        return self.call("POST", f"/api/billing/holds/{quote(hold_id)}/release", body=body, idempotency_key=idempotency_key, idempotent=True)

    def save_payment_method(self, body: NewPaymentMethod, *, idempotency_key: Union[str, None] = None) -> PaymentMethod:
        """Saves a card. Saving the same one again changes nothing."""
        return self.call("POST", "/api/billing/payment-methods", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_alerts(self, account_id: str, body: NewAlerts, *, idempotency_key: Union[str, None] = None) -> Alerts:
        """Sets what the account's members are told."""
        return self.call("PUT", f"/api/billing/alerts/{quote(account_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_budgets(self, account_id: str, body: NewBudgets, *, idempotency_key: Union[str, None] = None) -> Budgets:
        """Sets both budgets of the account."""
        return self.call("PUT", f"/api/billing/budgets/{quote(account_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def set_key_budget(self, account_id: str, key_id: str, body: NewKeyBudget, *, idempotency_key: Union[str, None] = None) -> Budgets:
        """Sets the budget of one of the account's keys. What the key spent this month is counted from the start."""
        return self.call("PUT", f"/api/billing/budgets/{quote(account_id)}/keys/{quote(key_id)}", body=body, idempotency_key=idempotency_key, idempotent=True)

    def start_checkout(self, body: PackageOrder, *, idempotency_key: Union[str, None] = None) -> Checkout:
        """Starts a Stripe checkout. The credits come once Stripe says that it is paid."""
        return self.call("POST", "/api/billing/checkout", body=body, idempotency_key=idempotency_key, idempotent=True)

    def start_payment(self, body: PackageOrder, *, idempotency_key: Union[str, None] = None) -> PaymentIntent:
        """Starts a payment that your own page finishes with Stripe's form."""
        return self.call("POST", "/api/billing/payment-intents", body=body, idempotency_key=idempotency_key, idempotent=True)

    def suspend(self, body: NewSuspension, *, idempotency_key: Union[str, None] = None) -> Suspension:
        """Suspends an account, or reopens it. Operators only. A suspended one is read and given credits, but does not spend."""
        return self.call("POST", "/api/billing/suspensions", body=body, idempotency_key=idempotency_key, idempotent=True)

    def verify(self, body: NewVerification, *, idempotency_key: Union[str, None] = None) -> Verification:
        """Verifies a formula or a program."""
        return self.call("POST", "/api/verify", body=body, idempotency_key=idempotency_key, idempotent=True)

    def write_off(self, body: NewWriteOff, *, idempotency_key: Union[str, None] = None) -> Adjustment:
        """Writes off what is owed for a purchase. Operators only."""
        return self.call("POST", "/api/billing/write-offs", body=body, idempotency_key=idempotency_key, idempotent=True)
