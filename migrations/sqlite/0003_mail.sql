-- What is sent to people. A mail is written in the transaction that caused it and sent afterwards.
-- 'shown' is test mode's outbox; 'waiting' is the worker's queue. The text of a mail that has left,
-- or that never will, is emptied: it may hold a link that still works.
CREATE TABLE mails (
    id         TEXT   NOT NULL PRIMARY KEY,
    recipient  TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    body       TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('shown', 'waiting', 'sent', 'failed')),
    created_at BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    sent_at    BIGINT,
    failure    TEXT
);
CREATE INDEX mails_by_state ON mails (state, next_at);
