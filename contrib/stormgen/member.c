/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to the plan that the simulation asks for every delivery: who is
 * member number so-and-so, and what becomes of a message for him. A member's
 * address holds his number, so that a sum over addresses can be made in SQL.
 */
#include <stdio.h>

#include "plan.h"

static const char *const first_names[] = {"anna",  "ben",   "carol", "david", "emma",  "farid", "grace", "hugo",
                                          "irene", "james", "kate",  "liam",  "maria", "nadia", "oscar", "priya"};
static const char *const last_names[] = {"adams", "brown", "clarke", "davies", "evans",  "fox",   "green", "hughes",
                                         "ito",   "jones", "khan",   "lewis",  "morgan", "novak", "owen",  "patel"};

int64_t plan_told_acceptance(const struct plan *plan, int64_t accepted_at, int64_t first_line_at)
{
	int64_t line = plan_line_time(plan, first_line_at), told;

	switch ((enum format_kind)plan->options->format) {
	case FORMAT_POSTFIX: break;
	case FORMAT_EXIM: return plan->options->queue_ids == ID_LONG ? accepted_at : accepted_at - accepted_at % 500;
	default: return line;
	}
	if (plan->options->queue_ids == ID_LONG)
		return accepted_at;
	told = line - line % SECOND + accepted_at % SECOND;
	if (told > line + plan->resolution - 1)
		told -= SECOND;
	return told;
}

enum fate_kind plan_fate(const struct plan *plan, uint64_t salt, uint32_t member, unsigned *retries)
{
	const struct options *o = plan->options;
	uint64_t hash;

	*retries = 0;
	if (!plan->has_fates)
		return FATE_SENT;
	hash = random_mix((uint64_t)o->seed << 32 ^ member);
	/* However small the list, two members at least are what there shall be some of. */
	if (random_chance(hash, o->bounced / 100) || (o->bounced > 0 && (member == 3 || member + 2 == plan->members)))
		return FATE_BOUNCED;
	if (random_chance(hash, (o->bounced + o->expired) / 100) ||
	    (o->expired > 0 && (member == 11 || member + 3 == plan->members)))
		return FATE_NEVER;
	hash = random_mix(salt * 0x10001 ^ hash);
	if (!random_chance(hash, o->deferred / 100))
		return FATE_SENT;
	*retries = 1 + (unsigned)(hash & 3) / 2 + (unsigned)(hash & 7) / 7;
	return FATE_LATER;
}

uint32_t plan_group_of(const struct plan *plan, uint32_t member)
{
	uint32_t low = 0, high = plan->group_count - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (member < plan->groups[middle].end)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool plan_untimed(const struct plan *plan)
{
	return plan->options->format == FORMAT_M365;
}

bool plan_names_list(const struct plan *plan)
{
	const struct options *o = plan->options;

	if (o->shape == SHAPE_RECIPIENT_SET)
		return false;
	/* The owner's name gets its domain on the way to the next hop. */
	return o->format != FORMAT_SENDMAIL || o->shape != SHAPE_VIRTUAL ||
	       (o->owner_alias && !o->owner_person && o->hops > 1);
}

char *plan_login(uint32_t member, char *p)
{
	p = text_put(p, first_names[member % 16]);
	*p++ = '.';
	p = text_put(p, last_names[member / 16 % 16]);
	*p++ = '.';
	return text_number(p, member);
}

char *plan_address_folded(const struct plan *plan, const struct group *group, uint32_t member, char *p)
{
	const struct domain *domain = &plan->domains[group->domain];

	p = plan_login(member, p);
	*p++ = '@';
	return text_bytes(p, domain->name, domain->length);
}

char *plan_address(const struct plan *plan, const struct group *group, uint32_t member, char *p)
{
	char *start = p;

	p = plan_address_folded(plan, group, member, p);
	if (member % 8 == 5)
		*start = (char)(*start - 'a' + 'A');
	if (member % 64 == 13) {
		char *domain = p - plan->domains[group->domain].length;

		*domain = (char)(*domain - 'a' + 'A');
	}
	return p;
}

void plan_subject(const struct plan *plan, const struct post *post, char *p)
{
	static const char *const replies[] = {"RE: ", "Re: ", "AW: ", "Re: Re: ", "SV: "};
	const struct options *o = plan->options;

	if (o->announcements && post->out_of_office && post->null_sender)
		sprintf(p, "Undelivered Mail Returned to Sender");
	else if (o->announcements)
		sprintf(p, "News, number %u", post->number + 1);
	else if (post->out_of_office)
		sprintf(p, "Automatic reply: Test");
	else if (o->recipients == RECIPIENTS_APART || o->posters == 1)
		sprintf(p, "Special offer");
	else if (o->topic_posts > 0)
		sprintf(p, "%sTopic %u", post->parent == NOBODY ? "" : replies[random_mix(post->number) % 5],
		        post->topic + 1);
	else
		sprintf(p, "%sTest", post->number > 0 ? replies[random_mix(post->number) % 5] : "");
}
