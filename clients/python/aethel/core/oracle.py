"""The guide's Oracle. It is paid for an answer, and for nothing else."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from .. import AethelError
from .billing import get_billing_kernel


class ConservationOracle:
    """Asks about laws, for an account."""

    def __init__(self) -> None:
        self.billing = get_billing_kernel()

    def query(self, formula: str, account_id: Optional[str] = None) -> Dict[str, Any]:
        """Asks whether a law always, sometimes or never holds; `result` is the verdict with what it rests on.

        Without an account, AETHEL_ACCOUNT pays; without either nothing is asked, and the answer says so.
        """
        payer = account_id or os.environ.get("AETHEL_ACCOUNT")
        if payer is None:
            message = "Billing failed: an account pays for each answer; name one, or set AETHEL_ACCOUNT"
            return {"success": False, "result": None, "message": message}
        try:
            answered = self.billing.client.ask_oracle({"account_id": payer, "law": formula})
        except AethelError as error:
            return {"success": False, "result": None, "message": f"Billing failed: {error.detail}"}
        return {
            "success": answered["success"],
            "result": answered["answer"],
            "credits_charged": answered["credits_charged"],
            "credits_remaining": answered["credits_remaining"],
        }
