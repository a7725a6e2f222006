/* SPDX-License-Identifier: Apache-2.0
 *
 * The incident mailbox by mailbox: how many were reached, how often, in which
 * domains. For many mailboxes only sums are written: their number, copies, and
 * a checksum over copies and addresses that does not depend on order.
 */
#include <stdlib.h>

#include "truth_write.h"

#define EVERY_MAILBOX 2000 /* up to so many members each is written */

void sum_mailboxes(const struct truth *truth, struct sums *sums)
{
	uint64_t *by_copies = calloc(UINT16_MAX + 1, sizeof(*by_copies)), seen = 0;

	if (!by_copies)
		abort();
	for (uint32_t m = 0; m < truth->plan->members; m++) {
		const struct member_record *member = &truth->members[m];

		by_copies[member->copies]++;
		sums->mailboxes += member->copies > 0;
		sums->external += member->copies > 0 && m >= truth->plan->local_members;
		sums->deferred_mailboxes += (member->flags & MEMBER_DEFERRED) != 0;
		sums->bounced_mailboxes += (member->flags & MEMBER_BOUNCED) != 0;
		sums->expired_mailboxes += (member->flags & MEMBER_EXPIRED) != 0;
	}
	for (uint32_t copies = 1; copies <= UINT16_MAX; copies++) {
		uint64_t before = seen;

		seen += by_copies[copies];
		/* nearest rank: the first value whose rank reaches p % of all, of an even number the lower middle */
		if (before * 2 < sums->mailboxes && seen * 2 >= sums->mailboxes)
			sums->copies_median = copies;
		if (before * 100 < sums->mailboxes * 95 && seen * 100 >= sums->mailboxes * 95)
			sums->copies_p95 = copies;
		if (by_copies[copies] > 0)
			sums->copies_max = copies;
	}
	free(by_copies);
}

/* The same sum is made in SQL from the address alone: its number, length, first letter, first of the domain. */
static uint64_t address_sum(const char *address, const char *end, uint32_t number)
{
	const char *at = address;

	while (*at != '@')
		at++;
	return ((uint64_t)number * UINT64_C(2654435761) + (uint64_t)(end - address) * 40503 +
	        (uint64_t)(unsigned char)*address * 31 + (uint64_t)(unsigned char)at[1]) %
	       1000003;
}

static void write_mailbox(const struct truth *truth, FILE *file, uint32_t number, const char *address)
{
	const struct member_record *member = &truth->members[number];
	const struct post *posts = truth->plan->posts;
	struct key key = incident_key(truth, address);

	row_number(file, "affected", key.text, "copies", member->copies);
	row_number(file, "affected", key.text, "failed", member->failed);
	row_time(file, "affected", key.text, "first_post_at",
	         member->copies ? posts[member->first_post].posted_at : -1);
	row_time(file, "affected", key.text, "last_post_at", member->copies ? posts[member->last_post].posted_at : -1);
}

void write_affected(const struct truth *truth, const struct truth_output *output)
{
	const struct plan *plan = truth->plan;
	uint64_t count = 0, copies = 0, most = 0, failed = 0, checksum = 0, failed_checksum = 0;
	bool every = plan->members <= EVERY_MAILBOX || plan->options->every_mailbox;
	struct key key = incident_key(truth, "");
	char address[200];

	for (uint32_t g = 0; g < plan->group_count; g++)
		for (uint32_t m = plan->groups[g].first; m < plan->groups[g].end; m++) {
			const struct member_record *member = &truth->members[m];
			char *end = plan_address_folded(plan, &plan->groups[g], m, address);
			uint64_t sum = address_sum(address, end, m);

			if (member->copies == 0 && member->failed == 0)
				continue;
			*end = '\0';
			count++;
			copies += member->copies;
			failed += member->failed;
			most = member->copies > most ? member->copies : most;
			checksum += member->copies * sum;
			failed_checksum += member->failed * sum;
			if (every)
				write_mailbox(truth, output->file, m, address);
		}
	row_number(output->file, "affected", key.text, "count", count);
	row_number(output->file, "affected", key.text, "sum_copies", copies);
	row_number(output->file, "affected", key.text, "max_copies", most);
	row_number(output->file, "affected", key.text, "sum_failed", failed);
	row_number(output->file, "affected", key.text, "checksum", checksum);
	row_number(output->file, "affected", key.text, "failed_checksum", failed_checksum);
}

void write_domains(const struct truth *truth, const struct truth_output *output)
{
	const struct plan *plan = truth->plan;

	for (uint32_t d = 0; d < plan->domain_count; d++) {
		const struct domain_record *record = &truth->domains[d];
		struct key key = incident_key(truth, plan->domains[d].name);
		uint64_t mailboxes = 0;

		for (uint32_t g = 0; g < plan->group_count; g++)
			if (plan->groups[g].domain == d)
				for (uint32_t m = plan->groups[g].first; m < plan->groups[g].end; m++)
					mailboxes += truth->members[m].copies > 0;
		if (mailboxes == 0 && record->deferred == 0 && record->bounced == 0)
			continue;
		row_text(output->file, "domains", key.text, "scope",
		         !plan->options->local_domains ? NULL
		         : plan->domains[d].external   ? "external"
		                                       : "local");
		row_number(output->file, "domains", key.text, "mailboxes", mailboxes);
		row_number(output->file, "domains", key.text, "deliveries", record->deliveries);
		row_number(output->file, "domains", key.text, "deferred", record->deferred);
		row_number(output->file, "domains", key.text, "bounced", record->bounced);
	}
}
