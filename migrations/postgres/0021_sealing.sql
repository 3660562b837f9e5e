-- What seals the secrets that have to be read again (webhooks' signing secrets, the secrets of one-time codes) where no
-- AETHEL_SEALING_KEY is set. One row, made at first use.
CREATE TABLE sealing_keys (
    id         TEXT   NOT NULL PRIMARY KEY CHECK (id = 'kept'),
    -- 32 bytes in hexadecimal.
    seed       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
