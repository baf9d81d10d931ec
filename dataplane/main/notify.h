/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readiness for a service manager (sd_notify(3) protocol, without its library). */
#pragma once

/* Sends state ("READY=1", "STOPPING=1") to NOTIFY_SOCKET when that is set. Errors are ignored: a
 * service manager that does not listen is no reason not to work. */
void notify_state(const char *state);
