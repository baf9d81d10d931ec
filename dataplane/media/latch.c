/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/latch.h"

bool rtp_latch_rule_equal(const struct rtp_latch_rule *a, const struct rtp_latch_rule *b)
{
	return a->mode == b->mode && a->leg == b->leg && rtp_address_equal(&a->agreed, &b->agreed);
}

void rtp_latch_set(struct rtp_latch *latch, struct rtp_latch_rule *rule,
		   const struct rtp_latch_rule *next, uint64_t now_ms)
{
	uint64_t any_until_ms = now_ms + RTP_LATCH_ANY_MS;

	if (rtp_latch_rule_equal(rule, next) && latch->source.family != 0)
		return;
	*rule = *next;
	rule->any_until_high = (uint16_t)(any_until_ms >> 32);
	*latch = (struct rtp_latch){.any_until_low = (uint32_t)any_until_ms};
	if (rule->mode == RTP_LATCH_STRICT)
		latch->source = rule->agreed;
}

static bool any_over(const struct rtp_latch *latch, const struct rtp_latch_rule *rule,
		     uint64_t now_ms)
{
	return now_ms > ((uint64_t)rule->any_until_high << 32 | latch->any_until_low);
}

enum rtp_latch_verdict rtp_latch_check(const struct rtp_latch *latch,
				       const struct rtp_latch_rule *rule,
				       const struct rtp_address *source, uint64_t now_ms)
{
	if (source->family == 0)
		return RTP_LATCH_REFUSED;
	if (rtp_address_equal(source, &latch->source))
		return RTP_LATCH_ACCEPTED;
	if (rule->mode == RTP_LATCH_STRICT)
		return RTP_LATCH_REFUSED;
	/* The agreed address came by signalling: it may always take a leg back that a stray
	 * latched. */
	if (rtp_address_equal(source, &rule->agreed))
		return RTP_LATCH_CANDIDATE;
	if (rule->mode == RTP_LATCH_ADDRESS && !rtp_address_same_ip(source, &rule->agreed))
		return RTP_LATCH_REFUSED;
	if (rule->leg == RTP_LATCH_SRTP)
		return RTP_LATCH_CANDIDATE;
	if (latch->source.family != 0)
		return RTP_LATCH_REFUSED;
	if (rule->mode == RTP_LATCH_ANY && any_over(latch, rule, now_ms))
		return RTP_LATCH_REFUSED;
	return RTP_LATCH_CANDIDATE;
}

void rtp_latch_commit(struct rtp_latch *latch, const struct rtp_address *source)
{
	latch->source = *source;
}
