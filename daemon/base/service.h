/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells the service manager how the daemon is: the protocol of sd_notify(3),
 * datagrams to the socket that NOTIFY_SOCKET names, which systemd promises to
 * keep and describes for programs that do without its library. Without such a
 * socket everything here does nothing. A message that cannot be sent is lost.
 */
#ifndef MAILSTORM_BASE_SERVICE_H
#define MAILSTORM_BASE_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

struct service;

/* From the environment: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID. Never NULL. */
struct service *service_new(void);
void service_free(struct service **service);

/* "READY=1", "RELOADING=1", "STOPPING=1", "STATUS=..."; several are joined by newlines. */
void service_tell(struct service *service, const char *state);

/* Call often: "WATCHDOG=1" goes out at half the interval that the manager wants to hear from us in. now: microseconds of
 * any clock that goes on steadily. */
void service_alive(struct service *service, int64_t now);

#endif
