/* SPDX-License-Identifier: Apache-2.0
 *
 * What the settings say of a host that a line names: the one name it goes by,
 * and the zone of its local time stamps.
 */
#ifndef MAILSTORM_PARSERS_HOST_NAMES_H
#define MAILSTORM_PARSERS_HOST_NAMES_H

#include "daemon/base/zone.h"
#include "slice.h"

struct settings;
struct host_names;

struct host_name {
	struct slice name;       /* not given: as logged. Belongs to the settings */
	const struct zone *zone; /* never NULL */
};

/* settings (borrowed; NULL: none at all) must outlive it. NULL where a time zone that they name cannot be loaded, which
 * whoever loaded the settings has ruled out. For one thread. */
struct host_names *host_names_new(const struct settings *settings);
void host_names_free(struct host_names **names);

/* The first section whose glob matches (upper and lower case alike) and that gives a name tells the name; the first
 * that gives a time zone, the zone. Valid until the next call. */
const struct host_name *host_names_find(struct host_names *names, struct slice host);

#endif
