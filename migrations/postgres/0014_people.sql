-- Who did what; operators as people; teams; second factors; devices. Times are milliseconds since 1970.

-- One line for each act that somebody may ask about later. Written in the act's own transaction, never changed.
CREATE TABLE audit_log (
    id         TEXT   NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    actor_kind TEXT   NOT NULL CHECK (actor_kind IN ('person', 'operator', 'key', 'house')),
    -- The person's or key's id; none when the house itself acted.
    actor_id   TEXT,
    -- As the actor was called at the time.
    actor_name TEXT   NOT NULL,
    -- On whose account; none when it was about a person alone.
    account_id TEXT,
    -- About which person; none when it was about an account alone.
    user_id    TEXT,
    action     TEXT   NOT NULL,
    detail     TEXT   NOT NULL
);
CREATE INDEX audit_log_by_account ON audit_log (account_id, id);
CREATE INDEX audit_log_by_user ON audit_log (user_id, id);

-- People who may enter the back office; only the command line makes them.
CREATE TABLE operators (
    user_id    TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    created_at BIGINT NOT NULL
);

-- What a list of sessions shows, and the customer that an operator looks at for a while.
ALTER TABLE sessions ADD COLUMN agent TEXT;
ALTER TABLE sessions ADD COLUMN way TEXT;
ALTER TABLE sessions ADD COLUMN seen_at BIGINT;
ALTER TABLE sessions ADD COLUMN seeing_account TEXT;
ALTER TABLE sessions ADD COLUMN seeing_until BIGINT;

-- Browsers that have signed a person in before: strangers' wrong passwords do not slow these down.
CREATE TABLE known_devices (
    device_hash TEXT   NOT NULL,
    user_id     TEXT   NOT NULL REFERENCES users (id),
    last_at     BIGINT NOT NULL,
    PRIMARY KEY (device_hash, user_id)
);
CREATE INDEX known_devices_by_user ON known_devices (user_id, last_at);

-- A link to a new address, which counts once somebody who reads mail there has followed it.
CREATE TABLE email_changes (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    email      TEXT   NOT NULL,
    email_key  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX email_changes_by_user ON email_changes (user_id, created_at);

CREATE TABLE passkeys (
    id            TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    credential_id TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    -- The public key and its counter, as the library writes them.
    passkey       TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT
);
CREATE INDEX passkeys_by_user ON passkeys (user_id, created_at);

-- What a browser was asked to sign. Each is answered once.
CREATE TABLE challenges (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    purpose    TEXT   NOT NULL CHECK (purpose IN ('register', 'sign_in')),
    user_id    TEXT   REFERENCES users (id),
    state      TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX challenges_by_expiry ON challenges (expires_at);

-- One-time codes. The secret counts once a first code has been given.
CREATE TABLE one_time_codes (
    user_id      TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    secret       TEXT   NOT NULL,
    confirmed_at BIGINT,
    -- The half minute of the last code that was taken: neither it nor an earlier one is taken again.
    last_step    BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id   TEXT   NOT NULL REFERENCES users (id),
    code_hash TEXT   NOT NULL,
    used_at   BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

-- A right password that waits for its one-time code.
CREATE TABLE second_steps (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    wrong      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX second_steps_by_expiry ON second_steps (expires_at);

CREATE TABLE invitations (
    id         TEXT   NOT NULL PRIMARY KEY,
    token_hash TEXT   NOT NULL UNIQUE,
    account_id TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    email_key  TEXT   NOT NULL,
    role       TEXT   NOT NULL CHECK (role IN ('owner', 'admin', 'developer', 'billing', 'viewer')),
    invited_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- accepted, declined or revoked; none while it waits.
    outcome    TEXT   CHECK (outcome IN ('accepted', 'declined', 'revoked')),
    ended_at   BIGINT
);
CREATE INDEX invitations_by_account ON invitations (account_id, created_at);
CREATE INDEX invitations_by_email ON invitations (email_key, created_at);
