-- The columns of the partition key of the table $1.
SELECT COALESCE(attribute.attname::text, 'an expression') AS text
FROM pg_catalog.pg_partitioned_table AS partitioned
CROSS JOIN LATERAL unnest(partitioned.partattrs::int2[]) WITH ORDINALITY AS key (number, position)
LEFT JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = partitioned.partrelid
    AND attribute.attnum = key.number
    AND key.number <> 0
WHERE partitioned.partrelid = to_regclass($1)
ORDER BY key.position
