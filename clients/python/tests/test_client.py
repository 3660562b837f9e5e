"""The client against the running server, and against a server that fails as servers do."""

import http.server
import json
import threading
import unittest
from contextlib import contextmanager

from aethel import (
    Aethel,
    AuthenticationError,
    ConflictError,
    ConnectionFailed,
    InsufficientCreditsError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    UnavailableError,
)


@contextmanager
def server_that_answers(*answers):
    """A server that gives these answers (status, headers, body) one after the other, and what it was asked."""
    asked, left = [], list(answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            asked.append((self.headers.get("Idempotency-Key"), self.rfile.read(length)))
            status, headers, body = left.pop(0)
            if status == 0:
                self.connection.close()
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


CHARGED = json.dumps({"success": True, "message": "Charged 1 credits. Remaining: 99"})
CHARGE = {"account_id": "ACC_1", "operation": "proof_verification"}


class Retries(unittest.TestCase):
    def test_a_write_is_tried_again_under_one_key(self):
        answers = [(503, {"Retry-After": "0"}, "{}"), (0, {}, ""), (429, {"Retry-After": "0"}, "{}"), (200, {}, CHARGED)]
        with server_that_answers(*answers) as (url, asked):
            self.assertEqual(Aethel(url, "k").charge(CHARGE)["success"], True)
        self.assertEqual(len(asked), 4)
        self.assertEqual(len({key for key, _ in asked}), 1)
        self.assertEqual(len(asked[0][0]), 36)

    def test_a_first_try_that_is_still_worked_on_is_waited_for(self):
        progress = json.dumps({"code": "request_in_progress", "detail": "The first request is still being worked on"})
        conflict = json.dumps({"code": "idempotency_conflict", "detail": "Used with a different request"})
        with server_that_answers((409, {"Retry-After": "0"}, progress), (200, {}, CHARGED)) as (url, asked):
            self.assertEqual(Aethel(url, "k").charge(CHARGE)["success"], True)
        self.assertEqual(len({key for key, _ in asked}), 1)
        with server_that_answers((409, {}, conflict)) as (url, asked):
            with self.assertRaises(ConflictError):
                Aethel(url, "k").charge(CHARGE)
        self.assertEqual(len(asked), 1)

    def test_what_another_try_cannot_mend_is_not_tried_again(self):
        refusal = json.dumps({"code": "insufficient_credits", "detail": "Insufficient credits. Required: 5, Available: 3", "request_id": "req_1"})
        with server_that_answers((402, {}, refusal)) as (url, asked):
            with self.assertRaises(InsufficientCreditsError) as caught:
                Aethel(url, "k").charge(CHARGE, idempotency_key="mine")
        self.assertEqual((caught.exception.status, caught.exception.request_id), (402, "req_1"))
        self.assertEqual(str(caught.exception), "Insufficient credits. Required: 5, Available: 3")
        self.assertEqual([key for key, _ in asked], ["mine"])

    def test_patience_ends(self):
        with server_that_answers(*[(503, {"Retry-After": "0"}, "down for a moment")] * 3) as (url, asked):
            with self.assertRaises(UnavailableError):
                Aethel(url, "k", retries=2).charge(CHARGE)
        self.assertEqual(len(asked), 3)
        with server_that_answers((429, {"Retry-After": "7"}, "{}")) as (url, _):
            with self.assertRaises(RateLimitError) as caught:
                Aethel(url, "k", retries=0).charge(CHARGE)
        self.assertEqual(caught.exception.retry_after_seconds, 7)
        with self.assertRaises(ConnectionFailed):
            Aethel("http://127.0.0.1:1", "k", retries=0).charge(CHARGE)


class Server(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = Aethel()
        cls.account = cls.client.open_account({"customer_name": "Client tests", "tier": "developer"})["account_id"]
        cls.client.grant({"account_id": cls.account, "credits": 100, "reason": "Tests"})

    def test_the_same_key_is_one_charge(self):
        body = {"account_id": self.account, "operation": "proof_verification"}
        first = self.client.charge(body, idempotency_key="one")
        again = self.client.charge(body, idempotency_key="one")
        self.assertEqual((first["transaction_id"], again["replayed"]), (again["transaction_id"], True))
        with self.assertRaises(ConflictError) as caught:
            self.client.charge({**body, "quantity": 2}, idempotency_key="one")
        self.assertEqual(caught.exception.code, "idempotency_conflict")

    def test_lists_are_read_to_their_end(self):
        for number in range(5):
            self.client.charge({"account_id": self.account, "operation": "proof_verification", "metadata": {"number": str(number)}})
        entries = list(self.client.each_entries(self.account, limit=2))
        self.assertEqual([entry["seq"] for entry in entries], list(range(entries[0]["seq"], 0, -1)))

    def test_exports_are_text(self):
        self.assertIn("balance_after", self.client.export_entries(self.account, format_="csv").splitlines()[0])

    def test_errors_have_types(self):
        with self.assertRaises(NotFoundError):
            self.client.read_balance("ACC_01J9ZQ3V5R8N2M4K6T7W8X9YAB")
        with self.assertRaises(InvalidRequestError) as caught:
            self.client.charge({"account_id": self.account, "operation": "proof_verification", "quantity": 0})
        self.assertEqual(caught.exception.field, "quantity")
        with self.assertRaises(AuthenticationError):
            Aethel(key="aethel_test_nobody").read_balance(self.account)


if __name__ == "__main__":
    unittest.main()
