/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * c-ares on a libuv loop: names are looked up without ever stopping the loop. One resolver serves
 * all peers. Files (/etc/hosts) come before DNS; servers are those of /etc/resolv.conf unless
 * others are given.
 *
 * Thread: the loop's.
 */
#pragma once

#include <ares.h>
#include <uv.h>

struct resolver;

/*
 * servers: "192.0.2.53,[2001:db8::53]:5353", or NULL for those of the system. The resolver is the
 * caller's until resolver_close(). Returns 0, -EINVAL (servers), -ENOMEM or -EIO (c-ares).
 */
int resolver_new(struct resolver **resolver, uv_loop_t *loop, const char *servers);

/*
 * Ends all queries: each gets its callback with ARES_EDESTRUCTION or ARES_ECANCELLED, from the
 * loop, before closed is called; then the resolver is gone. May be called from a query's callback.
 * NULL is not fine.
 */
void resolver_close(struct resolver *resolver, void (*closed)(void *user), void *user);

/* To put queries to: resolver_asked() must follow each. */
ares_channel resolver_channel(struct resolver *resolver);
/* Queries were put to the channel: watches over their timeouts. */
void resolver_asked(struct resolver *resolver);
