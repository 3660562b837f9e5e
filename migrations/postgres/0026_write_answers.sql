-- The first answers to writes that are no orders of the ledger, by their idempotency key; kept for thirty days.

CREATE TABLE write_answers (
    -- The account or, for an operator, the API key.
    scope       TEXT   NOT NULL,
    request     TEXT   NOT NULL,
    -- Of method, path and body.
    fingerprint TEXT   NOT NULL,
    -- The answer's; null while the work is under way.
    status      BIGINT,
    body        TEXT,
    -- When it was begun, in milliseconds since 1970.
    at          BIGINT NOT NULL,
    PRIMARY KEY (scope, request)
);
CREATE INDEX write_answers_by_time ON write_answers (at);
