-- What a key may do, until when, and the secret that it had before; and what is told to customers' own servers.
-- Times are milliseconds since 1970.

-- Names of scopes, in order, one space between. Keys made before scopes could do everything.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT 'read verify charge admin';
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
-- Of what the key was asked for with: the same request asked for otherwise is another one.
ALTER TABLE api_keys ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
-- The request that rotated it last: sent again, it rotates nothing.
ALTER TABLE api_keys ADD COLUMN rotation TEXT NOT NULL DEFAULT '';

-- A rotated key's former secret, good until its time.
CREATE TABLE former_secrets (
    secret_hash TEXT   NOT NULL PRIMARY KEY,
    key_id      TEXT   NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX former_secrets_by_key ON former_secrets (key_id);

-- A customer's address for events. The secret signs what is sent, so it is kept as it is.
CREATE TABLE webhook_endpoints (
    id              TEXT   NOT NULL PRIMARY KEY,
    account_id      TEXT   NOT NULL,
    url             TEXT   NOT NULL,
    description     TEXT   NOT NULL,
    -- Names of kinds between spaces, with one at each end; ' * ' is all of them.
    kinds           TEXT   NOT NULL,
    secret          TEXT   NOT NULL,
    former_secret   TEXT,
    former_until    BIGINT,
    -- The request that rotated it last: sent again, it rotates nothing.
    rotation        TEXT   NOT NULL DEFAULT '',
    -- 'stopped' is by us, after days without success; 'off' is by the customer.
    state           TEXT   NOT NULL CHECK (state IN ('on', 'off', 'stopped')),
    fingerprint     TEXT   NOT NULL,
    failing_since   BIGINT,
    created_at      BIGINT NOT NULL,
    stopped_at      BIGINT,
    stop_told_at    BIGINT
);
CREATE INDEX webhook_endpoints_by_account ON webhook_endpoints (account_id, created_at);
CREATE INDEX webhook_endpoints_by_state ON webhook_endpoints (state, stop_told_at);

-- What happened, written in the transaction in which it did.
CREATE TABLE webhook_events (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    payload    TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhook_events_by_account ON webhook_events (account_id, id);
CREATE INDEX webhook_events_by_age ON webhook_events (created_at);

-- One event on its way to one endpoint. `since` is when its three days began: when it happened, or was replayed.
CREATE TABLE webhook_deliveries (
    event_id    TEXT   NOT NULL,
    endpoint_id TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts    BIGINT NOT NULL,
    -- Of those, since it happened or was replayed.
    tried       BIGINT NOT NULL,
    since       BIGINT NOT NULL,
    next_at     BIGINT NOT NULL,
    -- The request that replayed it last: sent again, it replays nothing.
    replay      TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (event_id, endpoint_id)
);
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (state, next_at);
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, event_id);

CREATE TABLE webhook_attempts (
    event_id    TEXT   NOT NULL,
    endpoint_id TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    took_ms     BIGINT NOT NULL,
    -- Null when no answer came.
    status      BIGINT,
    answer      TEXT   NOT NULL,
    failure     TEXT   NOT NULL,
    PRIMARY KEY (event_id, endpoint_id, number)
);
