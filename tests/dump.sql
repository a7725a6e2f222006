-- SPDX-License-Identifier: Apache-2.0
--
-- Prints one SELECT for each view, see dump.sh, which puts the list of what is
-- to be left out in place of WITHOUT. Each row that they give is a sorting key,
-- then the view, then every column as NAME=VALUE, the value as an SQL literal.
-- incidents have a row for each column: there is no finding a difference in
-- fifty of them. An incident is known by its first post, a thread by its first
-- Message-ID, a post by its own.
WITH
viewed (view, place, name, type) AS (
  SELECT v.name, c.cid, c.name, c.type
  FROM sqlite_schema AS v JOIN pragma_table_info(v.name) AS c
  WHERE v.type = 'view'
    AND NOT (v.name IN ('sources', 'unparsed') AND 'sources' IN (WITHOUT))
    -- How the daemon is, and what it saw of the ends of its sources
    AND v.name NOT IN ('health', 'hosts') AND c.name NOT IN ('end_offset', 'unread')
),
-- What stands for a column; NULL: it is left out.
shown (view, place, name, text) AS (
  SELECT view, place, name,
    CASE
      WHEN name = 'id' OR name LIKE '%\_wall\_at' ESCAPE '\' THEN NULL
      WHEN name = 'as_of_at' AND 'as-of' IN (WITHOUT) THEN NULL
      WHEN view = 'coverage' AND name IN ('lines', 'unparsed', 'repeated', 'lost', 'orphans', 'ambiguous', 'late')
        AND 'lines' IN (WITHOUT) THEN NULL
      WHEN name = 'incident_id' THEN
        '(SELECT quote(i.opened_at || '' '' || i.list || '' '' || ifnull(i.root_message_id, ''-''))'
        || ' FROM incidents AS i WHERE i.id = v.incident_id)'
      WHEN name = 'thread_id' THEN
        '(SELECT quote(t.first_at || '' '' || t.list || '' '' || ifnull(t.root_message_id, ''-''))'
        || ' FROM threads AS t WHERE t.id = v.thread_id)'
      ELSE 'replace(quote(v."' || name || '"), char(10), ''''''||char(10)||'''''')'
    END
  FROM viewed
),
rows (view, place, text) AS (
  SELECT view, place, '''' || name || '='' || ifnull(' || text || ', ''NULL'')'
  FROM shown WHERE text IS NOT NULL
),
-- timeline, posters and ledger are in an order that is part of the interface.
keyed (view, place, text, key) AS (
  SELECT view, place, text,
    CASE
      WHEN view IN ('timeline', 'posters', 'ledger') THEN
        printf('printf(''%s %%s %%06d'', (SELECT i.opened_at || i.list || ifnull(i.root_message_id, '''') FROM'
          || ' incidents AS i WHERE i.id = v.incident_id), row_number() OVER (PARTITION BY v.incident_id))', view)
      ELSE printf('''%s''', view)
    END
  FROM rows
)
SELECT printf('SELECT %s, ''%s'', %s FROM "%s" AS v%s;', key, view, group_concat(text, ', '), view,
    CASE WHEN view = 'ledger' AND 'lines' IN (WITHOUT)
      THEN ' WHERE v.line NOT IN (''attempts'', ''repeats'', ''hand_overs'')' ELSE '' END)
FROM (SELECT * FROM keyed ORDER BY view, place)
WHERE view <> 'incidents'
GROUP BY view
UNION ALL
SELECT printf('SELECT ''incidents'', ''incidents'', quote(v.opened_at || '' '' || v.list || '' '' '
    || '|| ifnull(v.root_message_id, ''-'')), %s FROM incidents AS v;', text)
FROM keyed WHERE view = 'incidents';
