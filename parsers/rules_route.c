/* SPDX-License-Identifier: Apache-2.0
 *
 * Which rules a program's lines are tried with: its route. Routes are kept, one
 * thread's own; a route is the same list, in the same order, whether it was
 * kept or not. Owns the lists, not the rules in them. Never fails.
 */
#include <fnmatch.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "parsers/rules_parts.h"

#define ROUTES 64 /* a power of two; a Postfix host has some twenty programs and instances */

struct routes {
	struct route kept[ROUTES];
	struct route unkept;
	struct route *last; /* of the line before; NULL: none was kept */
};

struct routes *routes_new(void)
{
	return memory_zeroed(1, sizeof(struct routes));
}

void routes_free(struct routes **routes)
{
	for (size_t i = 0; i < ROUTES; i++)
		free((*routes)->kept[i].rules);
	free((*routes)->unkept.rules);
	free(*routes);
	*routes = NULL;
}

static bool glob_matches(const char *glob, struct slice name)
{
	char *string = memory_string(name.bytes, name.length);
	bool matches = fnmatch(glob, string, 0) == 0;

	free(string);
	return matches;
}

static bool any_glob_matches(const struct name_list *globs, struct slice name)
{
	for (size_t i = 0; i < globs->count; i++) {
		if (glob_matches(globs->items[i], name))
			return true;
	}
	return false;
}

bool rule_file_claims(const struct rule_file *file, const struct envelope *envelope)
{
	if (envelope->program_cut) {
		/* What is left of the tag is the instance; where nothing is left, the body must tell. */
		struct slice left = slice_given(envelope->instance) && envelope->instance.length ? envelope->instance
		                                                                                 : envelope->program;

		return !left.length || any_glob_matches(&file->instances, left);
	}
	if (name_list_has(&file->programs, envelope->program))
		return true;
	return envelope->instance.length && any_glob_matches(&file->instances, envelope->instance);
}

bool rule_takes_program(const struct rule_file *file, const struct rule *rule, const struct envelope *envelope)
{
	if (!rule->programs.count && !rule->other_programs)
		return true;
	if (envelope->program_cut)
		return rule->programs.count > 0;
	return name_list_has(&rule->programs, envelope->program) ||
	       (rule->other_programs && !name_list_has(&file->programs, envelope->program));
}

static void route_fill(struct route *route, const struct rules *rules, const struct envelope *envelope)
{
	route->count = 0;
	route->claimed = false;
	for (size_t i = 0; i < rules->file_count; i++) {
		const struct rule_file *file = &rules->files[i];

		if (!rule_file_claims(file, envelope))
			continue;
		route->claimed = true;
		for (size_t k = 0; k < file->rule_count; k++) {
			if (!rule_takes_program(file, &file->rules[k], envelope))
				continue;
			MEMORY_GROW(route->rules, route->count, route->capacity);
			route->rules[route->count++] = &file->rules[k];
		}
	}
}

static bool route_is_for(const struct route *route, const struct envelope *envelope)
{
	return route->known && route->cut == envelope->program_cut &&
	       route->instance_length == envelope->instance.length &&
	       route->program_length == envelope->program.length &&
	       memcmp(route->key, envelope->instance.bytes ? envelope->instance.bytes : "", route->instance_length) ==
	               0 &&
	       memcmp(route->key + route->instance_length, envelope->program.bytes ? envelope->program.bytes : "",
	              route->program_length) == 0;
}

static void route_name(struct route *route, const struct envelope *envelope)
{
	route->known = true;
	route->cut = envelope->program_cut;
	route->instance_length = (uint8_t)envelope->instance.length;
	route->program_length = (uint8_t)envelope->program.length;
	if (envelope->instance.length)
		memcpy(route->key, envelope->instance.bytes, envelope->instance.length);
	if (envelope->program.length)
		memcpy(route->key + envelope->instance.length, envelope->program.bytes, envelope->program.length);
}

static unsigned name_hash(struct slice name)
{
	unsigned hash = (unsigned)name.length;

	for (size_t i = 0; i < name.length; i++)
		hash = hash * 31 + (unsigned char)name.bytes[i];
	return hash;
}

const struct route *routes_find(struct routes *routes, const struct rules *rules, const struct envelope *envelope)
{
	struct route *route = routes->last;

	if (route && route_is_for(route, envelope))
		return route;
	if (envelope->instance.length + envelope->program.length > ROUTE_KEY) {
		route_fill(&routes->unkept, rules, envelope);
		return &routes->unkept;
	}
	route = &routes->kept[(name_hash(envelope->program) * 7 + name_hash(envelope->instance)) % ROUTES];
	if (!route_is_for(route, envelope)) {
		route_fill(route, rules, envelope);
		route_name(route, envelope);
	}
	routes->last = route;
	return route;
}
