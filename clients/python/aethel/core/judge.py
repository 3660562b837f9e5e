"""The guide's Judge. It is paid for a verdict, and for nothing else."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from .. import AethelError
from .billing import get_billing_kernel


class Judge:
    """Verifies programs, for an account."""

    def __init__(self) -> None:
        self.billing = get_billing_kernel()

    def verify(self, proof_data: Dict[str, Any], account_id: Optional[str] = None) -> Dict[str, Any]:
        """Verifies; `result` is true when it is proved (or can hold, for a conservation law without a transition).

        Without an account, AETHEL_ACCOUNT pays; without either nothing is verified, and the answer says so: this server
        gives no verdict that nobody pays for.
        """
        payer = account_id or os.environ.get("AETHEL_ACCOUNT")
        if payer is None:
            return {
                "success": False,
                "result": False,
                "credits_charged": 0,
                "credits_remaining": None,
                "message": "Billing failed: an account pays for each verdict; name one, or set AETHEL_ACCOUNT",
                "diagnostics": [],
            }
        try:
            return dict(self.billing.client.verify({"account_id": payer, "proof_data": proof_data}))
        except AethelError as error:
            return {
                "success": False,
                "result": False,
                "credits_charged": 0,
                "credits_remaining": self.billing.get_account_balance(payer),
                "message": error.problem.get("message") or error.detail,
                "diagnostics": error.problem.get("diagnostics", []),
            }
