"""What is said to the server. Tables are found by the connection's search path; `{where}` is what
`filters.Conditions` makes of a filter, whose values are parameters."""

from __future__ import annotations

READ_NOTE = "SELECT said FROM notes WHERE name = $1"
WRITE_NOTE = """
INSERT INTO notes VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET said = excluded.said"""

LOG_AFTER = "SELECT position, record FROM log WHERE position > $1 ORDER BY position"
LOG_CUT = "DELETE FROM log WHERE position < $1"
CLAIM = """
INSERT INTO log SELECT $1, $2 WHERE $1 > (SELECT coalesce(max(position), 0) FROM log)
ON CONFLICT DO NOTHING"""
"""Take a position of the log; who comes second waits for the first, and then changes no row."""

WIPE = "TRUNCATE entries, postings, numbers, facts"
STANDING = "SELECT key, dimensions FROM entries WHERE key = ANY($1::uuid[])"
RETRIEVE = "SELECT kept, {meaning} FROM entries WHERE key = ANY($1::uuid[])"
COUNT = "SELECT count(*) FROM entries e WHERE {where}"

LIST = """
SELECT id FROM entries e
WHERE substring(id from 1 for 1000) >= substring($1::bytea from 1 for 1000) AND id > $1 AND {where}
ORDER BY substring(id from 1 for 1000), id LIMIT $2"""
"""The index holds so many bytes of an id: PostgreSQL indexes no value of more than 2,704."""

NEAREST = """
SELECT id, 1 - (meaning <=> $1::text::vector) FROM entries e
WHERE meaning IS NOT NULL AND {where} ORDER BY meaning <=> $1::text::vector LIMIT $2"""
VECTORS = "SELECT id, meaning FROM entries e WHERE meaning IS NOT NULL AND {where}"
SEARCH_GRAPH = """
SET LOCAL hnsw.ef_search = {search}; SET LOCAL hnsw.iterative_scan = strict_order"""

BY_WORDS = """
WITH best AS (
    SELECT no, sum(p.weight::float8 * a.weight) AS score
    FROM unnest($1::bigint[], $2::float8[]) AS a(dimension, weight)
    JOIN postings p USING (dimension) {narrowed} WHERE {where}
    GROUP BY no ORDER BY score DESC, no LIMIT $3 OFFSET $4
)
SELECT id, score FROM best JOIN entries USING (no)"""
NARROWED = "JOIN entries e USING (no)"
"""Where facts are asked for; entries are wide, and numbers stand in a table of their own."""

FACETS = """
SELECT f.said, count(*) FROM entries e, unnest(e.facts) AS has(fact) JOIN facts f USING (fact)
WHERE f.field = $1 AND {where} GROUP BY f.said"""
NUMBER_FACETS = """
SELECT n.value, count(*) FROM numbers n JOIN entries e USING (no)
WHERE n.field = $1 AND {where} GROUP BY n.value"""

DELETE = "DELETE FROM entries WHERE key = ANY($1::uuid[]) RETURNING no, dimensions"
DELETE_NUMBERS = "DELETE FROM numbers WHERE no = ANY($1::bigint[])"
DELETE_POSTINGS = """
DELETE FROM postings p USING unnest($1::bigint[], $2::bigint[]) AS gone(dimension, no)
WHERE p.dimension = gone.dimension AND p.no = gone.no"""

NUMBERED = "SELECT nextval(pg_get_serial_sequence('entries', 'no')) FROM generate_series(1, $1)"
INSERT = "INSERT INTO entries VALUES ($1, $2, $3, $4, {vector}, $6, $7)"
INSERT_POSTINGS = """
INSERT INTO postings SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::real[])"""
"""As quick as a COPY, and one request: asyncpg loses its place when a COPY is cut off."""
INSERT_NUMBERS = "INSERT INTO numbers VALUES ($1, $2::text::numeric, $3)"
INSERT_FACTS = """
INSERT INTO facts SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])
ON CONFLICT DO NOTHING"""

ESTIMATED = "SELECT reltuples::bigint FROM pg_class WHERE oid = 'entries'::regclass"
"""How many entries there were at the last VACUUM or ANALYZE; -1 before the first."""
VACUUM = """
VACUUM (ANALYZE, SKIP_LOCKED)
    entries (no, facts), postings (dimension, no), numbers (field, value, no), facts (field)"""
"""Statistics of the columns that conditions are about; those of vectors would take longest."""
