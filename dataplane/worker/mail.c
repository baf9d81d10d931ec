/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "capture/ring.h"
#include "worker/worker_private.h"

/* A worker tells of a source that is not agreed and not latched yet at this rate at most, so that a
 * flood from elsewhere costs few HMACs. */
#define CANDIDATE_PPS 100U

static struct leg **table_entry(struct worker *worker, const struct leg *leg)
{
	const struct worker_address *address = &worker->config.address[leg->address];

	return &worker->table[leg->address][(leg->port - address->port_first) / 2U];
}

static void media_add(struct worker *worker, struct media *media)
{
	for (unsigned i = 0; i < 2; i++) {
		struct leg *leg = &media->leg[i];

		rate_set(&leg->candidate_rate, CANDIDATE_PPS, worker->tsc_hz);
		*table_entry(worker, leg) = leg;
	}
}

static void media_capture(struct worker *worker, struct media *media, uint8_t tag,
			  struct capture_ring *ring)
{
	worker->captures -= media->leg[0].capture != CAPTURE_NONE;
	worker->captures += tag != CAPTURE_NONE;
	media->leg[0].capture = media->leg[1].capture = tag;
	if (tag == CAPTURE_NONE)
		return;
	worker->capture = ring;
	__atomic_store_n(&ring->lost[capture_number(tag)], 0, __ATOMIC_RELAXED);
}

static void media_remove(struct worker *worker, struct media *media)
{
	media_capture(worker, media, CAPTURE_NONE, NULL);
	for (unsigned i = 0; i < 2; i++) {
		struct leg **entry = table_entry(worker, &media->leg[i]);

		if (*entry == &media->leg[i])
			*entry = NULL;
	}
}

static bool keys_have(const struct srtp_keys *keys, const struct srtp_context *context)
{
	for (unsigned i = 0; i < keys->count; i++)
		if (keys->context[i] == context)
			return true;
	return false;
}

/* Here and not in the main thread, since the contexts before are the worker's. A context that the
 * leg keeps goes on as it is. */
static void rx_rekey(struct worker *worker, const struct leg *leg, const struct srtp_keys *keys)
{
	for (unsigned i = 0; i < keys->count; i++) {
		if (keys_have(&leg->rx_keys, keys->context[i]))
			continue;
		srtp_context_rekey(worker->srtp, keys->context[i], leg->rx);
		for (unsigned k = 0; k < leg->rx_keys.count; k++)
			if (leg->rx_keys.context[k] != leg->rx)
				srtp_context_rekey(worker->srtp, keys->context[i],
						   leg->rx_keys.context[k]);
	}
}

static void rx_apply(struct worker *worker, struct leg *leg, const struct mail *mail)
{
	if (mail->parts & MAIL_REKEY && leg->rx)
		rx_rekey(worker, leg, &mail->rx);
	leg->rx_security = mail->rx_security;
	leg->rx_keys = mail->rx;
	if (!keys_have(&leg->rx_keys, leg->rx))
		leg_rx_set(leg, mail->rx.count ? mail->rx.context[0] : NULL);
	leg->key_told &= (uint8_t)~LEG_TOLD_RX_LIMIT;
}

static void tx_apply(struct worker *worker, struct leg *leg, const struct mail *mail)
{
	if (mail->parts & MAIL_REKEY && mail->tx && leg->tx)
		srtp_context_rekey(worker->srtp, mail->tx, leg->tx);
	/* a key at another address begins its indices again, and so do our numbers */
	if (!(mail->parts & MAIL_REKEY) || !leg->tx)
		leg->renumber = (struct rtp_renumber){0};
	leg->tx_security = mail->tx_security;
	leg->tx = mail->tx;
	leg->key_told &= (uint8_t)~LEG_TOLD_TX_LIMIT;
}

static void keys_apply(struct worker *worker, struct leg *leg, const struct mail *mail)
{
	if (mail->parts & MAIL_RX_KEY)
		rx_apply(worker, leg, mail);
	if (mail->parts & MAIL_RX_OLD) {
		leg->rx_old_keys = mail->rx_old;
		leg->rx_old = mail->rx_old.count ? mail->rx_old.context[0] : NULL;
	}
	if (mail->parts & MAIL_TX_KEY)
		tx_apply(worker, leg, mail);
}

static void latch_apply(struct leg *leg, const struct mail *mail, unsigned kind, uint64_t now_ms)
{
	const struct mail_latch *latch = &mail->latch[kind];

	rtp_latch_set(&leg->latch[kind], latch->mode,
		      latch->security == LEG_PLAIN ? RTP_LATCH_PLAIN : RTP_LATCH_SRTP,
		      &latch->agreed, now_ms);
	leg->latch_epoch[kind] = latch->epoch;
	leg->latch_untold &= (uint8_t) ~(1U << kind);
}

static void leg_apply(struct worker *worker, struct leg *leg, const struct mail *mail,
		      uint64_t now_tsc)
{
	keys_apply(worker, leg, mail);
	if (mail->parts & MAIL_DIRECTION)
		leg->direction = mail->direction;
	if (mail->parts & MAIL_RATE)
		rate_set(&leg->rate, mail->rate_pps, worker->tsc_hz);
	for (unsigned kind = 0; kind < 2; kind++) {
		if (mail->parts & MAIL_OF(LATCH, kind))
			latch_apply(leg, mail, kind, tsc_scale(now_tsc, worker->ms_per_tsc));
		if (mail->parts & MAIL_OF(PATH, kind))
			leg->path[kind] = mail->path[kind];
	}
}

void mail_apply(struct worker *worker, const struct mail *mail, uint64_t now_tsc)
{
	switch (mail->kind) {
	case MAIL_ADD:
		media_add(worker, mail->media);
		break;
	case MAIL_REMOVE:
		media_remove(worker, mail->media);
		break;
	case MAIL_CAPTURE:
		media_capture(worker, mail->media, mail->capture, mail->capture_ring);
		break;
	case MAIL_LEG:
		leg_apply(worker, &mail->media->leg[mail->leg], mail, now_tsc);
		break;
	}
}
