"""The integration guide's own programs, word for word but for what they print, against the running server."""

import unittest

from aethel.core.billing import BillingTier, OperationType, get_billing_kernel, initialize_billing
from aethel.core.judge import Judge
from aethel.core.oracle import ConservationOracle
from aethel.core.sentinel_monitor import SentinelMonitor


class Guide(unittest.TestCase):
    def test_full_integration(self):
        billing = initialize_billing()
        judge = Judge()

        account = billing.create_account("Test Company", BillingTier.DEVELOPER)
        self.assertTrue(account.account_id.startswith("ACC_"))

        success, msg = billing.purchase_credits(account.account_id, "Starter")
        self.assertEqual((success, msg), (True, "Added 100 credits to account"))

        result = judge.verify(
            proof_data={"type": "test", "formula": "x == x"},
            account_id=account.account_id,
        )
        self.assertEqual(
            {name: result[name] for name in ("success", "result", "credits_charged", "credits_remaining", "message")},
            {"success": True, "result": True, "credits_charged": 1, "credits_remaining": 99, "message": "Verification complete"},
        )

        report = billing.get_usage_report(account.account_id)
        self.assertEqual(report["total_credits_spent"], 1)
        self.assertEqual(report["usage_by_operation"], {"proof_verification": {"count": 1, "credits": 1}})

    def test_the_judges_usage_example(self):
        billing = initialize_billing()
        judge = Judge()
        account = billing.create_account("My Company", BillingTier.DEVELOPER)
        billing.purchase_credits(account.account_id, "Starter")
        result = judge.verify(
            proof_data={"type": "conservation", "formula": "x + y == 100"},
            account_id=account.account_id,
        )
        self.assertEqual((result["result"], result["credits_remaining"]), (True, 99))

    def test_a_developers_story_and_its_papers(self):
        billing = get_billing_kernel()
        account = billing.create_account("Alex", BillingTier.DEVELOPER).account_id
        billing.purchase_credits(account, "starter")
        self.assertEqual(
            billing.charge_operation(account, OperationType.PROOF_VERIFICATION, 5, metadata={"proof_type": "validity"}),
            (True, "Charged 5 credits. Remaining: 95"),
        )
        self.assertEqual(
            billing.charge_operation(account, OperationType.GHOST_IDENTITY), (True, "Charged 20 credits. Remaining: 75")
        )
        self.assertEqual(billing.get_account_balance(account), 75)
        trail = billing.get_audit_trail(account)
        self.assertEqual([entry["kind"] for entry in trail], ["charge", "charge", "purchase"])
        self.assertEqual([entry["previous_hash"] for entry in trail[:2]], [entry["hash"] for entry in trail[1:]])
        self.assertEqual(len(billing.get_audit_trail(account, limit=1)), 1)
        invoice = billing.export_invoice(account)
        self.assertEqual(invoice["statement"]["account"], account)

    def test_the_oracle_and_the_sentinel_answer_with_the_guides_keys(self):
        billing = initialize_billing()
        account = billing.create_account("Watchful", BillingTier.DEVELOPER).account_id
        billing.purchase_credits(account, "Starter")
        asked = ConservationOracle().query("x + y == 100", account)
        self.assertEqual((asked["success"], asked["credits_charged"], asked["credits_remaining"]), (True, 5, 95))
        self.assertEqual(asked["result"]["verdict"], "sometimes")

        sentinel = SentinelMonitor()
        started = sentinel.start_monitoring(account, duration_hours=4, laws=["reserves >= issued"])
        told = {name: started[name] for name in ("success", "hours_monitored", "credits_charged", "credits_remaining")}
        self.assertEqual(told, {"success": True, "hours_monitored": 4, "credits_charged": 40, "credits_remaining": 55})
        seen = sentinel.observe(account, started["monitor_id"], {"reserves": "99.5", "issued": 100})
        self.assertEqual((seen["verdict"], seen["broken"]), ("violation", ["reserves >= issued"]))
        stopped = sentinel.stop_monitoring(account, started["monitor_id"])
        self.assertEqual((stopped["state"], stopped["hours_captured"]), ("stopped", 1))
        self.assertEqual(billing.get_account_balance(account), 85)
        self.assertEqual(
            sentinel.start_monitoring(account, duration_hours=24),
            {"success": False, "message": "Insufficient credits. Need 240, have 85"},
        )

    def test_what_cannot_be_done_is_said_and_costs_nothing(self):
        billing, judge = initialize_billing(), Judge()
        poor = billing.create_account("Poor", BillingTier.DEVELOPER).account_id
        self.assertEqual(
            billing.charge_operation(poor, OperationType.CONSERVATION_ORACLE),
            (False, "Insufficient credits. Required: 5, Available: 0"),
        )
        self.assertEqual(billing.purchase_credits(poor, "Gigantic"), (False, "Package not found"))
        result = judge.verify({"type": "test", "formula": "x == x"}, poor)
        self.assertEqual(
            (result["success"], result["result"], result["credits_charged"], result["credits_remaining"], result["message"]),
            (False, False, 0, 0, "Billing failed: Insufficient credits. Required: 1, Available: 0"),
        )
        self.assertIsNone(billing.get_account_balance("ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB"))
        self.assertEqual(billing.get_usage_report("ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB"), {"error": "Account not found"})
        unpaid = judge.verify({"type": "test", "formula": "x == x"})
        self.assertEqual((unpaid["success"], unpaid["result"], unpaid["credits_charged"], unpaid["credits_remaining"]), (False, False, 0, None))
        self.assertIn("AETHEL_ACCOUNT", unpaid["message"])
        asked = ConservationOracle().query("x + y == 100")
        self.assertEqual((asked["success"], asked["result"]), (False, None))


if __name__ == "__main__":
    unittest.main()
