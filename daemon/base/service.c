/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages to the service manager, see service.h.
 */
#include "daemon/base/service.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/memory.h"

struct service {
	int socket; /* -1: nobody listens */
	struct sockaddr_un address;
	socklen_t length;
	int64_t interval; /* microseconds between signs of life; 0: none are wanted */
	int64_t last;
};

/* An absolute path, or an abstract name written with '@' in front. */
static bool service_address(struct service *service, const char *path)
{
	size_t length = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || length < 2 || length >= sizeof(service->address.sun_path))
		return false;
	service->address.sun_family = AF_UNIX;
	memcpy(service->address.sun_path, path, length);
	if (path[0] == '@')
		service->address.sun_path[0] = '\0';
	service->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

static int64_t service_interval(void)
{
	const char *interval = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");

	if (!interval || (process && strtoll(process, NULL, 10) != getpid()))
		return 0;
	return strtoll(interval, NULL, 10) / 2;
}

struct service *service_new(void)
{
	struct service *service = memory_zeroed(1, sizeof(*service));
	const char *path = getenv("NOTIFY_SOCKET");

	service->socket = -1;
	if (path && service_address(service, path))
		service->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	service->interval = service->socket < 0 ? 0 : service_interval();
	return service;
}

void service_free(struct service **service)
{
	if (!*service)
		return;
	if ((*service)->socket >= 0)
		close((*service)->socket);
	free(*service);
	*service = NULL;
}

void service_tell(struct service *service, const char *state)
{
	if (service->socket < 0)
		return;
	(void)!sendto(service->socket, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&service->address,
	              service->length);
}

void service_alive(struct service *service, int64_t now)
{
	if (service->interval <= 0 || now - service->last < service->interval)
		return;
	service->last = now;
	service_tell(service, "WATCHDOG=1");
}
