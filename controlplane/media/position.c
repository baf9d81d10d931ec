/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far the keys of each session have been used: asked for now and then, and given back with the
 * keys when the data plane has started again. So a call older than one turn of the sequence number
 * is heard again, and no index of our keys is used twice.
 */
#include "media/internal.h"

/*
 * What our keys may have been used for after the last look, at most (400 packets a second since the
 * turn before). The data plane numbers its packets itself, so it can leap over all of it. The peer
 * does not mind: the index of SRTCP travels in the packet, and that of SRTP is guessed right up to
 * 2^15 ahead.
 */
#define TX_LEAP 4096U
#define RTP_NEXT_MAX (UINT64_C(1) << 48)
#define RTCP_NEXT_MAX (UINT64_C(1) << 31)

static bool is_secured(const struct media_session *session)
{
	for (unsigned leg = 0; leg < 2; leg++)
		if (session->wanted[leg].rx[0].suite || session->wanted[leg].tx.suite)
			return true;
	return false;
}

void media_position_watch(struct media *media)
{
	unsigned turn = media->position_turn++ % MEDIA_POSITION_TURNS;

	for (struct table_entry *entry = table_next(&media->sessions, NULL); entry;
	     entry = table_next(&media->sessions, entry)) {
		struct media_session *session = TABLE_OWNER(entry, struct media_session, by_id);

		if (entry->key % MEDIA_POSITION_TURNS == turn && session->state == SESSION_OPEN &&
		    is_secured(session))
			media_sync_ask(media, SLUICE_GET, entry->key);
	}
}

static uint64_t leapt(uint64_t next, uint32_t leap, uint64_t max)
{
	return next < max - leap ? next + leap : max;
}

static void note(struct sluice_key *key, const struct sluice_position *position, uint32_t leap)
{
	if (!key->suite || (!position->rtp_next && !position->rtcp_next))
		return;
	/* the first RTP index is not known beforehand, so "none used" stays so; SRTCP begins at 0
	 */
	key->resume = (struct sluice_position){
	    .rtp_next = position->rtp_next ? leapt(position->rtp_next, leap, RTP_NEXT_MAX) : 0,
	    .rtcp_next = (uint32_t)leapt(position->rtcp_next, leap, RTCP_NEXT_MAX),
	    .ssrc = position->ssrc,
	};
}

void media_position_heard(struct media_session *session, const struct sluice_session_info *info)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		if (session->sets[leg] || session->dirty[leg])
			continue; /* it may be of the key before */
		/* one counter for all keys that the peer changes between */
		for (unsigned i = 0; i < SLUICE_RX_KEYS_MAX; i++)
			note(&session->wanted[leg].rx[i], &info->leg[leg].rx_position, 0);
		note(&session->wanted[leg].tx, &info->leg[leg].tx_position, TX_LEAP);
	}
}
