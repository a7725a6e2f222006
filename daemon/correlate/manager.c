/* SPDX-License-Identifier: Apache-2.0
 *
 * What list managers write themselves, see manager.h. Sources of the Message-IDs:
 * mlmmj (prepstdreply.c, send_digest.c), ezmlm, Mailman 2 (Utils.unique_message_id;
 * also of posts to anonymous and of wrapped ones), Sympa (Sympa::unique_message_id;
 * likewise), Mailman 3 (email.utils.make_msgid of Python; likewise).
 */
#include "daemon/correlate/manager.h"

#include "daemon/correlate/address.h"
#include "daemon/correlate/hop.h"
#include "daemon/correlate/list.h"
#include "daemon/correlate/subject.h"

/* Takes a number off the beginning: its digits, or 0 where there is none. */
static size_t manager_digits(struct slice *s)
{
	size_t n = 0;

	while (n < s->length && s->bytes[n] >= '0' && s->bytes[n] <= '9')
		n++;
	*s = slice_from(*s, n);
	return n;
}

static bool manager_take(struct slice *s, const char *text)
{
	if (!slice_starts(*s, text))
		return false;
	*s = slice_from(*s, strlen(text));
	return true;
}

/* Takes `count` numbers with the sign between them; digits[i]: how long each is. */
static bool manager_numbers(struct slice *s, int count, const char *sign, size_t *digits)
{
	for (int i = 0; i < count; i++)
		if ((i && !manager_take(s, sign)) || !(digits[i] = manager_digits(s)))
			return false;
	return true;
}

/* <147911220000.1234.9876543210987654321@host>: hundredths of seconds, process, random number. */
static bool manager_python(struct slice id)
{
	size_t digits[3];

	return manager_numbers(&id, 3, ".", digits) && digits[0] == 12 && digits[2] > 10 && manager_take(&id, "@");
}

enum manager_mail manager_mail_of(struct slice message_id)
{
	struct slice id = message_id, rest;
	size_t digits[4];

	if (!manager_take(&id, "<"))
		return MANAGER_NONE;
	rest = id;
	if (manager_numbers(&rest, 2, "-", digits) && manager_take(&rest, "-mlmmj-"))
		return MANAGER_OWN;
	rest = id;
	if (manager_numbers(&rest, 2, ".", digits) && manager_take(&rest, ".ezmlm@"))
		return MANAGER_OWN;
	rest = id;
	if (manager_take(&rest, "mailman.") && manager_numbers(&rest, 3, ".", digits) && manager_take(&rest, "."))
		return MANAGER_PERHAPS;
	rest = id;
	if (manager_take(&rest, "sympa.") && manager_numbers(&rest, 3, ".", digits))
		return MANAGER_PERHAPS;
	return manager_python(id) ? MANAGER_LOCAL : MANAGER_NONE;
}

/* The list sends posts under their authors' Message-IDs. */
static bool manager_keeps_ids(const struct state *state, const struct list *list)
{
	for (uint32_t i = 0; i < list->post_count; i++) {
		struct slice id = texts_get(state->texts, state->posts[list->posts[i]].message_id);

		if (id.length && manager_mail_of(id) == MANAGER_NONE)
			return true;
	}
	return false;
}

/* Nobody posted it: it was handed in under the list's own sender, on the host itself where that must be. What goes to
 * the owners comes to the manager at first, as a post does. A post that got a new Message-ID keeps its subject. */
static bool manager_began(const struct state *state, const struct message *message, uint32_t address)
{
	enum manager_mail mail = manager_mail_of(texts_get(state->texts, message->id));
	bool own = message->root_list != 0;

	if (mail == MANAGER_NONE || mail == MANAGER_OWN)
		return false;
	if (mail == MANAGER_LOCAL ? !own || !hop_loopback(texts_get(state->texts, message->client))
	                          : !own && message->manager_list)
		return false;
	return !message->subject ||
	       !subject_of_post(texts_get(state->texts, message->subject), texts_get(state->addresses, address));
}

bool manager_wrote(const struct state *state, const struct message *message, uint32_t address)
{
	uint32_t list = list_find(state, address);

	if (manager_mail_of(texts_get(state->texts, message->id)) == MANAGER_OWN ||
	    address_sends_digests(texts_get(state->texts, message->sender)))
		return true;
	return list && manager_began(state, message, address) && manager_keeps_ids(state, &state->lists[list]);
}

bool manager_mark(struct state *state, uint32_t list)
{
	const struct list *of = &state->lists[list];
	bool marked = false;

	if (of->kind != LIST_MANAGER)
		return false;
	for (uint32_t i = 0; i < of->post_count; i++) {
		struct message *message = &state->messages[state->posts[of->posts[i]].message];

		if (!state->posts[of->posts[i]].message || !manager_began(state, message, of->address) ||
		    !manager_keeps_ids(state, of))
			continue;
		message->changed = marked = true;
	}
	return marked;
}

bool manager_is_person(const struct state *state, const struct message *message)
{
	struct slice sender = texts_get(state->texts, message->sender);
	uint32_t mailbox = 0;

	if (message->root_list && address_may_be_a_persons(sender))
		mailbox = texts_find(state->addresses, sender);
	for (uint32_t i = 1; mailbox && i < state->list_count; i++)
		if (state->lists[i].kind == LIST_RECIPIENT_SET && mailbox_set_has(&state->lists[i].members, mailbox))
			return true;
	return false;
}

/* A host that we read logs of, under its whole name, or under its first label where the rest is that of the list. */
static bool manager_is_ours(const struct state *state, struct slice name, struct slice domain)
{
	const char *dot = name.length ? memchr(name.bytes, '.', name.length) : NULL;
	struct slice label = slice_first(name, dot ? (size_t)(dot - name.bytes) : name.length);
	struct slice rest = slice_from(name, label.length + 1);
	bool same =
		slice_equal(rest, domain) ||
		(rest.length < domain.length && slice_equal(slice_from(domain, domain.length - rest.length), rest) &&
	         domain.bytes[domain.length - rest.length - 1] == '.' && rest.length > 0);

	for (uint32_t i = 1; i < state->host_count; i++) {
		struct slice host = texts_get(state->texts, state->hosts[i].name);

		if (slice_equal(host, name) || (same && slice_equal(host, label)))
			return true;
	}
	return false;
}

bool manager_is_forged(const struct state *state, const struct message *message)
{
	struct slice client = texts_get(state->texts, message->client);
	const char *open = client.length ? memchr(client.bytes, '[', client.length) : NULL;
	uint32_t list = message->root_list ? list_find(state, message->root_list) : 0;

	if (!list || !open || message->manager_list ||
	    (state->lists[list].kind != LIST_ALIAS && state->lists[list].kind != LIST_GROUP))
		return false;
	if (slice_starts(slice_from(client, (size_t)(open + 1 - client.bytes)), "127.") ||
	    slice_starts(slice_from(client, (size_t)(open + 1 - client.bytes)), "::1]"))
		return false;
	return !manager_is_ours(state, slice_first(client, (size_t)(open - client.bytes)),
	                        address_domain(texts_get(state->addresses, message->root_list)));
}
