-- Public links to answers. The secret in a link is kept as its SHA-256; a link that has ended keeps its row, so that a
-- late retry of the request that made it does not open the answer again. Times are milliseconds since 1970.
CREATE TABLE shares (
    token_hash  TEXT   NOT NULL PRIMARY KEY,
    account_id  TEXT   NOT NULL,
    -- The answer: VER_…, ORA_… or BAT_….
    subject_id  TEXT   NOT NULL,
    request_key TEXT   NOT NULL,
    made_at     BIGINT NOT NULL,
    ended_at    BIGINT,
    UNIQUE (account_id, request_key)
);
CREATE INDEX shares_by_subject ON shares (account_id, subject_id, ended_at);
