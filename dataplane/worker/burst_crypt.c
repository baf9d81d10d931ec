/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SRTP both ways, in bursts across streams. */
#include <rte_branch_prediction.h>

#include "worker/burst.h"
#include "worker/rate.h"

/* What a packet under the key before this one looks like to this key. */
static bool may_be_old_key(enum sluice_drop drop)
{
	return drop == SLUICE_DROP_AUTH || drop == SLUICE_DROP_MKI || drop == SLUICE_DROP_REPLAY ||
	       drop == SLUICE_DROP_REPLAY_OLD;
}

/*
 * After a re-key, packets under the old key are still in flight. The reason to drop is that of the
 * new key, unless the old one opens the packet. failed: indices of n packets.
 */
static void old_key_try(struct worker *worker, struct burst *burst, const uint8_t *failed,
			unsigned n)
{
	for (unsigned k = 0; k < n; k++) {
		const struct packet *packet = &burst->packet[failed[k]];
		const struct leg_keyring *keys = leg_keyring(packet->leg);

		if (may_be_old_key(packet->drop) && keys && keys->rx_old.count)
			burst_srtp_put(burst, packet, keys->rx_old.context[0], &keys->rx_old);
	}
	if (!burst->srtp_n)
		return;
	srtp_unprotect_burst(worker->srtp, burst->srtp, burst->srtp_n);
	for (unsigned k = 0; k < burst->srtp_n; k++) {
		struct packet *packet = &burst->packet[burst->srtp_of[k]];

		if (burst->srtp[k].drop)
			continue;
		packet->drop = SLUICE_DROP_NONE;
		packet->length = burst->srtp[k].length;
	}
	burst->srtp_n = 0;
}

/* A tag was reckoned, and it is wrong; with an old key that was tried, for every reason to. */
static bool was_forged(const struct packet *packet)
{
	const struct leg_keyring *keys = leg_keyring(packet->leg);

	return packet->drop == SLUICE_DROP_AUTH ||
	       (may_be_old_key(packet->drop) && keys && keys->rx_old.count);
}

/* A stranger has paid already. */
static void forgery_charge(struct worker *worker, const struct packet *packet, uint32_t now)
{
	struct leg *leg = packet->leg;

	if ((packet->verdict != RTP_LATCH_ACCEPTED && !packet_may_be_peers(packet)) ||
	    forgeries_charge(&worker->forgeries, leg, packet_look(packet), now))
		return;
	(void)rate_allows(&leg->rate_next, leg->rate_interval, now);
}

/* An authentic packet is charged to the limit of its call; and in clear it can be checked. */
static inline enum sluice_drop opened_check(struct worker *worker, const struct burst *burst,
					    const struct packet *packet)
{
	struct leg *leg = packet->leg;

	counter_add(&worker->counters.decrypted, 1);
	if (!rate_allows(&leg->rate_next, leg->rate_interval, burst->now_rate))
		return SLUICE_DROP_RATE;
	return packet_clear_check(packet);
}

/* What no key that is in use has opened. */
static void failed_end(struct worker *worker, struct burst *burst, const uint8_t *failed,
		       unsigned n)
{
	old_key_try(worker, burst, failed, n);
	for (unsigned k = 0; k < n; k++) {
		struct packet *packet = &burst->packet[failed[k]];

		if (!packet->drop)
			packet->drop = (uint8_t)opened_check(worker, burst, packet);
		else if (was_forged(packet))
			forgery_charge(worker, packet, burst->now_rate);
	}
}

void burst_unprotect(struct worker *worker, struct burst *burst)
{
	uint8_t failed[BURST_MAX];
	unsigned n = burst->srtp_n, failures = 0;

	if (!n)
		return;
	srtp_unprotect_burst(worker->srtp, burst->srtp, n);
	burst->srtp_n = 0;
	for (unsigned k = 0; k < n; k++) {
		const struct srtp_packet *srtp = &burst->srtp[k];
		struct packet *packet = &burst->packet[burst->srtp_of[k]];

		if (unlikely(srtp->drop)) {
			packet->drop = (uint8_t)srtp->drop;
			failed[failures++] = burst->srtp_of[k];
			continue;
		}
		packet->length = srtp->length;
		/* the key of an authentic packet is that of the next one, most likely */
		if (packet->leg->rx != srtp->context)
			leg_rx_set(packet->leg, srtp->context);
		packet->drop = (uint8_t)opened_check(worker, burst, packet);
	}
	if (unlikely(failures))
		failed_end(worker, burst, failed, failures);
}

void burst_protect(struct worker *worker, struct burst *burst)
{
	unsigned n = burst->srtp_n, encrypted = 0;

	if (!n)
		return;
	srtp_protect_burst(worker->srtp, burst->srtp, n);
	burst->srtp_n = 0;
	for (unsigned k = 0; k < n; k++) {
		struct packet *packet = &burst->packet[burst->srtp_of[k]];

		packet->drop = (uint8_t)burst->srtp[k].drop;
		packet->length = burst->srtp[k].length;
		encrypted += !packet->drop;
	}
	counter_add(&worker->counters.encrypted, encrypted);
}
