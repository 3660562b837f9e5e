"""The guide's billing kernel: the same calls, and behind them the server's ledger.

Every call that changes something carries an idempotency key of its own, so that a try repeated after a lost answer
never charges twice. Where the guide answers with a sentence, so does this; everything else is in `aethel.Aethel`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import Any, Dict, List, Optional, Tuple

from .. import Aethel, AethelError, NotFoundError

#: Stripe's own test card. Nobody's.
TEST_CARD = "pm_card_visa"


class BillingTier(Enum):
    """What an account pays by."""

    FREE = "free"
    DEVELOPER = "developer"
    FINTECH = "fintech"
    ENTERPRISE = "enterprise"


class OperationType(Enum):
    """What credits are spent on."""

    PROOF_VERIFICATION = "proof_verification"
    BATCH_VERIFICATION = "batch_verification"
    SENTINEL_MONITORING = "sentinel_monitoring"
    CONSERVATION_ORACLE = "conservation_oracle"
    GHOST_IDENTITY = "ghost_identity"
    SOVEREIGN_IDENTITY = "sovereign_identity"
    CONSENSUS_PARTICIPATION = "consensus_participation"
    STATE_STORAGE = "state_storage"


@dataclass(frozen=True)
class BillingAccount:
    """An account as it was opened."""

    account_id: str
    customer_name: str
    tier: BillingTier
    credit_balance: int


class BillingKernel:
    """One server, reached with an operator's key (of AETHEL_URL and AETHEL_KEY when not given)."""

    def __init__(self, base_url: Optional[str] = None, key: Optional[str] = None) -> None:
        self.client = Aethel(base_url, key)

    def create_account(self, customer_name: str, tier: BillingTier = BillingTier.DEVELOPER) -> BillingAccount:
        """Opens an account. In test mode it gets Stripe's test card, so that `purchase_credits` really pays."""
        opened = self.client.open_account({"customer_name": customer_name, "tier": tier.value})
        account_id = opened["account_id"]
        if self.client.is_test_mode:
            self.client.save_payment_method({"account_id": account_id, "payment_method": TEST_CARD})
        return BillingAccount(account_id, opened["customer_name"], BillingTier(opened["tier"]), opened["credit_balance"])

    def purchase_credits(self, account_id: str, package_name: str) -> Tuple[bool, str]:
        """Charges the saved card for a package."""
        try:
            bought = self.client.buy_package({"account_id": account_id, "package_name": package_name})
        except AethelError as error:
            where = error.problem.get("checkout_url")
            return False, f"{error.detail} Pay at {where}" if where else error.detail
        return bool(bought["success"]), bought["message"]

    def charge_operation(
        self,
        account_id: str,
        operation: OperationType,
        quantity: int = 1,
        metadata: Optional[Dict[str, Any]] = None,
    ) -> Tuple[bool, str]:
        """Charges for an operation."""
        body: Dict[str, Any] = {"account_id": account_id, "operation": operation.value, "quantity": quantity}
        if metadata is not None:
            body["metadata"] = metadata
        try:
            return True, self.client.charge(body)["message"]
        except AethelError as error:
            return False, error.detail

    def get_account_balance(self, account_id: str) -> Optional[int]:
        """What can be spent now; None for an account that is not there."""
        try:
            return self.client.read_balance(account_id)["balance"]
        except NotFoundError:
            return None

    def get_usage_report(self, account_id: str, days: int = 30) -> Dict[str, Any]:
        """Spending by operation."""
        try:
            return dict(self.client.read_usage(account_id, days=days))
        except NotFoundError as error:
            return {"error": error.detail}

    def get_audit_trail(self, account_id: str, limit: Optional[int] = None) -> List[Dict[str, Any]]:
        """The ledger's entries, newest first, each chained by its hash to the one before; all, or the last `limit`."""
        trail: List[Dict[str, Any]] = []
        for entry in self.client.each_entries(account_id):
            if limit is not None and len(trail) >= limit:
                break
            trail.append(dict(entry))
        return trail

    def export_invoice(self, account_id: str, month: Optional[str] = None) -> Dict[str, Any]:
        """The signed statement of a month (`2026-11`); of the present one when not given."""
        wanted = month or datetime.now(timezone.utc).strftime("%Y-%m")
        try:
            return dict(self.client.get_statement(account_id, wanted))
        except NotFoundError as error:
            return {"error": error.detail}


_kernel: Optional[BillingKernel] = None


def initialize_billing(base_url: Optional[str] = None, key: Optional[str] = None) -> BillingKernel:
    """Makes the kernel that the whole program shares, and gives it."""
    global _kernel
    _kernel = BillingKernel(base_url, key)
    return _kernel


def get_billing_kernel() -> BillingKernel:
    """The kernel that the whole program shares; made at first use."""
    return _kernel or initialize_billing()
