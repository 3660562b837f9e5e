"""Stripe's own library for Python, unmodified, as an outside judge of the sandbox.

Run: PYTHON tests/stripe_library.py PROGRAM, where PYTHON has tests/requirements.txt and PROGRAM is the built `aethel`.
It starts sandboxes of its own and hears their webhooks itself.
"""

import queue
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import stripe

PROGRAM = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
KEY = "sk_test_python"
SECRET = "whsec_python"
BACK = "http://127.0.0.1:9/back"
DAY = 86_400


class Receiver:
    """Takes webhooks as a shop would: through `stripe.Webhook.construct_event`."""

    def __init__(self):
        self.events = queue.Queue()
        self.raw = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                signature = self.headers["stripe-signature"]
                try:
                    event = stripe.Webhook.construct_event(body, signature, SECRET)
                except (ValueError, stripe.SignatureVerificationError) as error:
                    receiver.events.put(error)
                    self.send_response(400)
                else:
                    receiver.raw.put((body, signature))
                    receiver.events.put(event)
                    self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, kind, wanted=lambda _: True):
        """The next event of a kind about something wanted; fails after twenty seconds."""
        deadline = time.monotonic() + 20
        while True:
            event = self.events.get(timeout=max(0.001, deadline - time.monotonic()))
            if isinstance(event, Exception):
                raise event
            if event.type == kind and wanted(event.data.object):
                return event


class Sandbox:
    """A sandbox that keeps its state in a file, as an operator starts it."""

    def __init__(self, receiver):
        self.directory = tempfile.TemporaryDirectory()
        self.receiver = receiver
        self.start()

    def start(self):
        command = [PROGRAM, "stripe-sandbox", "--address", "127.0.0.1:0", "--webhook-url", self.receiver.url]
        command += ["--webhook-secret", SECRET, "--state", Path(self.directory.name) / "state.json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("stripe sandbox on http://"), f"the sandbox did not start: {line!r}"
        self.url = line.split()[-1]
        stripe.api_base = self.url

    def end(self):
        self.process.terminate()
        assert self.process.wait(timeout=20) == 0
        self.process.stdout.close()

    def close(self):
        self.end()
        self.directory.cleanup()

    def restart(self):
        self.end()
        self.start()

    def post(self, path, **fields):
        """A form sent by hand, as a browser or the control does; answers status and Location without following it."""
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, urllib.parse.urlencode(fields).encode())
        request.add_header("authorization", f"Bearer {KEY}")
        opener = urllib.request.build_opener(NoRedirect)
        try:
            with opener.open(request, timeout=20) as answer:
                return answer.status, answer.headers.get("location")
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers.get("location")

    def control(self, action, **fields):
        status, _ = self.post(f"/_control/{action}", **fields)
        assert status == 200, f"/_control/{action} answered {status}"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def customer_with(card="pm_card_visa", **fields):
    customer = stripe.Customer.create(email="ada@example.com", **fields)
    method = stripe.PaymentMethod.attach(card, customer=customer.id)
    return customer, method


def charge(amount=1000, card="pm_card_visa", **fields):
    return stripe.PaymentIntent.create(
        amount=amount, currency="usd", payment_method=card, confirm=True, return_url=BACK, **fields
    )


def card_form(number="4242424242424242"):
    return {"email": "ada@example.com", "number": number, "expiry": "12 / 40", "cvc": "123", "name": "Ada Lovelace"}


def starter(**fields):
    item = {"quantity": 1, "price_data": {"currency": "usd", "unit_amount": 1000, "product_data": {"name": "Starter"}}}
    values = {"mode": "payment", "line_items": [item], "client_reference_id": "PUR_1", "metadata": {"purchase": "PUR_1"}}
    values |= {"success_url": "http://127.0.0.1:9/done?s={CHECKOUT_SESSION_ID}", "cancel_url": BACK}
    values["payment_intent_data"] = {"metadata": {"purchase": "PUR_1"}, "setup_future_usage": "off_session"}
    return stripe.checkout.Session.create(**(values | fields))


class Library(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stripe.api_key, stripe.max_network_retries = KEY, 0
        cls.receiver = Receiver()
        cls.sandbox = Sandbox(cls.receiver)
        cls.addClassCleanup(cls.sandbox.close)

    def refused(self, kind, status, work, **fields):
        with self.assertRaises(kind) as caught:
            work()
        error = caught.exception
        self.assertIs(type(error), kind)
        self.assertEqual(error.http_status, status)
        self.assertTrue(error.request_id.startswith("req_"), error.request_id)
        for name, value in fields.items():
            found = getattr(error, name, None) if hasattr(error, name) else getattr(error.error, name)
            self.assertEqual(found, value, name)
        return error

    def test_customers_are_made_changed_and_paged_through(self):
        made = [stripe.Customer.create(name=f"Page {at}", metadata={"at": str(at)}) for at in range(5)]
        changed = stripe.Customer.modify(made[0].id, name="Ada", metadata={"at": "", "of": "ACC_1"})
        self.assertEqual(changed.metadata.to_dict(), {"of": "ACC_1"})
        self.assertEqual(stripe.Customer.retrieve(made[0].id).name, "Ada")
        page = stripe.Customer.list(limit=2)
        self.assertEqual((len(page.data), page.has_more, page.url), (2, True, "/v1/customers"))
        names = [customer.name for customer, _ in zip(page.auto_paging_iter(), range(5), strict=False)]
        self.assertEqual(names, ["Page 4", "Page 3", "Page 2", "Page 1", "Ada"])
        back = stripe.Customer.list(limit=2, ending_before=made[1].id)
        self.assertEqual([customer.id for customer in back.data], [made[3].id, made[2].id])
        recent = stripe.Customer.list(created={"gte": made[0].created}, limit=100)
        self.assertGreaterEqual(len(recent.data), 5)

    def test_payment_methods_are_made_attached_listed_and_detached(self):
        customer, method = customer_with()
        self.assertEqual((method.card.brand, method.card.last4, method.customer), ("visa", "4242", customer.id))
        token = stripe.PaymentMethod.create(type="card", card={"token": "tok_mastercard"})
        self.assertEqual((token.card.brand, token.customer), ("mastercard", None))
        token.attach(customer=customer.id)
        listed = stripe.Customer.list_payment_methods(customer.id, type="card")
        self.assertEqual([one.id for one in listed.auto_paging_iter()], [token.id, method.id])
        settings = {"default_payment_method": method.id}
        stripe.Customer.modify(customer.id, invoice_settings=settings)
        found = stripe.Customer.retrieve(customer.id, expand=["invoice_settings.default_payment_method"])
        self.assertEqual(found.invoice_settings.default_payment_method.card.last4, "4242")
        self.assertIsNone(method.detach().customer)
        self.refused(stripe.InvalidRequestError, 400, method.detach, code="payment_method_unexpected_state")
        missing = lambda: stripe.PaymentMethod.create(type="card", card={"token": "tok_none"})
        self.refused(stripe.InvalidRequestError, 400, missing, param="card[token]", code="resource_missing")

    def test_an_intent_is_made_confirmed_and_cancelled(self):
        intent = stripe.PaymentIntent.create(amount=500, currency="usd", automatic_payment_methods={"enabled": True})
        self.assertEqual(intent.status, "requires_payment_method")
        changed = stripe.PaymentIntent.modify(intent.id, metadata={"purchase": "PUR_2"})
        self.assertEqual(changed.metadata["purchase"], "PUR_2")
        paid = intent.confirm(payment_method="pm_card_visa", return_url=BACK, expand=["latest_charge.balance_transaction"])
        self.assertEqual((paid.status, paid.amount_received), ("succeeded", 500))
        self.assertEqual(paid.latest_charge.balance_transaction.fee, 44)
        late = self.refused(stripe.InvalidRequestError, 400, intent.cancel, code="payment_intent_unexpected_state")
        self.assertEqual(late.error.payment_intent.id, intent.id)
        other = stripe.PaymentIntent.create(amount=500, currency="usd")
        self.assertEqual(other.cancel(cancellation_reason="abandoned").status, "canceled")

    def test_a_saved_card_is_charged_off_session(self):
        customer, method = customer_with()
        paid = stripe.PaymentIntent.create(
            amount=8000, currency="usd", customer=customer.id, payment_method=method.id, confirm=True, off_session=True
        )
        self.assertEqual(paid.status, "succeeded")
        whose = stripe.Charge.list(customer=customer.id)
        self.assertEqual([one.id for one in whose.data], [paid.latest_charge])

    def test_declines_are_card_errors_with_stripes_codes(self):
        for card, code, decline_code in [
            ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
            ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
            ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
            ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
            ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
        ]:
            error = self.refused(stripe.CardError, 402, lambda card=card: charge(card=card), code=code)
            self.assertEqual(getattr(error.error, "decline_code", None), decline_code)
            self.assertEqual(error.error.payment_intent.status, "requires_payment_method")
            self.assertEqual(error.error.payment_intent.last_payment_error.code, code)
            self.assertFalse(stripe.Charge.retrieve(error.error.charge).paid)

    def test_three_d_secure_is_asked_for_passed_and_failed(self):
        for outcome, status in [("complete", "succeeded"), ("fail", "requires_payment_method")]:
            intent = charge(card="pm_card_threeDSecure2Required")
            self.assertEqual(intent.status, "requires_action")
            self.assertEqual(intent.next_action.type, "redirect_to_url")
            url = intent.next_action.redirect_to_url.url
            page, secret = url.split("?client_secret=")
            answer, location = self.sandbox.post(page, client_secret=secret, outcome=outcome)
            self.assertEqual(answer, 303)
            self.assertTrue(location.startswith(f"{BACK}?payment_intent={intent.id}&"), location)
            found = stripe.PaymentIntent.retrieve(intent.id)
            self.assertEqual(found.status, status)
        self.assertEqual(found.last_payment_error.code, "payment_intent_authentication_failure")
        customer, method = customer_with("pm_card_authenticationRequired")
        absent = lambda: stripe.PaymentIntent.create(
            amount=500, currency="usd", customer=customer.id, payment_method=method.id, confirm=True, off_session=True
        )
        self.refused(stripe.CardError, 402, absent, code="authentication_required")

    def test_a_session_is_opened_paid_and_found_again(self):
        session = starter()
        self.assertEqual((session.status, session.payment_status, session.amount_total), ("open", "unpaid", 1000))
        self.assertEqual(self.sandbox.post(session.url, **card_form("4000000000000002"))[0], 200)
        status, location = self.sandbox.post(session.url, **card_form())
        self.assertEqual((status, location), (303, f"http://127.0.0.1:9/done?s={session.id}"))
        paths = ["payment_intent.latest_charge", "line_items.data.price.product", "customer"]
        found = stripe.checkout.Session.retrieve(session.id, expand=paths)
        self.assertEqual((found.status, found.payment_status), ("complete", "paid"))
        self.assertTrue(found.payment_intent.latest_charge.paid)
        self.assertEqual(found.line_items.data[0].price.unit_amount, 1000)
        self.assertEqual(found.customer.email, "ada@example.com")
        self.assertEqual(found.line_items.data[0].price.product.name, "Starter")
        price = stripe.Price.retrieve(found.line_items.data[0].price.id, expand=["product"])
        self.assertEqual((price.active, price.product.name), (False, "Starter"))
        items = stripe.checkout.Session.list_line_items(session.id)
        self.assertEqual(sum(item.amount_total for item in items.auto_paging_iter()), 1000)
        by_intent = stripe.checkout.Session.list(payment_intent=found.payment_intent.id, expand=["data.payment_intent"])
        self.assertEqual(by_intent.data[0].payment_intent.metadata["purchase"], "PUR_1")
        self.refused(stripe.InvalidRequestError, 400, session.expire)
        left = starter()
        self.assertEqual(left.expire().status, "expired")

    def test_a_debit_of_a_bank_account_is_settled_by_the_clock(self):
        paid = charge(card="pm_usBankAccount_success")
        empty = charge(card="pm_usBankAccount_insufficientFunds")
        self.assertEqual((paid.status, empty.status), ("processing", "processing"))
        self.sandbox.control("clock", advance=4 * DAY)
        self.assertEqual(stripe.PaymentIntent.retrieve(paid.id).status, "succeeded")
        self.assertEqual(stripe.PaymentIntent.retrieve(empty.id).status, "requires_payment_method")

    def test_refunds_whole_in_parts_and_too_much(self):
        intent = charge()
        part = stripe.Refund.create(payment_intent=intent.id, amount=400, reason="requested_by_customer")
        self.assertEqual((part.status, part.amount), ("succeeded", 400))
        too_much = lambda: stripe.Refund.create(payment_intent=intent.id, amount=601)
        error = self.refused(stripe.InvalidRequestError, 400, too_much, param="amount")
        self.assertIn("greater than unrefunded amount on charge ($6.00)", str(error))
        rest = stripe.Refund.create(charge=intent.latest_charge)
        self.assertEqual(rest.amount, 600)
        again = lambda: stripe.Refund.create(payment_intent=intent.id)
        self.refused(stripe.InvalidRequestError, 400, again, code="charge_already_refunded")
        paid = stripe.Charge.retrieve(intent.latest_charge, expand=["refunds.data.balance_transaction"])
        self.assertEqual((paid.amount_refunded, paid.refunded), (1000, True))
        self.assertEqual([one.balance_transaction.amount for one in paid.refunds.data], [-600, -400])
        listed = stripe.Refund.list(payment_intent=intent.id, limit=1)
        self.assertEqual([one.id for one in listed.auto_paging_iter()], [rest.id, part.id])
        self.sandbox.control("fail_refund", refund=part.id)
        failed = stripe.Refund.retrieve(part.id)
        self.assertEqual((failed.status, failed.failure_reason), ("failed", "unknown"))
        self.receiver.wait_for("refund.failed", lambda refund: refund.id == part.id)

    def test_disputes_are_raised_won_lost_and_closed(self):
        outcomes = [("winning_evidence", "won", [1000, -1000]), ("losing_evidence", "lost", [-1000]), (None, "lost", [-1000])]
        for evidence, status, amounts in outcomes:
            intent = charge(card="pm_card_createDispute")
            (dispute,) = stripe.Dispute.list(payment_intent=intent.id).data
            self.assertEqual((dispute.status, dispute.reason, dispute.amount), ("needs_response", "fraudulent", 1000))
            refund = lambda intent=intent: stripe.Refund.create(payment_intent=intent.id)
            self.refused(stripe.InvalidRequestError, 400, refund, code="charge_disputed")
            if evidence:
                decided = stripe.Dispute.modify(dispute.id, evidence={"uncategorized_text": evidence})
            else:
                decided = dispute.close()
            self.assertEqual(decided.status, status)
            movements = stripe.BalanceTransaction.list(source=dispute.id)
            self.assertEqual([one.amount for one in movements.data], amounts)
            self.assertEqual(stripe.Dispute.retrieve(dispute.id, expand=["charge"]).charge.disputed, True)

    def test_products_and_prices_are_sold(self):
        product = stripe.Product.create(name="Credits", metadata={"package": "starter"})
        price = stripe.Price.create(product=product.id, currency="usd", unit_amount=1250)
        session = starter(line_items=[{"price": price.id, "quantity": 2}])
        self.assertEqual(session.amount_total, 2500)
        listed = stripe.Price.list(product=product.id, expand=["data.product"])
        self.assertEqual([one.product.name for one in listed.data], ["Credits"])
        stripe.Price.modify(price.id, active=False)
        inactive = lambda: starter(line_items=[{"price": price.id, "quantity": 1}])
        self.refused(stripe.InvalidRequestError, 400, inactive, param="line_items[0][price]")
        unknown = lambda: starter(line_items=[{"price": "price_none", "quantity": 1}])
        self.refused(stripe.InvalidRequestError, 400, unknown, code="resource_missing")

    def test_coupons_and_promotion_codes_take_something_off(self):
        coupon = stripe.Coupon.create(amount_off=300, currency="usd", name="Three off", max_redemptions=1)
        self.assertEqual((coupon.valid, coupon.duration, coupon.percent_off), (True, "once", None))
        code = stripe.PromotionCode.create(promotion={"type": "coupon", "coupon": coupon.id}, code="THREE-OFF")
        found = stripe.PromotionCode.retrieve(code.id, expand=["promotion.coupon"])
        self.assertEqual((found.active, found.promotion.coupon.amount_off), (True, 300))
        same = lambda: stripe.PromotionCode.create(promotion={"type": "coupon", "coupon": "test20"}, code="three-off")
        self.refused(stripe.InvalidRequestError, 400, same, param="code")
        session = starter(allow_promotion_codes=True)
        self.assertEqual(self.sandbox.post(f"{session.url}/promotion", code="three-off")[0], 303)
        self.assertEqual(self.sandbox.post(session.url, **card_form())[0], 303)
        paid = stripe.checkout.Session.retrieve(session.id)
        self.assertEqual((paid.amount_subtotal, paid.amount_total), (1000, 700))
        self.assertEqual((paid.total_details.amount_discount, paid.discounts[0].promotion_code), (300, code.id))
        used = stripe.Coupon.retrieve(coupon.id)
        self.assertEqual((used.times_redeemed, used.valid), (1, False))
        late = starter(allow_promotion_codes=True)
        self.assertEqual(self.sandbox.post(f"{late.url}/promotion", code="THREE-OFF")[0], 200)
        listed = stripe.PromotionCode.list(code="test20")
        self.assertEqual([one.id for one in listed.data], ["promo_test20"])
        self.assertIn(coupon.id, [one.id for one in stripe.Coupon.list(limit=1).auto_paging_iter()])
        self.assertTrue(coupon.delete().deleted)
        self.refused(stripe.InvalidRequestError, 404, lambda: stripe.Coupon.retrieve(coupon.id), code="resource_missing")
        both = lambda: stripe.Coupon.create(percent_off=10, amount_off=1, currency="usd")
        self.refused(stripe.InvalidRequestError, 400, both, param="percent_off")

    def test_a_subscription_is_begun_billed_and_ended(self):
        customer, method = customer_with()
        stripe.Customer.modify(customer.id, invoice_settings={"default_payment_method": method.id})
        product = stripe.Product.create(name="Fintech")
        price = stripe.Price.create(product=product.id, currency="usd", unit_amount=500_000, recurring={"interval": "month"})
        begun = stripe.Subscription.create(
            customer=customer.id, items=[{"price": price.id, "quantity": 1}], metadata={"subscription": "SUB_1"},
            expand=["latest_invoice"],
        )
        self.assertEqual((begun.status, begun.latest_invoice.status), ("active", "paid"))
        self.assertEqual(begun["items"].data[0].price.id, price.id)
        self.sandbox.control("clock", advance=31 * DAY)
        invoices = list(stripe.Invoice.list(subscription=begun.id, limit=1).auto_paging_iter())
        reasons = [invoice.billing_reason for invoice in invoices]
        self.assertEqual(reasons, ["subscription_cycle", "subscription_create"])
        invoice = stripe.Invoice.retrieve(invoices[0].id, expand=["customer"])
        self.assertEqual((invoice.amount_paid, invoice.customer.id), (500_000, customer.id))
        self.assertEqual(invoice.parent.subscription_details.metadata["subscription"], "SUB_1")
        self.assertEqual(invoice.lines.data[0].period.start, invoices[1].lines.data[0].period.end)
        ends = stripe.Subscription.modify(begun.id, cancel_at_period_end=True)
        self.assertTrue(ends.cancel_at_period_end)
        self.assertEqual(begun.cancel().status, "canceled")
        self.assertEqual(stripe.Subscription.list(customer=customer.id).data, [])
        every = stripe.Subscription.list(customer=customer.id, status="all", price=price.id)
        self.assertEqual([one.id for one in every.data], [begun.id])
        self.receiver.wait_for("customer.subscription.deleted", lambda one: one.id == begun.id)

    def test_a_subscription_by_checkout_that_cannot_be_paid_ends(self):
        customer, _ = customer_with()
        price = {"currency": "usd", "unit_amount": 500_000, "recurring": {"interval": "month"}, "product_data": {"name": "F"}}
        session = stripe.checkout.Session.create(
            mode="subscription", customer=customer.id, success_url=BACK, line_items=[{"quantity": 1, "price_data": price}]
        )
        self.assertEqual(self.sandbox.post(session.url, **card_form())[0], 303)
        done = stripe.checkout.Session.retrieve(session.id, expand=["subscription", "invoice"])
        self.assertEqual((done.subscription.status, done.invoice.amount_paid), ("active", 500_000))
        broken = stripe.PaymentMethod.attach("pm_card_chargeCustomerFail", customer=customer.id)
        stripe.Customer.modify(customer.id, invoice_settings={"default_payment_method": broken.id})
        self.sandbox.control("clock", advance=31 * DAY)
        past_due = stripe.Subscription.retrieve(done.subscription.id, expand=["latest_invoice"])
        self.assertEqual((past_due.status, past_due.latest_invoice.status), ("past_due", "open"))
        self.sandbox.control("clock", advance=10 * DAY)
        self.assertEqual(stripe.Subscription.retrieve(done.subscription.id).status, "canceled")
        unpaid = stripe.Invoice.retrieve(past_due.latest_invoice.id)
        self.assertEqual((unpaid.attempt_count, unpaid.next_payment_attempt), (4, None))

    def test_a_key_gives_the_first_answer_again_and_refuses_another_request(self):
        first = stripe.Customer.create(name="Once", idempotency_key="once")
        again = stripe.Customer.create(name="Once", idempotency_key="once")
        self.assertEqual(again.id, first.id)
        self.assertEqual(again.last_response.headers["idempotent-replayed"], "true")
        other = lambda: stripe.Customer.create(name="Other", idempotency_key="once")
        self.refused(stripe.IdempotencyError, 400, other)
        path = lambda: stripe.Product.create(name="Once", idempotency_key="once")
        self.refused(stripe.IdempotencyError, 400, path)
        declined = [
            self.refused(stripe.CardError, 402, lambda: charge(card="pm_card_chargeDeclined", idempotency_key="no"))
            for _ in range(2)
        ]
        self.assertEqual(declined[0].error.charge, declined[1].error.charge)

    def test_what_is_wrong_arrives_as_the_librarys_own_errors(self):
        stripe.Customer.create(name="To expand")
        for work, status, fields in [
            (lambda: stripe.Customer.retrieve("cus_none"), 404, {"code": "resource_missing", "param": "id"}),
            (lambda: stripe.PaymentIntent.create(currency="usd"), 400, {"code": "parameter_missing", "param": "amount"}),
            (lambda: stripe.PaymentIntent.create(amount=10, currency="usd"), 400, {"code": "amount_too_small"}),
            (lambda: stripe.Customer.create(colour="red"), 400, {"code": "parameter_unknown", "param": "colour"}),
            (lambda: stripe.Customer.list(limit=0), 400, {"param": "limit"}),
            (lambda: stripe.Customer.list(expand=["data.colour"]), 400, {"param": "expand"}),
            (lambda: stripe.Payout.list(), 404, {}),
        ]:
            error = self.refused(stripe.InvalidRequestError, status, work, **fields)
            self.assertTrue(error.user_message, error)
        stranger = lambda: stripe.Customer.list(api_key="sk_live_wrong")
        with self.assertRaises(stripe.AuthenticationError):
            stranger()

    def test_webhooks_are_signed_and_events_can_be_read(self):
        customer = stripe.Customer.create(name="Told", metadata={"account": "ACC_9"})
        event = self.receiver.wait_for("customer.created", lambda one: one.id == customer.id)
        self.assertEqual((event.data.object.metadata["account"], event.livemode), ("ACC_9", False))
        found = stripe.Event.retrieve(event.id)
        self.assertEqual((found.type, found.data.object.id), ("customer.created", customer.id))
        self.assertEqual(found.request.id, customer.last_response.request_id)
        families = stripe.Event.list(types=["customer.*"], limit=1)
        self.assertTrue(families.data[0].type.startswith("customer."))
        body, signature = self.receiver.raw.get()
        for payload, header, secret in [
            (body + b" ", signature, SECRET),
            (body, signature, "whsec_other"),
            (body, "t=1,v1=00", SECRET),
        ]:
            with self.assertRaises(stripe.SignatureVerificationError):
                stripe.Webhook.construct_event(payload, header, secret)

    def test_another_version_can_be_pinned(self):
        answer = stripe.Customer.create(name="Old", stripe_version="2025-03-31.basil").last_response
        self.assertEqual(answer.headers["stripe-version"], "2025-03-31.basil")
        plain = stripe.Customer.create(name="New").last_response
        self.assertEqual(plain.headers["stripe-version"], stripe.api_version)
        wrong = lambda: stripe.Customer.list(stripe_version="latest")
        self.refused(stripe.InvalidRequestError, 400, wrong)


class Restart(unittest.TestCase):
    def test_everything_lives_on_after_a_restart(self):
        stripe.api_key, stripe.max_network_retries = KEY, 0
        receiver = Receiver()
        sandbox = Sandbox(receiver)
        self.addCleanup(sandbox.close)
        customer, method = customer_with(idempotency_key="kept")
        intent = charge()
        sandbox.control("chaos", delay_seconds=600)
        late = stripe.Customer.create(name="Late")
        sandbox.restart()
        again = stripe.Customer.create(email="ada@example.com", idempotency_key="kept")
        self.assertEqual(again.id, customer.id)
        self.assertEqual(stripe.PaymentMethod.retrieve(method.id).customer, customer.id)
        self.assertEqual(stripe.Refund.create(payment_intent=intent.id).amount, 1000)
        sandbox.control("clock", advance=700)
        receiver.wait_for("customer.created", lambda one: one.id == late.id)


if __name__ == "__main__":
    if PROGRAM is None:
        sys.exit("Name the built program: stripe_library.py PROGRAM")
    unittest.main()
