/* SPDX-License-Identifier: Apache-2.0
 *
 * Who got how many copies, by mailbox and by domain, and what is still queued:
 * the figures that walk every pair of an incident. See figures.h.
 */
#include "daemon/base/hash.h"
#include "daemon/base/memory.h"
#include "daemon/base/order.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/expansion.h"
#include "daemon/correlate/figures.h"
#include "daemon/correlate/post.h"

/* Rows by mailbox number: row_of[number] - 1. */
struct tally {
	const struct state *state;
	uint32_t *row_of;
	uint32_t *domain_of; /* per row */
	struct affected_row *rows;
	uint32_t count, capacity, domain_capacity;
	struct domain_row *domains;
	uint32_t domain_count, domains_capacity;
	struct table by_domain;
	uint32_t post; /* at hand: of the incident's, from 1 */
};

static uint64_t domain_hash_of(const void *owner, uint32_t number)
{
	const struct tally *tally = owner;

	return hash_bytes(tally->domains[number].domain.bytes, tally->domains[number].domain.length, 0);
}

/* Who is named without a domain is at home on a host of ours: all such are of one, which has no name. */
static struct slice domain_of(const struct state *state, uint32_t mailbox)
{
	struct slice address = texts_get(state->addresses, mailbox);

	return address_is_bare(address) ? SLICE("") : address_domain(address);
}

static int domain_local(const struct settings *settings, struct slice domain)
{
	if (domain.length == 0 && settings->mailbox.local_domains.count)
		return 1;
	for (size_t i = 0; i < settings->mailbox.local_domains.count; i++)
		if (slice_is(domain, settings->mailbox.local_domains.items[i]))
			return 1;
	return settings->mailbox.local_domains.count ? 0 : -1;
}

static uint32_t tally_domain(struct tally *tally, struct slice domain)
{
	uint64_t hash = hash_bytes(domain.bytes, domain.length, 0);
	uint32_t at = 0, number;

	while ((number = table_next(&tally->by_domain, hash, &at)) != TABLE_NONE)
		if (slice_equal(tally->domains[number].domain, domain))
			return number;
	MEMORY_GROW(tally->domains, tally->domain_count, tally->domains_capacity);
	tally->domains[tally->domain_count] =
		(struct domain_row){.domain = domain, .local = domain_local(tally->state->settings, domain)};
	table_add(&tally->by_domain, hash, tally->domain_count, domain_hash_of, tally);
	return tally->domain_count++;
}

static uint32_t tally_row(struct tally *tally, uint32_t mailbox)
{
	uint32_t row = tally->row_of[mailbox];

	if (row)
		return row - 1;
	MEMORY_GROW(tally->rows, tally->count, tally->capacity);
	if (tally->domain_capacity < tally->capacity) {
		tally->domain_capacity = tally->capacity;
		tally->domain_of = memory_resized(tally->domain_of, tally->domain_capacity, sizeof(uint32_t));
	}
	tally->rows[tally->count] = (struct affected_row){.mailbox = mailbox};
	tally->domain_of[tally->count] = tally_domain(tally, domain_of(tally->state, mailbox));
	tally->row_of[mailbox] = ++tally->count;
	return tally->count - 1;
}

static void tally_delivered(uint32_t mailbox, void *with)
{
	struct tally *tally = with;
	uint32_t at = tally_row(tally, mailbox);
	struct affected_row *row = &tally->rows[at];

	tally->domains[tally->domain_of[at]].deliveries++;
	if (row->copies++ == 0) {
		tally->domains[tally->domain_of[at]].mailboxes++;
		row->first_post = tally->post;
	}
	row->last_post = tally->post;
}

static void tally_failed(uint32_t mailbox, void *with)
{
	struct tally *tally = with;

	uint32_t at = tally_row(tally, mailbox);

	tally->rows[at].failed++;
}

static void tally_bounced(uint32_t mailbox, void *with)
{
	struct tally *tally = with;
	uint32_t at = tally_row(tally, mailbox);

	tally->rows[at].failed++;
	tally->domains[tally->domain_of[at]].bounced++;
}

static void tally_deferred(uint32_t mailbox, void *with)
{
	struct tally *tally = with;
	uint32_t domain = tally_domain(tally, domain_of(tally->state, mailbox));

	tally->domains[domain].deferred++;
}

static void tally_copies(const struct tally *tally, struct figures *figures)
{
	uint32_t *copies = memory_zeroed(tally->count, sizeof(*copies)), reached = 0;
	int64_t sum = 0, external = 0;

	for (uint32_t i = 0; i < tally->count; i++) {
		if (!tally->rows[i].copies)
			continue;
		copies[reached++] = tally->rows[i].copies;
		sum += tally->rows[i].copies;
		external += tally->domains[tally->domain_of[i]].local == 0;
	}
	if (tally->state->settings->mailbox.local_domains.count)
		figures->external_mailboxes = external;
	if (reached) {
		qsort(copies, reached, sizeof(*copies), order_uint32);
		figures->copies_mean = (double)sum / reached;
		figures->copies_median = copies[(reached - 1) / 2];
		figures->copies_p95 = copies[((uint64_t)reached * 95 + 99) / 100 - 1];
		figures->copies_max = copies[reached - 1];
	}
	free(copies);
}

static int compare_rows(const void *a, const void *b)
{
	return order_uint32(&((const struct affected_row *)a)->mailbox, &((const struct affected_row *)b)->mailbox);
}

void figures_mailboxes(const struct state *state, const struct incident *incident, struct figures *figures)
{
	struct tally tally = {.state = state, .row_of = memory_zeroed(state->addresses->count, sizeof(uint32_t))};
	bool whole = true; /* without a post that left memory before its thread became an incident */

	for (uint32_t i = 0; i < incident->post_count; i++) {
		struct post_sets sets;

		tally.post = i + 1;
		if (!post_sets_of(state, &state->posts[incident->posts[i]], &sets)) {
			whole = false;
			continue;
		}
		mailbox_set_each(&sets.delivered, tally_delivered, &tally);
		mailbox_set_each(&sets.bounced, tally_bounced, &tally);
		mailbox_set_each(&sets.expired, tally_failed, &tally);
		mailbox_set_each(&sets.deferred, tally_deferred, &tally);
		post_sets_clear(&sets);
	}
	if (whole)
		tally_copies(&tally, figures);
	if (tally.count)
		qsort(tally.rows, tally.count, sizeof(*tally.rows), compare_rows);
	figures->affected = tally.rows;
	figures->affected_count = tally.count;
	figures->domains = tally.domains;
	figures->domain_count = tally.domain_count;
	table_clear(&tally.by_domain);
	free(tally.row_of);
	free(tally.domain_of);
}

/* Mailboxes that are open in a file of a server that numbers its files: each once, though under several groups. */
static int64_t file_open(const struct state *state, const struct message *message, const struct file *file)
{
	uint32_t *open = memory_zeroed(file->recipient_count, sizeof(*open)), count = 0;
	int64_t distinct = 0;

	for (uint32_t i = 0; i < file->recipient_count; i++) {
		uint32_t mailbox = file->recipients[i].mailbox;

		if (file->recipients[i].booked_open && !expansion_ended(state, message, mailbox))
			open[count++] = mailbox;
	}
	qsort(open, count, sizeof(*open), order_uint32);
	for (uint32_t i = 0; i < count; i++)
		distinct += i == 0 || open[i] != open[i - 1];
	free(open);
	return distinct;
}

static int64_t file_pending(const struct state *state, const struct file *file, int64_t *oldest)
{
	int64_t pending = file->booked_missing_kind == MISSING_OPEN + 1 ? file->booked_missing : 0;

	*oldest = file->accepted;
	/* A server of Exchange tells when the message came to the organisation, too. */
	if (file->numbered && file->accepted_line != TIME_NONE)
		*oldest = file->accepted_line;
	if (file->numbered)
		return pending + file_open(state, &state->messages[file->message], file);
	for (uint32_t i = 0; i < file->recipient_count; i++)
		pending += file->recipients[i].booked_open;
	return pending;
}

void figures_queued(const struct state *state, const struct incident *incident, struct figures *figures)
{
	uint32_t capacity = 0;

	for (uint32_t i = 0; i < incident->post_count; i++) {
		const struct post *post = &state->posts[incident->posts[i]];
		const struct message *message = &state->messages[post->message];

		for (uint32_t k = 0; post->message && k < message->files; k++) {
			int64_t oldest, pending = file_pending(state, &state->files[message->file_list[k]], &oldest);

			if (!pending)
				continue;
			MEMORY_GROW(figures->queued, figures->queued_count, capacity);
			figures->queued[figures->queued_count++] =
				(struct queued_row){message->file_list[k], pending, oldest};
		}
	}
}
