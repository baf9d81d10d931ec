/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locating SIP servers (RFC 3263 4): from a name to addresses and ports, in the order to try them.
 *
 * The transport of a peer is configured, never found in DNS: a forged answer must not turn TLS into
 * TCP. So of the NAPTR records those of that transport count, and only to learn where the SRV
 * records are. A port that is configured means: no NAPTR, no SRV (4.2). Whom a TLS certificate must
 * name is decided by the configured name, before DNS is asked (RFC 5922 4): nothing found here
 * changes it.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#include "net/resolver.h"
#include "sip/flow.h"

#define LOCATE_ADDRESSES_MAX 16U
#define LOCATE_TARGETS_MAX 8U /* SRV targets that are looked up; those tried first */

struct locate;

struct locate_question {
	const char *name;
	uint16_t port; /* host order; 0: by NAPTR and SRV */
	enum sip_transport transport;
	int family; /* AF_INET, AF_INET6 */
};

struct locate_answer {
	int status;       /* 0, or -EHOSTUNREACH (no address), -EAGAIN (DNS failed, may work
			     later) */
	const char *text; /* for people, when status is not 0 */
	const struct sockaddr_storage *address; /* count of them, with ports */
	unsigned count;
};

/*
 * done is called once, from the loop or before this returns. name is copied; names in /etc/hosts
 * have the default port and are not asked for in DNS. *locate is set before done is called, and
 * valid until then. Returns 0, -ENOMEM or -EINVAL (name too long): then done is not called.
 */
int locate_start(struct locate **locate, struct resolver *resolver,
		 const struct locate_question *question,
		 void (*done)(void *user, const struct locate_answer *answer), void *user);
/* done will not be called. */
void locate_cancel(struct locate *locate);
