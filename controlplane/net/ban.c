/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/ban.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "net/address.h"

#define SET_BITS 9U
#define SETS (1U << SET_BITS)
#define WAYS 8U

struct bans {
	unsigned __int128 key[2];
	struct ban set[SETS][WAYS];
};

static const struct {
	const char *text;
	uint64_t weight;
} offences[] = {
#define BAN_OFFENCE_FACTS(symbol, name, weight) [BAN_##symbol] = {name, weight},
    BAN_OFFENCE_LIST(BAN_OFFENCE_FACTS)
#undef BAN_OFFENCE_FACTS
};

const char *ban_offence_text(enum ban_offence offence)
{
	return offences[offence].text;
}

struct bans *bans_new(void)
{
	struct bans *bans = calloc(1, sizeof(*bans));

	if (bans && getrandom(bans->key, sizeof(bans->key), 0) != (ssize_t)sizeof(bans->key)) {
		free(bans);
		return NULL;
	}
	return bans;
}

void bans_free(struct bans *bans)
{
	free(bans);
}

static struct ban *set_of(struct bans *bans, const struct sockaddr *source)
{
	unsigned __int128 hash = bans->key[0] * net_address_source(source) + bans->key[1];

	return bans->set[(unsigned)(hash >> (128 - SET_BITS))];
}

static bool is_source(const struct ban *ban, const struct sockaddr *source)
{
	return ban->source.ss_family == source->sa_family &&
	       net_address_source((const struct sockaddr *)&ban->source) ==
		   net_address_source(source);
}

static struct ban *find(struct bans *bans, const struct sockaddr *source)
{
	struct ban *set = set_of(bans, source);

	for (unsigned i = 0; i < WAYS; i++)
		if (is_source(&set[i], source))
			return &set[i];
	return NULL;
}

static uint64_t faded(const struct ban *ban, uint64_t now_ms)
{
	uint64_t gone = (now_ms - ban->judged_ms) * 1000 / BAN_FADES_MS;

	return ban->weight > gone ? ban->weight - gone : 0;
}

/* What is lost when it is forgotten: a ban weighs more than any offence that is none yet. */
static uint64_t worth(const struct ban *ban, uint64_t now_ms)
{
	if (ban->source.ss_family == AF_UNSPEC)
		return 0;
	return 1 + faded(ban, now_ms) + (ban->until_ms > now_ms ? BAN_WEIGHT : 0) + ban->times;
}

static struct ban *make(struct bans *bans, const struct sockaddr *source, uint64_t now_ms)
{
	struct ban *set = set_of(bans, source), *least = &set[0];

	for (unsigned i = 1; i < WAYS; i++)
		if (worth(&set[i], now_ms) < worth(least, now_ms))
			least = &set[i];
	memset(least, 0, sizeof(*least));
	net_address_copy(&least->source, source);
	net_address_set_port(&least->source, 0);
	if (source->sa_family == AF_INET6)
		memset(((struct sockaddr_in6 *)&least->source)->sin6_addr.s6_addr + 8, 0, 8);
	least->judged_ms = now_ms;
	return least;
}

static uint64_t term_ms(unsigned times)
{
	uint64_t ms = BAN_FIRST_MS;

	while (times-- > 0 && ms < BAN_LONGEST_MS)
		ms *= 2;
	return ms < BAN_LONGEST_MS ? ms : BAN_LONGEST_MS;
}

bool ban_judge(struct bans *bans, const struct sockaddr *source, enum ban_offence offence,
	       uint64_t now_ms, uint64_t *until_ms)
{
	struct ban *ban = find(bans, source);

	if (!ban)
		ban = make(bans, source, now_ms);
	if (now_ms - ban->judged_ms > BAN_FORGOTTEN_MS)
		ban->times = 0;
	ban->weight = faded(ban, now_ms) + offences[offence].weight;
	ban->judged_ms = now_ms;
	ban->offence = offence;
	if (ban->weight < BAN_WEIGHT || ban->until_ms > now_ms)
		return false;
	ban->until_ms = now_ms + term_ms(ban->times++);
	ban->weight = 0;
	ban->refused = 0;
	*until_ms = ban->until_ms;
	return true;
}

bool ban_refuses(struct bans *bans, const struct sockaddr *source, uint64_t now_ms)
{
	struct ban *ban = find(bans, source);

	if (!ban || ban->until_ms <= now_ms)
		return false;
	ban->refused++;
	return true;
}

bool ban_lift(struct bans *bans, const struct sockaddr *source, uint64_t now_ms)
{
	struct ban *ban = find(bans, source);
	bool banned = ban && ban->until_ms > now_ms;

	if (ban)
		memset(ban, 0, sizeof(*ban));
	return banned;
}

void ban_each(const struct bans *bans, uint64_t now_ms,
	      void (*each)(void *user, const struct ban *ban), void *user)
{
	for (unsigned i = 0; i < SETS * WAYS; i++) {
		const struct ban *ban = &bans->set[i / WAYS][i % WAYS];

		if (ban->source.ss_family != AF_UNSPEC && ban->until_ms > now_ms)
			each(user, ban);
	}
}
