CREATE TABLE IF NOT EXISTS sea_orm_runner_lock (
    id TINYINT NOT NULL PRIMARY KEY,
    holder CHAR(32) CHARACTER SET ascii,
    changes BIGINT NOT NULL DEFAULT 0,
    node CHAR(36) CHARACTER SET ascii,
    node_name VARCHAR(128),
    pid BIGINT,
    account VARCHAR(384),
    since DATETIME
) ENGINE = InnoDB
