/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far the keys of each session have been used: asked for now and then, and given back with the
 * keys when the data plane has started again. So a call older than one turn of the sequence number
 * is heard again, and no index of our keys is used twice (RFC 3711 9.1), but for what a source had
 * encrypted that jumped ahead again and again just before the crash (docs/srtp-keys.md).
 *
 * What was sent after the last look, or before the first, nobody tells any more. But it was no more
 * than the data plane lets through in that time, so the indices leap over as much. The data plane
 * numbers its packets itself, and so it can. The peer follows: the index of SRTCP travels in the
 * packet, and that of SRTP is guessed right up to 2^15 ahead.
 */
#include <string.h>

#include "media/difference.h"
#include "media/internal.h"

#define RATE_USUAL_PPS 400U /* where no limit was set */
#define BURST_MS 1000U      /* what the limit lets through at once, and clocks that stood still */
/* A source whose numbers jumped once meanwhile, as one does that begins anew. With it the leap is
 * a restart to the peer too (RFC 3550 A.1), rather than thousands of packets lost. */
#define SLACK_PACKETS (SLUICE_JUMP_MAX + 64U)
#define LEAP_MAX 24000U /* with the first number under a key it is still less than 2^15 */
/* Below that a leap over all of the key's life is not much more than one over the last seconds of
 * it, and whoever speaks is served. */
#define YOUNG_MAX 7168U
#define RTCP_LEAP (1U << 16)
#define RTP_NEXT_MAX (UINT64_C(1) << 48)
#define RTCP_NEXT_MAX (UINT64_C(1) << 31)
#define LATER_KEY_LOOKS 3U

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

		if (session->state != SESSION_OPEN || !is_secured(session))
			continue;
		if (entry->key % MEDIA_POSITION_TURNS == turn || session->looks_soon)
			media_sync_ask(media, SLUICE_GET, entry->key);
		if (session->looks_soon)
			session->looks_soon--;
	}
}

/* ---- what is known of our keys ---- */

void media_position_set(struct media_session *session, const struct sluice_set *set)
{
	const struct sluice_set *wanted = &session->wanted[set->leg];
	struct media_key_use *use = &session->use[set->leg];

	if (set->mask & SLUICE_SET_RATE && set->rate_pps > session->rate_pps[set->leg])
		session->rate_pps[set->leg] = set->rate_pps;
	if (!(set->mask & SLUICE_SET_TX_KEY) || !set->tx.suite ||
	    media_key_same(&set->tx, &wanted->tx))
		return;
	*use = (struct media_key_use){.floor = SLUICE_FIRST_INDEX_MAX + 1,
				      .floor_ms = uv_now(session->media->loop),
				      .kept = true};
	if (!wanted->tx.suite)
		return;
	/* its numbers go on where those of the key before were, or begin again: to be seen */
	use->floor = MEDIA_FLOOR_UNKNOWN;
	session->looks_soon = LATER_KEY_LOOKS;
}

static bool is_untouched(const struct sluice_leg_info *info)
{
	return !info->counters.sent && !info->counters.rtcp_sent && !info->tx_position.rtp_next &&
	       !info->tx_position.rtcp_next;
}

static void note(struct sluice_key *key, const struct sluice_position *position)
{
	if (!key->suite || (!position->rtp_next && !position->rtcp_next))
		return;
	key->resume = *position;
	key->resume_of = SLUICE_RESUME_SOURCE;
}

static void note_tx(struct media_session *session, unsigned leg, const struct sluice_leg_info *info,
		    uint64_t asked_ms)
{
	struct media_key_use *use = &session->use[leg];

	note(&session->wanted[leg].tx, &info->tx_position);
	if (info->tx_position.rtp_next || info->tx_position.rtcp_next)
		use->looked_ms = asked_ms;
	else if (!use->looked_ms && is_untouched(info))
		use->floor_ms = asked_ms;
}

void media_position_heard(struct media_session *session, const struct sluice_session_info *info,
			  uint64_t asked_ms)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		if (session->sets[leg] || session->dirty[leg])
			continue; /* it may be of the key before */
		/* one counter for all keys that the peer changes between */
		for (unsigned i = 0; i < SLUICE_RX_KEYS_MAX; i++)
			note(&session->wanted[leg].rx[i], &info->leg[leg].rx_position);
		note_tx(session, leg, &info->leg[leg], asked_ms);
	}
}

/* ---- after a restart of the data plane ---- */

/* Packets that leg's peer was sent at most since then. */
static uint64_t sent_since(const struct media_session *session, unsigned leg, uint64_t since_ms)
{
	uint64_t rate_pps = session->rate_pps[!leg] ? session->rate_pps[!leg] : RATE_USUAL_PPS;
	uint64_t ms = uv_now(session->media->loop) - since_ms + BURST_MS;

	return rate_pps * ms / 1000 + SLACK_PACKETS;
}

/* Where to go on: by what was seen of one source, or by how long the key was there. */
struct leap {
	uint64_t known, known_next; /* how far, and to where: of the source that was seen */
	uint64_t any_next;          /* of whatever source */
};

static struct leap leap_of(const struct media_session *session, unsigned leg)
{
	const struct media_key_use *use = &session->use[leg];
	uint64_t seen = session->wanted[leg].tx.resume.rtp_next;
	struct leap leap = {.known = UINT64_MAX, .any_next = UINT64_MAX};

	if (use->looked_ms) {
		leap.known = sent_since(session, leg, use->looked_ms);
		/* where it begins is not known beforehand, so "none used" stays so */
		leap.known_next = seen ? seen + leap.known : 0;
	}
	if (use->floor != MEDIA_FLOOR_UNKNOWN)
		leap.any_next = use->floor + sent_since(session, leg, use->floor_ms);
	return leap;
}

/* Nobody knows where to go on: it sends nothing, and the leg gets another key. */
static void give_up(struct sluice_key *key, struct media_key_use *use)
{
	*use = (struct media_key_use){.floor = MEDIA_FLOOR_UNKNOWN};
	key->resume =
	    (struct sluice_position){.rtp_next = RTP_NEXT_MAX, .rtcp_next = RTCP_NEXT_MAX};
	key->resume_of = SLUICE_RESUME_SOURCE;
}

static uint64_t rtcp_leapt(const struct media_session *session, unsigned leg)
{
	const struct media_key_use *use = &session->use[leg];
	uint64_t since_ms =
	    use->looked_ms && use->floor == MEDIA_FLOOR_UNKNOWN ? use->looked_ms : use->floor_ms;

	return session->wanted[leg].tx.resume.rtcp_next + RTCP_LEAP +
	       sent_since(session, leg, since_ms);
}

static void go_on(struct media_session *session, unsigned leg)
{
	struct sluice_key *key = &session->wanted[leg].tx;
	struct media_key_use *use = &session->use[leg];
	const struct leap leap = leap_of(session, leg);
	uint64_t rtcp_next = rtcp_leapt(session, leg), now_ms = uv_now(session->media->loop);
	bool seen = leap.known <= LEAP_MAX;
	bool young =
	    leap.any_next <= (seen ? YOUNG_MAX : LEAP_MAX) && leap.known_next <= leap.any_next;

	if (leap.known_next >= RTP_NEXT_MAX || rtcp_next >= RTCP_NEXT_MAX || (!seen && !young)) {
		give_up(key, use);
		return;
	}
	key->resume.rtcp_next = (uint32_t)rtcp_next;
	key->resume_of = young ? SLUICE_RESUME_ANY : SLUICE_RESUME_SOURCE;
	key->resume.rtp_next = young ? leap.any_next : leap.known_next;
	if (leap.any_next != UINT64_MAX)
		use->floor = leap.any_next > leap.known_next ? leap.any_next : leap.known_next;
	use->floor_ms = now_ms;
	use->looked_ms = young ? 0 : now_ms;
}

void media_position_resume(struct media_session *session)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		struct media_key_use *use = &session->use[leg];

		if (!session->wanted[leg].tx.suite)
			continue;
		if (!use->kept) {
			go_on(session, leg);
			continue;
		}
		use->floor = SLUICE_FIRST_INDEX_MAX + 1;
		use->floor_ms = uv_now(session->media->loop);
	}
}
