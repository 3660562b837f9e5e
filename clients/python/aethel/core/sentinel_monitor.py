"""The guide's Sentinel. Hours are held when monitoring starts and paid for as they pass."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from .. import AethelError, InsufficientCreditsError
from .billing import get_billing_kernel


class SentinelMonitor:
    """Monitors, for an account."""

    def __init__(self) -> None:
        self.billing = get_billing_kernel()

    def start_monitoring(
        self,
        account_id: str,
        duration_hours: int = 24,
        laws: Optional[List[str]] = None,
        metrics: Optional[List[str]] = None,
        name: str = "Monitor",
    ) -> Dict[str, Any]:
        """Starts a monitor and holds the price of its hours: `credits_charged` is what is held.

        It watches `laws` and `metrics`; the metric `value` when neither is given. Observations go to `monitor_id` by
        `observe`. Each hour is paid for once it has passed, and what `stop_monitoring` leaves comes back.
        """
        client = self.billing.client
        before = self.billing.get_account_balance(account_id)
        watched = metrics if metrics is not None else ([] if laws else ["value"])
        body = {
            "account_id": account_id,
            "name": name,
            "laws": laws or [],
            "metrics": [{"name": metric} for metric in watched],
            "hours": duration_hours,
        }
        try:
            monitor = client.start_monitor(body)
        except InsufficientCreditsError:
            price = client.quote({"account_id": account_id, "operation": "sentinel_monitoring", "quantity": duration_hours})
            return {"success": False, "message": f"Insufficient credits. Need {price['credits']}, have {before}"}
        except AethelError as error:
            return {"success": False, "message": error.detail}
        after = self.billing.get_account_balance(account_id)
        return {
            "success": True,
            "hours_monitored": duration_hours,
            "credits_charged": (before or 0) - (after or 0),
            "credits_remaining": after,
            "monitor_id": monitor["monitor_id"],
        }

    def observe(self, account_id: str, monitor_id: str, values: Dict[str, Any]) -> Dict[str, Any]:
        """Takes one observation and gives its verdict. Send fractions as text."""
        observed = self.billing.client.observe(account_id, monitor_id, {"observations": [{"values": values}]})
        return dict(observed["results"][0])

    def stop_monitoring(self, account_id: str, monitor_id: str) -> Dict[str, Any]:
        """Stops a monitor: the hour that has begun is paid, the rest comes back."""
        return dict(self.billing.client.stop_monitor(account_id, monitor_id))
