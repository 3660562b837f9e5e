-- Wrong passwords and codes of the last quarter of an hour, counted for all servers together; and for whom keys act.
-- Times are milliseconds since 1970.

CREATE TABLE wrong_tries (
    -- Of what is counted: a source or a known browser with an address, or a person.
    key_hash TEXT   NOT NULL PRIMARY KEY,
    wrong    BIGINT NOT NULL,
    last_at  BIGINT NOT NULL
);
CREATE INDEX wrong_tries_by_time ON wrong_tries (last_at);

-- From now on a key knows for whom it acts: the person who made it, nobody (null) for the house and its operators. Of
-- customers' keys that keys made before, that is not known: '' looks after no members.
UPDATE api_keys SET created_by = '' WHERE created_by IS NULL AND kind = 'customer';
