-- People, what proves them, and the keys of their programs.
-- Times are milliseconds since 1970; secrets are stored only as SHA-256 (tokens, keys) or argon2id (passwords).

CREATE TABLE users (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    email         TEXT   NOT NULL,
    -- The address in lower case: one person, however it is typed.
    email_key     TEXT   NOT NULL UNIQUE,
    password_hash TEXT   NOT NULL,
    -- Named at sign-up, opened at confirmation: a repeated confirmation opens the same one.
    account_id    TEXT   NOT NULL UNIQUE,
    created_at    BIGINT NOT NULL,
    confirmed_at  BIGINT
);

CREATE TABLE members (
    account_id TEXT   NOT NULL,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    role       TEXT   NOT NULL CHECK (role IN ('owner', 'admin', 'developer', 'billing', 'viewer')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id, created_at);

CREATE TABLE sessions (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    id         TEXT   NOT NULL UNIQUE,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    account_id TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, expires_at);

-- Links sent by mail. A confirmation carries the name and password typed with it, so that a
-- stranger who signed up with somebody's address first does not choose the password.
-- A decoy belongs to nobody: it makes an unknown address cost the same work as a known one.
CREATE TABLE links (
    token_hash    TEXT   NOT NULL PRIMARY KEY,
    purpose       TEXT   NOT NULL CHECK (purpose IN ('confirm', 'reset', 'decoy')),
    user_id       TEXT   REFERENCES users (id),
    name          TEXT,
    password_hash TEXT,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX links_by_user ON links (user_id, created_at);
CREATE INDEX links_by_expiry ON links (expires_at);

-- One gift of free credits per person, however the address is dressed up.
CREATE TABLE free_grants (
    person_key TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL UNIQUE,
    claimed_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL CHECK (kind IN ('customer', 'operator')),
    account_id   TEXT,
    name         TEXT   NOT NULL,
    prefix       TEXT   NOT NULL,
    secret_hash  TEXT   NOT NULL UNIQUE,
    created_by   TEXT,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT,
    CHECK ((kind = 'operator') = (account_id IS NULL))
);
CREATE INDEX api_keys_by_account ON api_keys (account_id, created_at);
