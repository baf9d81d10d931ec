/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Next hops from the kernel's routes and neighbours, by rtnetlink (libmnl). The kernel does ARP and
 * neighbour discovery; we only ask and listen.
 *
 * Thread: the main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

struct nexthop {
	unsigned ifindex;          /* where the route leaves */
	struct rte_ether_addr mac; /* of the next hop */
	uint8_t gateway[16];       /* the next hop's address, network order */
};

struct nexthop_table;

/*
 * How it works: a lookup asks the kernel for the route (RTM_GETROUTE: rules, sources, metrics and
 * ECMP are the kernel's business) and for the neighbour, and keeps both answers; notifications make
 * them void, so that a lookup costs a system call only after a change. When notifications are lost
 * (ENOBUFS) everything is asked again. A neighbour that goes stale is confirmed (NTF_USE) as long
 * as it was looked up in the last five minutes; after that on_change is called for it, and a new
 * lookup renews the five minutes: so a caller that looks up what it uses on every on_change, and
 * nothing else, keeps just that alive. CAP_NET_ADMIN is needed for the confirmations.
 */

/*
 * on_change is called from nexthop_process() when routes or neighbours changed: the caller looks
 * its next hops up again. Returns 0 or -errno.
 */
int nexthop_open(struct nexthop_table **table, void (*on_change)(void *user), void *user);
void nexthop_close(struct nexthop_table *table);

/* Readable when there is something to process. */
int nexthop_fd(const struct nexthop_table *table);
int nexthop_process(struct nexthop_table *table);

/*
 * Where packets to destination go. family 4 or 6, addresses in network order; source may be NULL.
 * Never blocks. Returns 0 and *hop; -EHOSTUNREACH (no route); -EINPROGRESS (the kernel was asked to
 * resolve the neighbour: on_change will come); -EHOSTDOWN (the neighbour does not answer: asked
 * again, at most once a second; on_change comes with the kernel's next verdict, about 3 seconds
 * later); -EPERM (CAP_NET_ADMIN is missing); -ENOMEM. A destination that is this host's own, a
 * multicast or a broadcast address is -EHOSTUNREACH, and so is a source that this host has not got.
 * hop->ifindex may be another interface than the caller's port: that is for the caller to refuse.
 */
int nexthop_lookup(struct nexthop_table *table, uint8_t family, const uint8_t *destination,
		   const uint8_t *source, struct nexthop *hop);
