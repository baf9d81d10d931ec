/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bans, as connections earn them and operators see them. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "main/log.h"
#include "net/internal.h"

/* "192.0.2.1", "2001:db8:1:2::/64" */
static void source_text(char text[64], const struct sockaddr_storage *source)
{
	const void *host = source->ss_family == AF_INET6
			       ? (const void *)&((const struct sockaddr_in6 *)source)->sin6_addr
			       : (const void *)&((const struct sockaddr_in *)source)->sin_addr;
	char shown[INET6_ADDRSTRLEN] = "?";

	inet_ntop(source->ss_family, host, shown, sizeof(shown));
	snprintf(text, 64, "%s%s", shown, source->ss_family == AF_INET6 ? "/64" : "");
}

static bool is_exempt(struct net *net, const struct sockaddr *host)
{
	bool stranger;

	(void)net_source_of(net, host, &stranger);
	return !stranger || net_known_at(net, host);
}

bool net_is_banned(struct net *net, const struct sockaddr *host)
{
	return ban_refuses(net->bans, host, uv_now(net->loop)) && !is_exempt(net, host);
}

bool net_message_admit(struct net *net, const struct net_peer *peer, const struct sockaddr *from)
{
	char remote[NET_ADDRESS_TEXT];

	/* who is configured by address or certificate is not held up; a network is anybody in it */
	if (!net->limits.messages || !peer->config->network ||
	    rates_admit(net->rates, from, net->limits.messages, uv_now(net->loop)))
		return true;
	net->counters.rate++;
	net_address_format(remote, from);
	net_log_refused(net, LOG_MESSAGE_REFUSED,
			"message from %s dropped: more than %u a second of one source", remote,
			net->limits.messages);
	return false;
}

static void judge(struct net *net, const struct sockaddr *host, enum ban_offence offence)
{
	uint64_t now_ms = uv_now(net->loop), until_ms;
	struct sockaddr_storage source;
	char text[64];

	if (is_exempt(net, host) || !ban_judge(net->bans, host, offence, now_ms, &until_ms))
		return;
	net_address_copy(&source, host);
	source_text(text, &source);
	log_event(LOG_SOURCE_BANNED,
		  "%s is banned for %llu s, at last for: %s; see 'sluicectl ban list'", text,
		  (unsigned long long)((until_ms - now_ms) / 1000), ban_offence_text(offence));
}

void net_offence(struct net_connection *connection, enum ban_offence offence)
{
	if (connection->direction == NET_INBOUND)
		judge(connection->net, (const struct sockaddr *)&connection->flow.remote, offence);
}

void net_credentials_wrong(struct net *net, const struct sip_flow *flow)
{
	judge(net, (const struct sockaddr *)&flow->remote, BAN_CREDENTIALS);
}

struct listing {
	void (*each)(void *user, const struct net_ban *ban);
	void *user;
	uint64_t now_ms;
};

static void list_one(void *user, const struct ban *ban)
{
	const struct listing *listing = user;
	struct net_ban shown = {
	    .reason = ban_offence_text(ban->offence),
	    .times = ban->times,
	    .left_ms = ban->until_ms - listing->now_ms,
	    .refused = ban->refused,
	};

	source_text(shown.source, &ban->source);
	listing->each(listing->user, &shown);
}

void net_ban_each(const struct net *net, void (*each)(void *user, const struct net_ban *ban),
		  void *user)
{
	struct listing listing = {each, user, uv_now(net->loop)};

	ban_each(net->bans, listing.now_ms, list_one, &listing);
}

int net_ban_lift(struct net *net, const char *source)
{
	struct sockaddr_storage address;
	size_t length = strcspn(source, "/");
	char text[64];

	if (length >= sizeof(text))
		return -EINVAL;
	memcpy(text, source, length);
	text[length] = '\0';
	if (net_address_parse(&address, text, 0) < 0)
		return -EINVAL;
	if (!ban_lift(net->bans, (const struct sockaddr *)&address, uv_now(net->loop)))
		return -ENOENT;
	log_event(LOG_BAN_LIFTED, "the ban of %s is lifted", source);
	return 0;
}
