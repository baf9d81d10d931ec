/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/nexthop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <rte_jhash.h>

#include "net/neighbour.h"
#include "net/rtnl.h"

#define ROUTES 4096U          /* answers kept, power of two; a collision costs a system call */
#define ASK_INTERVAL_MS 1000U /* at most one NTF_USE a neighbour in this time */
#define KEEP_FRESH_MS 300000U /* a stale neighbour is confirmed so long after its last lookup; */
#define EXPIRE_MS 600000U     /* and forgotten when there are too many */
#define MESSAGES_A_CALL 256U  /* datagrams that one nexthop_process() takes */
#define EVENT_BYTES 32768U

struct route_slot {
	bool filled;
	uint8_t family;
	bool has_source;
	uint8_t destination[16];
	uint8_t source[16];
	int error; /* answer: 0 or -EHOSTUNREACH */
	struct rtnl_route route;
};

struct nexthop_table {
	struct mnl_socket *requests;
	struct mnl_socket *events;
	void (*on_change)(void *user);
	void *user;
	uint32_t seed;
	struct neighbour_table *neighbours;
	struct route_slot route[ROUTES];
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int nexthop_open(struct nexthop_table **out, void (*on_change)(void *user), void *user)
{
	struct nexthop_table *table = calloc(1, sizeof(*table));
	int err;

	*out = NULL;
	if (!table)
		return -ENOMEM;
	table->on_change = on_change;
	table->user = user;
	if (getrandom(&table->seed, sizeof(table->seed), 0) != sizeof(table->seed)) {
		err = -errno;
		goto fail;
	}
	table->neighbours = neighbour_table_new(table->seed);
	if (!table->neighbours) {
		err = -ENOMEM;
		goto fail;
	}
	/* notifications first: nothing can change unseen after the first answer */
	err = rtnl_open_events(&table->events);
	if (err)
		goto fail;
	err = rtnl_open_requests(&table->requests);
	if (err)
		goto fail;
	*out = table;
	return 0;
fail:
	nexthop_close(table);
	return err;
}

void nexthop_close(struct nexthop_table *table)
{
	if (!table)
		return;
	if (table->requests)
		mnl_socket_close(table->requests);
	if (table->events)
		mnl_socket_close(table->events);
	neighbour_table_free(table->neighbours);
	free(table);
}

int nexthop_fd(const struct nexthop_table *table)
{
	return mnl_socket_get_fd(table->events);
}

/* ---- routes ---- */

static void forget_routes(struct nexthop_table *table)
{
	for (unsigned i = 0; i < ROUTES; i++)
		table->route[i].filled = false;
}

static uint32_t route_hash(const struct nexthop_table *table, const struct route_slot *key)
{
	uint32_t words[8];

	memcpy(words, key->destination, 16);
	memcpy(words + 4, key->source, 16);
	return rte_jhash_32b(words, 8, table->seed ^ key->family);
}

/* The slot for this question, filled with its answer. */
static const struct route_slot *route_lookup(struct nexthop_table *table, uint8_t family,
					     const uint8_t *destination, const uint8_t *source)
{
	struct route_slot key = {.family = family, .has_source = source != NULL};
	unsigned length = family == 4 ? 4 : 16;
	struct route_slot *slot;

	memcpy(key.destination, destination, length);
	if (source)
		memcpy(key.source, source, length);
	slot = &table->route[route_hash(table, &key) & (ROUTES - 1)];
	if (slot->filled && slot->family == family && slot->has_source == key.has_source &&
	    memcmp(slot->destination, key.destination, sizeof(key.destination)) == 0 &&
	    memcmp(slot->source, key.source, sizeof(key.source)) == 0)
		return slot;
	key.error = rtnl_route_get(table->requests, family, destination, source, &key.route);
	/* an answer of the kernel is kept, a failure to ask is not */
	key.filled = key.error == 0 || key.error == -EHOSTUNREACH;
	*slot = key;
	return slot;
}

/* ---- neighbours ---- */

/* Has the kernel resolve or confirm it, unless we just asked. */
static int ask_kernel(struct nexthop_table *table, struct neighbour *neighbour, uint64_t now)
{
	if (neighbour->asked && now - neighbour->asked_ms < ASK_INTERVAL_MS)
		return 0;
	neighbour->asked = true;
	neighbour->asked_ms = now;
	return rtnl_neighbour_use(table->requests, &neighbour->kernel);
}

/* What the kernel knows, from our copy while that is good. */
static int refresh(struct nexthop_table *table, struct neighbour *neighbour)
{
	struct rtnl_neighbour question = neighbour->kernel;
	int err;

	if (neighbour->known)
		return 0;
	err = rtnl_neighbour_get(table->requests, &question);
	if (err == -ENOENT)
		neighbour->kernel.state = 0;
	else if (err)
		return err;
	else
		neighbour->kernel = question;
	neighbour->known = true;
	return 0;
}

static struct neighbour *neighbour_lookup(struct nexthop_table *table, unsigned ifindex,
					  uint8_t family, const uint8_t *address, uint64_t now)
{
	struct neighbour *found = neighbour_add(table->neighbours, ifindex, family, address);

	if (!found) {
		neighbour_expire(table->neighbours, now, EXPIRE_MS);
		found = neighbour_add(table->neighbours, ifindex, family, address);
	}
	if (found)
		found->used_ms = now;
	return found;
}

int nexthop_lookup(struct nexthop_table *table, uint8_t family, const uint8_t *destination,
		   const uint8_t *source, struct nexthop *hop)
{
	const struct route_slot *slot = route_lookup(table, family, destination, source);
	const struct rtnl_route *route = &slot->route;
	const uint8_t *address = route->has_gateway ? route->gateway : destination;
	uint64_t now = now_ms();
	struct neighbour *neighbour;
	int err = slot->error;

	if (err)
		return err;
	if (!route->has_gateway && family != route->gateway_family)
		return -EHOSTUNREACH;
	neighbour = neighbour_lookup(table, route->ifindex, route->gateway_family, address, now);
	if (!neighbour)
		return -ENOMEM;
	err = refresh(table, neighbour);
	if (err)
		return err;
	if (neighbour_usable(&neighbour->kernel)) {
		if (neighbour->kernel.state & NUD_STALE)
			(void)ask_kernel(table, neighbour, now);
		memset(hop, 0, sizeof(*hop));
		hop->ifindex = route->ifindex;
		hop->mac = neighbour->kernel.mac;
		memcpy(hop->gateway, neighbour->kernel.address, sizeof(hop->gateway));
		return 0;
	}
	err = neighbour->kernel.state & NUD_FAILED ? -EHOSTDOWN : -EINPROGRESS;
	if (!(neighbour->kernel.state & NUD_INCOMPLETE)) {
		int asked = ask_kernel(table, neighbour, now);

		if (asked)
			return asked;
	}
	return err;
}

/* ---- notifications ---- */

/* True when the caller should look up again. */
static bool neighbour_event(struct nexthop_table *table, const struct nlmsghdr *message)
{
	struct rtnl_neighbour news;
	struct neighbour *n;
	bool was_usable, changed;
	uint64_t now = now_ms();

	if (rtnl_neighbour_parse(message, &news))
		return false;
	n = neighbour_find(table->neighbours, news.ifindex, news.family, news.address);
	if (!n)
		return false;
	was_usable = neighbour_usable(&n->kernel);
	changed = !n->known || was_usable != neighbour_usable(&news) ||
		  n->kernel.has_mac != news.has_mac ||
		  !rte_is_same_ether_addr(&n->kernel.mac, &news.mac) ||
		  (!was_usable && n->kernel.state != news.state);
	n->kernel = news;
	n->known = true;
	if (!(news.state & NUD_STALE))
		return changed;
	/* nobody looked it up for long: a lookup, if there still is one, will have it confirmed */
	if (now - n->used_ms > KEEP_FRESH_MS)
		return true;
	(void)ask_kernel(table, n, now);
	return changed;
}

static bool handle(struct nexthop_table *table, const struct nlmsghdr *message)
{
	const struct rtmsg *rt;

	switch (message->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		return neighbour_event(table, message);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		rt = mnl_nlmsg_get_payload(message);
		if (mnl_nlmsg_get_payload_len(message) >= sizeof(*rt) &&
		    (rt->rtm_flags & RTM_F_CLONED)) /* a cached path MTU, no route */
			return false;
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_NEWADDR:
	case RTM_DELADDR:
	case RTM_NEWRULE:
	case RTM_DELRULE:
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		break;
	default:
		return false;
	}
	forget_routes(table);
	return true;
}

/* The kernel had more to say than the socket could hold: what we know may be old. */
static void forget_all(struct nexthop_table *table)
{
	forget_routes(table);
	neighbour_forget_all(table->neighbours);
}

int nexthop_process(struct nexthop_table *table)
{
	_Alignas(struct nlmsghdr) char buffer[EVENT_BYTES];
	bool changed = false;
	int err = 0;

	for (unsigned i = 0; i < MESSAGES_A_CALL; i++) {
		ssize_t n = mnl_socket_recvfrom(table->events, buffer, sizeof(buffer));
		const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 &&
		    (errno == ENOBUFS || errno == ENOSPC)) { /* overrun; datagram cut off */
			forget_all(table);
			changed = true;
			continue;
		}
		if (n < 0) {
			err = errno == EAGAIN ? 0 : -errno;
			break;
		}
		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
			changed |= handle(table, message);
	}
	if (changed && table->on_change)
		table->on_change(table->user);
	return err;
}
