/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/latch.h"

#include <string.h>

static bool same_ip(const struct rtp_address *a, const struct rtp_address *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool rtp_address_equal(const struct rtp_address *a, const struct rtp_address *b)
{
	return same_ip(a, b) && a->port == b->port;
}

void rtp_latch_set(struct rtp_latch *latch, enum rtp_latch_mode mode, enum rtp_latch_leg leg,
		   const struct rtp_address *agreed, uint64_t now_ms)
{
	if (latch->mode == mode && latch->leg == leg && rtp_address_equal(&latch->agreed, agreed) &&
	    latch->source.family != 0)
		return;
	*latch = (struct rtp_latch){
	    .agreed = *agreed,
	    .mode = (uint8_t)mode,
	    .leg = (uint8_t)leg,
	    .any_until_ms = now_ms + RTP_LATCH_ANY_MS,
	};
}

enum rtp_latch_verdict rtp_latch_check(const struct rtp_latch *latch,
				       const struct rtp_address *source, uint64_t now_ms)
{
	if (source->family == 0)
		return RTP_LATCH_REFUSED;
	if (rtp_address_equal(source, &latch->source))
		return RTP_LATCH_ACCEPTED;
	/* The agreed address came by signalling: it may always take a leg back that a stray
	 * latched. */
	if (rtp_address_equal(source, &latch->agreed))
		return latch->mode == RTP_LATCH_STRICT ? RTP_LATCH_ACCEPTED : RTP_LATCH_CANDIDATE;
	if (latch->mode == RTP_LATCH_STRICT)
		return RTP_LATCH_REFUSED;
	if (latch->mode == RTP_LATCH_ADDRESS && !same_ip(source, &latch->agreed))
		return RTP_LATCH_REFUSED;
	if (latch->leg == RTP_LATCH_SRTP)
		return RTP_LATCH_CANDIDATE;
	if (latch->source.family != 0)
		return RTP_LATCH_REFUSED;
	if (latch->mode == RTP_LATCH_ANY && now_ms > latch->any_until_ms)
		return RTP_LATCH_REFUSED;
	return RTP_LATCH_CANDIDATE;
}

void rtp_latch_commit(struct rtp_latch *latch, const struct rtp_address *source)
{
	latch->source = *source;
}

const struct rtp_address *rtp_latch_peer(const struct rtp_latch *latch)
{
	return latch->source.family != 0 ? &latch->source : &latch->agreed;
}
