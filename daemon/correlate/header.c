/* SPDX-License-Identifier: Apache-2.0
 *
 * Logged headers, see header.h. Message-IDs of References and In-Reply-To are
 * taken where they stand whole between angle brackets: Postfix cuts a logged
 * header at 200 bytes, and a cut id must not tie anything.
 */
#include "daemon/correlate/header.h"

#include <strings.h>

#include "daemon/base/memory.h"
#include "daemon/correlate/address.h"
#include "daemon/correlate/book.h"
#include "daemon/correlate/file.h"
#include "daemon/correlate/message.h"
#include "daemon/correlate/message_id.h"

#define REFERENCES_MAX 64

static bool header_is(const struct event *event, const char *name)
{
	return event->header_name.length == strlen(name) &&
	       strncasecmp(event->header_name.bytes, name, event->header_name.length) == 0;
}

static void header_reference(struct state *state, struct file *file, struct slice id)
{
	char buffer[MESSAGE_ID_MAX];
	uint32_t text = texts_hold(state->texts, message_id_kept(id, buffer));

	for (uint32_t i = 0; i < file->reference_count; i++)
		if (file->references[i] == text) {
			texts_drop(state->texts, text);
			return;
		}
	if (file->reference_count == REFERENCES_MAX) {
		texts_drop(state->texts, text);
		return;
	}
	file->references = memory_resized(file->references, file->reference_count + 1, sizeof(uint32_t));
	file->references[file->reference_count++] = text;
}

static void header_references(struct state *state, struct file *file, struct slice value)
{
	const char *open = NULL;

	for (size_t i = 0; i < value.length; i++) {
		const char *at = value.bytes + i;

		if (*at == '<')
			open = at;
		else if (*at == ' ' || *at == '?')
			open = NULL;
		else if (*at == '>' && open && at > open + 1) {
			header_reference(state, file, (struct slice){open, (size_t)(at + 1 - open)});
			open = NULL;
		}
	}
}

static void header_list(struct state *state, uint32_t file, struct slice value)
{
	char buffer[ADDRESS_MAX + 1];
	uint32_t list = texts_hold(state->addresses, address_list_of_header(value, buffer));

	if (state->files[file].header_list) {
		texts_drop(state->addresses, list);
		return;
	}
	unbook_file(state, file);
	state->files[file].header_list = list;
	for (uint32_t i = 0; state->files[file].message && i < state->files[file].recipient_count; i++)
		message_recipient(state, file, i);
	book_missing(state, file);
}

void header_take(struct state *state, uint32_t file, const struct event *event)
{
	struct file *f = &state->files[file];

	if (header_is(event, "subject")) {
		if (!f->subject)
			f->subject = texts_hold(state->texts, event->header_value);
	} else if (header_is(event, "references") || header_is(event, "in-reply-to")) {
		header_references(state, f, event->header_value);
	} else if (header_is(event, "list-id")) {
		header_list(state, file, event->header_value);
	}
	if (slice_is(event->action, "redirect")) {
		f->nrcpt = FILE_REDIRECTED;
		book_missing(state, file);
	}
	state->files[file].automatic = state->files[file].automatic || event->automatic;
	if (state->files[file].message)
		message_place(state, file);
}
