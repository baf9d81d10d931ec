/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SRTP both ways, in bursts across streams. */
#include "media/rtcp.h"
#include "worker/burst.h"
#include "worker/rate.h"

static void srtp_put(struct burst *burst, unsigned *n, unsigned i, struct srtp_context *context,
		     const struct srtp_keys *keys)
{
	const struct packet *packet = &burst->packet[i];
	const uint8_t *end = (uint8_t *)packet->mbuf->buf_addr + packet->mbuf->buf_len;

	burst->srtp[*n] = (struct srtp_packet){
	    .context = context,
	    .keys = keys,
	    .data = packet->data,
	    .length = packet->length,
	    .capacity = (uint32_t)(end - packet->data),
	    .kind = packet->kind,
	};
	burst->srtp_of[(*n)++] = (uint8_t)i;
}

static void srtp_take(struct burst *burst, unsigned n)
{
	for (unsigned k = 0; k < n; k++) {
		struct packet *packet = &burst->packet[burst->srtp_of[k]];

		packet->drop = (uint8_t)burst->srtp[k].drop;
		packet->length = burst->srtp[k].length;
	}
}

/* The key of an authentic packet is that of the next one, most likely. */
static void keys_follow(struct burst *burst, unsigned n)
{
	for (unsigned k = 0; k < n; k++) {
		struct leg *leg = burst->packet[burst->srtp_of[k]].leg;

		if (!burst->srtp[k].drop && leg->rx != burst->srtp[k].context)
			leg_rx_set(leg, burst->srtp[k].context);
	}
}

/* What a packet under the key before this one looks like to this key. */
static bool may_be_old_key(enum sluice_drop drop)
{
	return drop == SLUICE_DROP_AUTH || drop == SLUICE_DROP_MKI || drop == SLUICE_DROP_REPLAY ||
	       drop == SLUICE_DROP_REPLAY_OLD;
}

/*
 * After a re-key, packets under the old key are still in flight. The reason to drop is that of the
 * new key, unless the old one opens the packet.
 */
static void old_key_try(struct worker *worker, struct burst *burst, unsigned tried)
{
	unsigned n = 0;

	for (unsigned k = 0; k < tried; k++) {
		unsigned i = burst->srtp_of[k];
		const struct packet *packet = &burst->packet[i];

		const struct leg_keyring *keys = leg_keyring(packet->leg);

		/* n <= k: an entry is read before it is written over */
		if (may_be_old_key(packet->drop) && keys && keys->rx_old.count)
			srtp_put(burst, &n, i, keys->rx_old.context[0], &keys->rx_old);
	}
	if (!n)
		return;
	srtp_unprotect_burst(worker->srtp, burst->srtp, n);
	for (unsigned k = 0; k < n; k++) {
		struct packet *packet = &burst->packet[burst->srtp_of[k]];

		if (burst->srtp[k].drop)
			continue;
		packet->drop = SLUICE_DROP_NONE;
		packet->length = burst->srtp[k].length;
	}
}

/* A tag was reckoned, and it is wrong; with an old key that was tried, for every reason to. */
static bool was_forged(const struct packet *packet)
{
	const struct leg_keyring *keys = leg_keyring(packet->leg);

	return packet->drop == SLUICE_DROP_AUTH ||
	       (may_be_old_key(packet->drop) && keys && keys->rx_old.count);
}

/* A source that may only become the peer has paid already. */
static void forgery_charge(struct worker *worker, const struct packet *packet, uint32_t now)
{
	struct leg *leg = packet->leg;

	if (packet->verdict != RTP_LATCH_ACCEPTED ||
	    forgeries_charge(&worker->forgeries, leg, packet_look(packet), now))
		return;
	(void)rate_allows(&leg->rate_next, leg->rate_interval, now);
}

/* What could not be checked before decryption. */
static enum sluice_drop clear_check(const struct packet *packet)
{
	enum rtp_check check;

	if (packet->kind == SRTP_PACKET_RTCP)
		check = rtcp_check(packet->data, packet->length, RTCP_REDUCED_SIZE);
	else
		check = rtp_padding_check(&packet->rtp, packet->data, packet->length);
	return check == RTP_OK ? SLUICE_DROP_NONE : SLUICE_DROP_NOT_RTP;
}

/* Authentic packets are charged to the limit of their call, forged ones to theirs. */
static void srtp_charge(struct worker *worker, struct burst *burst)
{
	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];
		struct leg *leg = packet->leg;

		if (!leg || leg->rx_security != LEG_SRTP)
			continue;
		if (!packet->drop) {
			counter_add(&worker->counters.decrypted, 1);
			if (!rate_allows(&leg->rate_next, leg->rate_interval, burst->now_rate))
				packet->drop = SLUICE_DROP_RATE;
		} else if (was_forged(packet)) {
			forgery_charge(worker, packet, burst->now_rate);
		}
	}
}

void burst_unprotect(struct worker *worker, struct burst *burst)
{
	unsigned n = 0;

	for (unsigned i = 0; i < burst->n; i++) {
		const struct packet *packet = &burst->packet[i];
		const struct leg_keyring *keys;

		if (packet->drop || packet->leg->rx_security != LEG_SRTP)
			continue;
		keys = leg_keyring(packet->leg);
		srtp_put(burst, &n, i, packet->leg->rx, keys ? &keys->rx : NULL);
	}
	if (n) {
		srtp_unprotect_burst(worker->srtp, burst->srtp, n);
		srtp_take(burst, n);
		keys_follow(burst, n);
		old_key_try(worker, burst, n);
		srtp_charge(worker, burst);
	}
	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];

		if (!packet->drop)
			packet->drop = (uint8_t)clear_check(packet);
	}
}

void burst_protect(struct worker *worker, struct burst *burst)
{
	unsigned n = 0, encrypted = 0;

	for (unsigned i = 0; i < burst->n; i++) {
		struct packet *packet = &burst->packet[i];
		const struct leg *other;

		if (packet->drop)
			continue;
		other = leg_other(packet->leg);
		if (other->tx_security != LEG_SRTP)
			continue;
		srtp_put(burst, &n, i, other->tx, NULL);
		if (burst->srtp[n - 1].capacity < packet->length + SRTP_TRAILER_MAX) {
			packet->drop = SLUICE_DROP_NO_BUFFER;
			n--;
		}
	}
	if (!n)
		return;
	srtp_protect_burst(worker->srtp, burst->srtp, n);
	srtp_take(burst, n);
	for (unsigned k = 0; k < n; k++)
		encrypted += !burst->srtp[k].drop;
	counter_add(&worker->counters.encrypted, encrypted);
}
