/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "capture/ring.h"
#include "worker/worker_private.h"

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
	struct srtp_keys before = leg_rx_keys(leg);

	for (unsigned i = 0; i < keys->count; i++) {
		if (keys_have(&before, keys->context[i]))
			continue;
		srtp_context_rekey(worker->srtp, keys->context[i], leg->rx);
		for (unsigned k = 0; k < before.count; k++)
			if (before.context[k] != leg->rx)
				srtp_context_rekey(worker->srtp, keys->context[i],
						   before.context[k]);
	}
}

static void rx_apply(struct worker *worker, struct leg *leg, const struct mail *mail)
{
	const struct leg_terms *terms = &mail->terms;

	if (mail->parts & MAIL_REKEY && leg->rx)
		rx_rekey(worker, leg, &terms->rx);
	leg->rx_security = terms->rx_security;
	if (!keys_have(&terms->rx, leg->rx))
		leg_rx_set(leg, terms->rx.count ? terms->rx.context[0] : NULL);
	leg->key_flags &= (uint8_t)~LEG_TOLD_RX_LIMIT;
}

static void tx_apply(struct worker *worker, struct leg *leg, const struct mail *mail)
{
	const struct leg_terms *terms = &mail->terms;

	if (mail->parts & MAIL_REKEY && terms->tx && leg->tx)
		srtp_context_rekey(worker->srtp, terms->tx, leg->tx);
	/* a key at another address begins its indices again, and so do our numbers */
	if (!(mail->parts & MAIL_REKEY) || !leg->tx)
		leg->renumber = (struct rtp_renumber){0};
	leg->tx_security = terms->tx_security;
	leg->tx = terms->tx;
	leg->key_flags &= (uint8_t)~LEG_TOLD_TX_LIMIT;
}

static void keyring_apply(struct leg *leg, const struct mail *mail)
{
	leg->keys = mail->terms.keys;
	leg->key_flags &= (uint8_t)~LEG_HAS_KEYRING;
	if (leg->keys)
		leg->key_flags |= LEG_HAS_KEYRING;
}

static void keys_apply(struct worker *worker, struct leg *leg, const struct mail *mail)
{
	if (mail->parts & MAIL_RX_KEY)
		rx_apply(worker, leg, mail);
	if (mail->parts & (MAIL_RX_KEY | MAIL_RX_OLD))
		keyring_apply(leg, mail);
	if (mail->parts & MAIL_TX_KEY)
		tx_apply(worker, leg, mail);
}

static void latch_apply(struct leg *leg, const struct mail *mail, unsigned kind, uint64_t now_ms)
{
	struct rtp_latch latch = *leg_latch(leg, kind);

	rtp_latch_set(&latch, &leg->rule[kind], &mail->terms.rule[kind], now_ms);
	leg_latch_store(leg, kind, &latch);
	leg->latch_epoch[kind] = mail->terms.latch_epoch[kind];
	leg->latch_untold &= (uint8_t) ~(1U << kind);
}

/* The next packet asks the map; the clock of those before it is kept for the jitter so far. */
static void payloads_apply(struct leg *leg, uint16_t payloads)
{
	leg->payloads = payloads;
	__atomic_store_n(&leg->payload_type, LEG_PAYLOAD_NONE, __ATOMIC_RELAXED);
}

static void leg_apply(struct worker *worker, struct leg *leg, const struct mail *mail,
		      uint64_t now_ms)
{
	keys_apply(worker, leg, mail);
	if (mail->parts & MAIL_DIRECTION) {
		leg->direction = mail->terms.direction;
		leg->rtcp_mux = mail->terms.rtcp_mux;
	}
	if (mail->parts & MAIL_RATE)
		leg->rate_interval = mail->terms.rate_interval;
	if (mail->parts & MAIL_PAYLOADS)
		payloads_apply(leg, mail->terms.payloads);
	for (unsigned kind = 0; kind < 2; kind++) {
		if (mail->parts & MAIL_OF(LATCH, kind))
			latch_apply(leg, mail, kind, now_ms);
		if (mail->parts & MAIL_OF(PATH, kind))
			leg->path[kind] = mail->terms.path[kind];
	}
}

void mail_apply(struct worker *worker, const struct mail *mail, uint64_t now_tsc)
{
	switch (mail->kind) {
	case MAIL_CAPTURE:
		media_capture(worker, mail->media, mail->capture, mail->capture_ring);
		break;
	case MAIL_GRACE:
		/* that it comes back says the rest */
		media_capture(worker, mail->media, CAPTURE_NONE, NULL);
		for (unsigned i = 0; i < 2; i++)
			forgeries_forget(&worker->forgeries, &mail->media->leg[i]);
		break;
	case MAIL_LEG:
		leg_apply(worker, &mail->media->leg[mail->leg], mail,
			  tsc_scale(now_tsc, worker->ms_per_tsc));
		break;
	}
}
