/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps: NAPTR, then SRV, then the addresses of each SRV target in turn. A step that finds
 * nothing leads to the next with what RFC 3263 says to suppose.
 */
#include "net/locate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "net/address.h"
#include "net/srv_order.h"

#define DNS_CLASS_IN 1
#define DNS_TYPE_SRV 33
#define DNS_TYPE_NAPTR 35
#define ERROR_TEXT 192U

struct locate {
	struct resolver *resolver;
	void (*done)(void *user, const struct locate_answer *answer);
	void *user;
	bool starting; /* locate_start() has not returned: finish() must not free */
	bool finished;
	bool cancelled; /* a query is still out, whose callback frees */
	enum sip_transport transport;
	int family;
	char name[SRV_NAME_MAX];
	struct srv_target target[LOCATE_TARGETS_MAX];
	unsigned target_count, target_next;
	struct sockaddr_storage address[LOCATE_ADDRESSES_MAX];
	unsigned address_count;
	char error[ERROR_TEXT]; /* of the last thing that failed */
	bool temporary;
};

/* RFC 3263 4.1 and 4.2, and the ports of RFC 3261 19.1.2. */
static const struct {
	const char *naptr_service;
	const char *srv_prefix;
	uint16_t port;
} facts[] = {
    [SIP_UDP] = {"SIP+D2U", "_sip._udp.", 5060},
    [SIP_TCP] = {"SIP+D2T", "_sip._tcp.", 5060},
    [SIP_TLS] = {"SIPS+D2T", "_sips._tcp.", 5061},
};

static void finish(struct locate *locate)
{
	struct locate_answer answer = {
	    .address = locate->address,
	    .count = locate->address_count,
	};

	if (!answer.count) {
		answer.status = locate->temporary ? -EAGAIN : -EHOSTUNREACH;
		answer.text = locate->error;
	}
	locate->finished = true;
	if (!locate->cancelled)
		locate->done(locate->user, &answer);
	if (!locate->starting)
		free(locate);
}

static void failed(struct locate *locate, const char *name, const char *what, int status)
{
	snprintf(locate->error, sizeof(locate->error), "%.100s: %s: %s", name, what,
		 ares_strerror(status));
	locate->temporary = status != ARES_ENOTFOUND && status != ARES_ENODATA;
}

/* True when nobody waits for the answer any more; then the lookup is gone. */
static bool abandoned(struct locate *locate, int status)
{
	if (!locate->cancelled && status != ARES_EDESTRUCTION && status != ARES_ECANCELLED)
		return false;
	locate->cancelled = true;
	finish(locate);
	return true;
}

/* ---- addresses ---- */

static void next_target(struct locate *locate);

static void take_addresses(struct locate *locate, const struct ares_addrinfo *found, uint16_t port)
{
	const struct ares_addrinfo_node *node = found->nodes;

	for (; node && locate->address_count < LOCATE_ADDRESSES_MAX; node = node->ai_next) {
		struct sockaddr_storage *address = &locate->address[locate->address_count];

		if (node->ai_family != locate->family)
			continue;
		net_address_copy(address, node->ai_addr);
		net_address_set_port(address, port);
		locate->address_count++;
	}
}

static void on_addresses(void *user, int status, int timeouts, struct ares_addrinfo *found)
{
	struct locate *locate = user;
	const struct srv_target *target;

	(void)timeouts;
	if (!abandoned(locate, status)) {
		target = &locate->target[locate->target_next++];
		if (status == ARES_SUCCESS)
			take_addresses(locate, found, target->port);
		else
			failed(locate, target->host, "no address", status);
		next_target(locate);
	}
	if (found)
		ares_freeaddrinfo(found);
}

static void next_target(struct locate *locate)
{
	const struct ares_addrinfo_hints hints = {
	    .ai_family = locate->family,
	    .ai_socktype = locate->transport == SIP_UDP ? SOCK_DGRAM : SOCK_STREAM,
	};

	if (locate->target_next == locate->target_count ||
	    locate->address_count == LOCATE_ADDRESSES_MAX) {
		finish(locate);
		return;
	}
	ares_getaddrinfo(resolver_channel(locate->resolver),
			 locate->target[locate->target_next].host, NULL, &hints, on_addresses,
			 locate);
	resolver_asked(locate->resolver);
}

static void only_target(struct locate *locate, uint16_t port)
{
	locate->target[0] = (struct srv_target){.port = port};
	memcpy(locate->target[0].host, locate->name, sizeof(locate->target[0].host));
	locate->target_count = 1;
	next_target(locate);
}

/* ---- SRV ---- */

static uint32_t random_bits(void *user)
{
	uint32_t bits = 0;

	(void)user;
	/* for fairness, not for secrecy: a failure only makes the first target the likelier */
	if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != (ssize_t)sizeof(bits))
		bits = 0;
	return bits;
}

/* As many as there are; the order needs all of one priority. */
static struct srv_target *srv_copy(const struct ares_srv_reply *reply, unsigned *count)
{
	const struct ares_srv_reply *srv;
	struct srv_target *all;
	unsigned n = 0;

	for (srv = reply; srv; srv = srv->next)
		n++;
	all = calloc(n + 1, sizeof(*all));
	for (srv = reply, n = 0; srv && all; srv = srv->next) {
		if (strlen(srv->host) >= SRV_NAME_MAX)
			continue;
		all[n] = (struct srv_target){srv->priority, srv->weight, srv->port, ""};
		strcpy(all[n++].host, srv->host); /* fits: just looked */
	}
	*count = n;
	return all;
}

static void take_targets(struct locate *locate, const struct ares_srv_reply *reply)
{
	unsigned count;
	struct srv_target *all = srv_copy(reply, &count);

	if (!all || srv_order(all, count, random_bits, NULL) < 0) {
		free(all);
		failed(locate, locate->name, "SRV", ARES_ENOMEM);
		finish(locate);
		return;
	}
	locate->target_count = count < LOCATE_TARGETS_MAX ? count : LOCATE_TARGETS_MAX;
	memcpy(locate->target, all, locate->target_count * sizeof(*all));
	free(all);
	/* RFC 2782: a target of "." says that there is no such service */
	if (locate->target_count == 1 &&
	    (!locate->target[0].host[0] || strcmp(locate->target[0].host, ".") == 0)) {
		snprintf(locate->error, sizeof(locate->error),
			 "%.100s: its SRV record says that it does not offer this", locate->name);
		finish(locate);
		return;
	}
	next_target(locate);
}

static void on_srv(void *user, int status, int timeouts, unsigned char *data, int length)
{
	struct locate *locate = user;
	struct ares_srv_reply *reply = NULL;

	(void)timeouts;
	if (abandoned(locate, status))
		return;
	if (status == ARES_SUCCESS)
		status = ares_parse_srv_reply(data, length, &reply);
	if (status == ARES_SUCCESS && reply) {
		take_targets(locate, reply);
	} else if (status == ARES_ENODATA || status == ARES_ENOTFOUND || status == ARES_SUCCESS) {
		only_target(locate, facts[locate->transport].port);
	} else { /* a broken DNS must not send a call elsewhere than the SRV records would */
		failed(locate, locate->name, "SRV", status);
		finish(locate);
	}
	if (reply)
		ares_free_data(reply);
}

static void ask_srv(struct locate *locate, const char *name)
{
	ares_query(resolver_channel(locate->resolver), name, DNS_CLASS_IN, DNS_TYPE_SRV, on_srv,
		   locate);
	resolver_asked(locate->resolver);
}

static void ask_default_srv(struct locate *locate)
{
	char name[SRV_NAME_MAX + 16];

	snprintf(name, sizeof(name), "%s%s", facts[locate->transport].srv_prefix, locate->name);
	ask_srv(locate, name);
}

/* ---- NAPTR ---- */

static bool is_ours(const struct locate *locate, const struct ares_naptr_reply *naptr)
{
	return strcasecmp((const char *)naptr->service, facts[locate->transport].naptr_service) ==
		   0 &&
	       strcasecmp((const char *)naptr->flags, "s") == 0 && naptr->replacement[0];
}

static bool comes_before(const struct ares_naptr_reply *a, const struct ares_naptr_reply *b)
{
	return a->order < b->order || (a->order == b->order && a->preference < b->preference);
}

static void on_naptr(void *user, int status, int timeouts, unsigned char *data, int length)
{
	struct locate *locate = user;
	struct ares_naptr_reply *reply = NULL, *naptr, *best = NULL;

	(void)timeouts;
	if (abandoned(locate, status))
		return;
	if (status == ARES_SUCCESS)
		status = ares_parse_naptr_reply(data, length, &reply);
	for (naptr = status == ARES_SUCCESS ? reply : NULL; naptr; naptr = naptr->next)
		if (is_ours(locate, naptr) && (!best || comes_before(naptr, best)))
			best = naptr;
	/* without any, or where DNS servers choke on the type: SRV, which decides */
	if (best)
		ask_srv(locate, best->replacement);
	else
		ask_default_srv(locate);
	if (reply)
		ares_free_data(reply);
}

/* Who is in /etc/hosts was put there by the operator: DNS has no say. */
static bool is_in_hosts_file(const struct locate *locate)
{
	struct hostent *host = NULL;
	bool found = ares_gethostbyname_file(resolver_channel(locate->resolver), locate->name,
					     locate->family, &host) == ARES_SUCCESS;

	if (host)
		ares_free_hostent(host);
	return found;
}

static void begin(struct locate *locate, uint16_t port)
{
	if (!port && is_in_hosts_file(locate))
		port = facts[locate->transport].port;
	if (port) {
		only_target(locate, port);
		return;
	}
	ares_query(resolver_channel(locate->resolver), locate->name, DNS_CLASS_IN, DNS_TYPE_NAPTR,
		   on_naptr, locate);
	resolver_asked(locate->resolver);
}

int locate_start(struct locate **started, struct resolver *resolver,
		 const struct locate_question *question,
		 void (*done)(void *user, const struct locate_answer *answer), void *user)
{
	struct locate *locate;

	if (strlen(question->name) >= SRV_NAME_MAX)
		return -EINVAL;
	locate = calloc(1, sizeof(*locate));
	if (!locate)
		return -ENOMEM;
	locate->resolver = resolver;
	locate->done = done;
	locate->user = user;
	locate->transport = question->transport;
	locate->family = question->family;
	strcpy(locate->name, question->name); /* fits: just looked */
	*started = locate;
	locate->starting = true;
	begin(locate, question->port);
	locate->starting = false;
	if (locate->finished)
		free(locate);
	return 0;
}

void locate_cancel(struct locate *locate)
{
	locate->cancelled = true;
}
