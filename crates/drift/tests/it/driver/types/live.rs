//! The live types of each backend, with values that another program may have stored in them: a usual one, the outermost.

use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

/// A type as a column is created with it.
pub(super) struct LiveType {
    pub(super) sql: &'static str,
    /// What another program stores, as SQL.
    pub(super) literals: &'static [&'static str],
}

macro_rules! live_types {
    ($($sql:literal: $($literal:literal),+;)*) => {
        vec![$(LiveType { sql: $sql, literals: &[$($literal),+] }),*]
    };
}

/// What must be there before the types are.
pub(super) fn preparation(server: Server) -> &'static [&'static str] {
    match server {
        Postgres => &[
            "CREATE EXTENSION IF NOT EXISTS citext",
            "CREATE TYPE mood AS ENUM ('so', 'so-so')",
            "CREATE TYPE colour AS ENUM ('red', 'so')",
            "CREATE TYPE pair AS (one integer, other text)",
            "CREATE DOMAIN number AS integer",
            "CREATE DOMAIN short AS varchar(4)",
        ],
        MySqlOrMariaDb | Sqlite => &[],
    }
}

pub(super) fn live_types(server: Server) -> Vec<LiveType> {
    match server {
        Postgres => postgres(),
        MySqlOrMariaDb => mariadb(),
        Sqlite => sqlite(),
    }
}

fn postgres() -> Vec<LiveType> {
    live_types! {
        "boolean": "true", "false";
        "\"char\"": "'x'", "''";
        "smallint": "7", "-32768", "32767";
        "integer": "7", "-2147483648", "2147483647";
        "bigint": "7", "-9223372036854775808", "9223372036854775807";
        "real": "0.5", "3e38", "'NaN'";
        "double precision": "0.5", "1e308", "'NaN'";
        "numeric": "0.5", "1e40", "'NaN'";
        "numeric(10,2)": "0.5", "99999999.99";
        "numeric(8,2)": "0.5", "999999.99";
        "numeric(10,1)": "0.5", "999999999.9";
        "numeric(12,4)": "0.5", "99999999.9999";
        "numeric(5)": "7", "99999";
        "numeric(40,10)": "0.5", "999999999999999999999999999999.9999999999";
        "money": "'0.5'", "'92233720368547758.07'";
        "char(2)": "'x'", "'so'";
        "char(4)": "'x'", "'so'", "'four'";
        "char(8)": "'x'", "'so'", "'eightlet'";
        "char(300)": "'x'", "'so'", "repeat('x', 300)";
        "varchar": "'x'", "'so'", "repeat('x', 70000)", "''";
        "varchar(2)": "'x'", "'so'";
        "varchar(4)": "'x'", "'so'", "'four'";
        "varchar(8)": "'x'", "'so'", "'eightlet'";
        "varchar(70000)": "'x'", "'so'", "repeat('x', 70000)";
        "text": "'x'", "'so'", "repeat('x', 70000)", "''";
        "citext": "'x'", "'so'", "'SO'";
        "name": "'x'", "'so'", "repeat('x', 63)";
        "bytea": "'\\x736f'", "'\\x00ff'", "''";
        "bit(1)": "B'1'";
        "bit(4)": "B'1010'";
        "varbit": "B'1010'", "B''";
        "varbit(8)": "B'1010'";
        "date": "'2020-02-29'",  "'0001-01-01 BC'";
        "time": "'12:34:56'", "'23:59:59.999999'", "'24:00:00'";
        "time(0)": "'12:34:56'";
        "timetz": "'12:34:56+03'";
        "timestamp": "'2020-02-29 12:34:56'", "'4713-01-01 00:00:00 BC'";
        "timestamp(0)": "'2020-02-29 12:34:56'";
        "timestamp(3)": "'2020-02-29 12:34:56.789'";
        "timestamptz": "'2020-02-29 12:34:56+03'";
        "timestamptz(0)": "'2020-02-29 12:34:56+03'";
        "interval": "'1 day'", "'-178000000 years'";
        "json": "'{\"a\": 1}'", "'null'", "'1e400'";
        "jsonb": "'{\"a\": 1}'", "'null'";
        "uuid": "'67e55044-10b1-426f-9247-bb680e5fe0c8'";
        "inet": "'10.1.2.3/8'", "'::1'";
        "cidr": "'10.0.0.0/8'", "'::1/128'";
        "macaddr": "'08:00:2b:01:02:03'";
        "macaddr8": "'08:00:2b:01:02:03:04:05'";
        "int4range": "'[1,7)'", "'empty'";
        "tstzrange": "'[2020-02-29 12:34:56+03,)'";
        "tsvector": "'so'";
        "tsquery": "'so'";
        "xml": "'<so/>'";
        "point": "'(1,2)'";
        "oid": "7", "4294967295";
        "pg_lsn": "'16/B374D848'";
        "pair": "'(1,so)'";
        "mood": "'so'", "'so-so'";
        "colour": "'red'", "'so'";
        "number": "7", "2147483647";
        "short": "'so'", "'four'";
        "boolean[]": "'{}'", "'{t,f}'";
        "smallint[]": "'{}'", "'{7}'";
        "integer[]": "'{7}'", "'{}'", "'{2147483647}'", "'{NULL}'";
        "bigint[]": "'{}'", "'{7}'", "'{9223372036854775807}'";
        "real[]": "'{}'", "'{0.5}'";
        "double precision[]": "'{}'", "'{0.5}'";
        "numeric[]": "'{}'", "'{0.5}'", "'{1e40}'";
        "numeric(8,2)[]": "'{}'", "'{0.5}'";
        "char(8)[]": "'{}'", "'{so}'";
        "varchar[]": "'{}'", "'{so}'";
        "varchar(8)[]": "'{}'", "'{so}'", "'{eightlet}'";
        "text[]": "'{so}'", "'{}'";
        "date[]": "'{}'", "'{2020-02-29}'";
        "timestamp[]": "'{}'", "'{2020-02-29 12:34:56}'";
        "timestamp(0)[]": "'{}'", "'{2020-02-29 12:34:56}'";
        "timestamptz[]": "'{}'", "'{2020-02-29 12:34:56+03}'";
        "uuid[]": "'{}'", "'{67e55044-10b1-426f-9247-bb680e5fe0c8}'";
        "jsonb[]": "'{}'", "'{1}'";
        "mood[]": "'{}'", "'{so}'", "'{so-so}'";
        "colour[]": "'{}'", "'{red}'", "'{so}'";
    }
}

fn mariadb() -> Vec<LiveType> {
    live_types! {
        "tinyint(1)": "1", "0", "-128", "127";
        "tinyint": "7", "-128", "127";
        "tinyint unsigned": "7", "255";
        "smallint": "7", "-32768", "32767";
        "smallint unsigned": "7", "200", "65535";
        "mediumint": "7", "-8388608", "8388607";
        "mediumint unsigned": "7", "200", "16777215";
        "int": "7", "-2147483648", "2147483647";
        "int unsigned": "7", "200", "4294967295";
        "int(3) unsigned zerofill": "7", "200", "4294967295";
        "bigint": "7", "-9223372036854775808", "9223372036854775807";
        "bigint unsigned": "7", "200", "18446744073709551615";
        "float": "0.5", "3e38";
        "float(6,2)": "0.5", "9999.99";
        "double": "0.5", "1e308";
        "double(10,2)": "0.5", "99999999.99";
        "decimal(10,0)": "7", "9999999999";
        "decimal(10,2)": "0.5", "99999999.99";
        "decimal(8,2)": "0.5", "999999.99";
        "decimal(10,1)": "0.5", "999999999.9";
        "decimal(12,4)": "0.5", "99999999.9999";
        "decimal(30,2)": "0.5", "9999999999999999999999999999.99";
        "decimal(40,30)": "0.5", "9999999999.999999999999999999999999999999";
        "decimal(65,0)": "7", "1e64";
        "bit(1)": "b'1'", "b'0'";
        "bit(8)": "b'1'", "b'11111111'";
        "bit(64)": "b'1'", "b'1111111111111111111111111111111111111111111111111111111111111111'";
        "year": "2020", "1901", "2155";
        "char(2)": "'x'", "'so'";
        "char(4)": "'x'", "'so'", "'four'";
        "char(8)": "'x'", "'so'", "'eightlet'";
        "char(255)": "'x'", "'so'", "repeat('x', 255)";
        "varchar(4)": "'x'", "'so'", "'four'";
        "varchar(8)": "'x'", "'so'", "'eightlet'";
        "varchar(64)": "'x'", "'so'", "repeat('x', 64)";
        "varchar(255)": "'x'", "'so'", "repeat('x', 255)";
        "varchar(16000)": "'x'", "'so'", "repeat('x', 16000)";
        "tinytext": "'x'", "'so'", "repeat('x', 255)";
        "text": "'x'", "'so'", "repeat('x', 65535)";
        "mediumtext": "'x'", "'so'", "repeat('x', 70000)";
        "longtext": "'x'", "'so'", "repeat('x', 70000)";
        "binary(4)": "'four'", "'true'", "x'00ff00ff'";
        "binary(16)": "'sixteen letters.'", "'{\"a\": 123456789}'", "x'00ff00ff00ff00ff00ff00ff00ff00ff'";
        "binary(20)": "'so'", "'{\"a\": 1234567890123}'", "x'00ff00ff00ff00ff00ff00ff00ff00ff'";
        "varbinary(4)": "'x'", "'so'", "x'00ff00ff'";
        "varbinary(16)": "'x'", "'so'", "x'00ff00ff00ff00ff00ff00ff00ff00ff'";
        "varbinary(255)": "'x'", "'so'", "x'00ff'";
        "tinyblob": "'x'", "'so'", "x'00ff'";
        "blob": "'x'", "'so'", "x'00ff'";
        "mediumblob": "'x'", "'so'", "x'00ff'", "repeat('x', 70000)";
        "longblob": "'x'", "'so'", "x'00ff'", "repeat('x', 70000)";
        "date": "'2020-02-29'", "'9999-12-31'";
        "time": "'12:34:56'", "'-838:59:59'", "'838:59:59'";
        "time(6)": "'12:34:56'", "'12:34:56.123456'";
        "datetime": "'2020-02-29 12:34:56'", "'9999-12-31 23:59:59'";
        "datetime(3)": "'2020-02-29 12:34:56.789'";
        "datetime(6)": "'2020-02-29 12:34:56.789012'";
        "timestamp": "'2020-02-29 12:34:56'", "'2038-01-19 03:14:07'";
        "timestamp(6)": "'2020-02-29 12:34:56.789012'";
        "json": "'{\"a\": 1}'", "'null'";
        "uuid": "'67e55044-10b1-426f-9247-bb680e5fe0c8'";
        "inet6": "'::1'";
        "inet4": "'10.1.2.3'";
        "point": "POINT(1, 2)";
        "enum('so','so-so')": "'so'", "'so-so'";
        "enum('so-so','so')": "'so'", "'so-so'";
        "enum('so')": "'so'";
        "enum('so','so-so','so what')": "'so'", "'so what'";
        "enum('red','so')": "'red'", "'so'";
        "set('so','so-so')": "'so'", "'so,so-so'", "''";
    }
}

fn sqlite() -> Vec<LiveType> {
    live_types! {
        "boolean": "1", "0";
        "tinyint": "7", "-128";
        "smallint": "7", "-32768";
        "mediumint": "7";
        "int": "7", "-2147483648";
        "integer": "7", "9223372036854775807";
        "bigint": "7", "9223372036854775807";
        "unsigned big int": "7", "9223372036854775807";
        "float": "0.5", "2.0";
        "double": "0.5", "2.0", "1e308";
        "double precision": "0.5", "2.0";
        "real": "0.5", "2.0";
        "real_decimal": "0.5", "2.0";
        "real(10, 2)": "0.5", "2.0";
        "real_money": "0.5", "2.0";
        "numeric": "7", "0.5", "'so'";
        "numeric(10,2)": "7", "0.5";
        "decimal(10,2)": "7", "0.5";
        "char(4)": "'so'", "'longer'";
        "nchar(4)": "'so'";
        "varchar": "'so'", "'42'";
        "varchar(8)": "'so'", "'longer than that'";
        "nvarchar(100)": "'so'";
        "text": "'so'", "'42'", "''";
        "clob": "'so'";
        "blob": "x'00ff'", "x'736f'";
        "blob(16)": "x'00ff'";
        "varbinary_blob(8)": "x'00ff'";
        "bytea": "x'00ff'";
        "date_text": "'2020-02-29'";
        "time_text": "'12:34:56'";
        "datetime_text": "'2020-02-29 12:34:56'";
        "timestamp_text": "'2020-02-29 12:34:56'";
        "timestamp_with_timezone_text": "'2020-02-29 12:34:56+03:00'";
        "date": "'2020-02-29'";
        "time": "'12:34:56'";
        "datetime": "'2020-02-29 12:34:56'", "1582979696";
        "timestamp": "'2020-02-29 12:34:56'", "1582979696";
        "json_text": "'{\"a\": 1}'";
        "jsonb_text": "'{\"a\": 1}'";
        "json": "'{\"a\": 1}'";
        "uuid_text": "x'67e5504410b1426f9247bb680e5fe0c8'", "'67e55044-10b1-426f-9247-bb680e5fe0c8'";
        "uuid": "x'67e5504410b1426f9247bb680e5fe0c8'", "'67e55044-10b1-426f-9247-bb680e5fe0c8'";
        "enum_text": "'so'";
        "any": "7", "'so'";
        "": "7", "'so'", "x'00ff'";
    }
}
