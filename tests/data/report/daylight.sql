-- SPDX-License-Identifier: Apache-2.0
--
-- A storm in the night of 30 October 2016, when the clocks of Central Europe were put back at 01:00 UTC: 03:00 CEST
-- became 02:00 CET. Posts and events on both sides of it. 1477785600 is 2016-10-30 00:00:00 UTC.
PRAGMA application_id = 1297306706;
PRAGMA user_version = 1;
INSERT INTO incident VALUES (
  1, 'closed', 'night@trust.example', 1, 'Clocks', '<1@night.example>', 'ann@trust.example',
  (1477785600 + 3000) * 1000000, (1477785600 + 3630) * 1000000, (1477785600 + 3600) * 1000000,
  NULL, (1477785600 + 4200) * 1000000, (1477785600 + 4260) * 1000000, (1477785600 + 6060) * 1000000,
  21, 20, 0, 3, 0, 1000,
  21000, 20000, 9000, 1000, NULL,
  21.0, 21, 21, 21, 1000.0,
  21000 * 100, 1000,
  0, 0, 0, 0, 0,
  1000, 2000, 3000, 4000,
  NULL, NULL, NULL,
  'references', 0, 100.0, '{"min_replies":10,"window":3600,"quiet_after":1800,"thread_gap":86400,"norm_factor":3}',
  (1477785600 + 9000) * 1000000, NULL);
INSERT INTO incident_timeline VALUES
  (1, (1477785600 + 3000) * 1000000, 1, 'first-post', 'ann@trust.example'),
  (1, (1477785600 + 3599) * 1000000, 1, 'first-reply', 'bob@trust.example'),
  (1, (1477785600 + 3630) * 1000000, 1, 'threshold', '10 replies'),
  (1, (1477785600 + 4200) * 1000000, 1, 'last-post', 'bob@trust.example');
INSERT INTO incident_minute
SELECT 1, (1477785600 + 3000 + value * 60) * 1000000, 1, 0, 0, 1000, 0, 0, 0, NULL, 1000, 2000, 0, NULL, NULL
FROM json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]');
INSERT INTO post
SELECT value + 1, 1, 1, 'night@trust.example', '<' || (value + 1) || '@night.example>', 'bob@trust.example', NULL, NULL,
  'Re: Clocks', (1477785600 + 3000 + value * 60) * 1000000, 0, 1000, 1000, 0, 0, 0, 0, 100
FROM json_each('[0,5,9,10,15,20]');
INSERT INTO hour
SELECT (1477785600 + value * 3600) * 1000000, '', 1000, 0, 0, 0, 1, 2, 3, 0, 0, 0
FROM json_each('[-1,0,1,2,3]');
INSERT INTO address_domain VALUES (1, 'trust.example');
INSERT INTO address_text (id, local, domain) VALUES (1, 'ann', 1);
INSERT INTO address_hash VALUES (0, x'', 0, 0);
INSERT INTO incident_affected VALUES (1, 1, 21, 0, 1, 2);
INSERT INTO incident_affected_post VALUES
  (1, 1, (1477785600 + 3000) * 1000000), (1, 2, (1477785600 + 4200) * 1000000);
INSERT INTO coverage_host VALUES
  (0, 'mx1', (1477785600 - 3600) * 1000000, (1477785600 + 9000) * 1000000, 50000, 0, 0, 0, 0, 0, 0, 0, 0);
