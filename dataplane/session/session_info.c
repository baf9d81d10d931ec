/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET, LIST and STATS: counters read from under the workers' hands. */
#include <errno.h>
#include <string.h>

#include "session/session.h"

#define RTP_CLOCK_HZ 8000U /* of the G.711 family; jitter is shown in its microseconds */

static void counters_info(const struct sessions *sessions, const struct session *session,
			  unsigned number, struct sluice_stream_counters *to)
{
	const struct leg *leg = &session->media.leg[number];
	struct rtp_stats stats = rtp_stats_glance(&leg->stats);
	uint32_t last_ms = word_get(&leg->last_rx_ms);

	to->received = session_count(session, number, LEG_RECEIVED);
	to->received_bytes = session_count(session, number, LEG_RECEIVED_BYTES);
	to->sent = session_count(session, number, LEG_SENT);
	to->sent_bytes = session_count(session, number, LEG_SENT_BYTES);
	to->rtcp_received = session_count(session, number, LEG_RTCP_RECEIVED);
	to->rtcp_sent = session_count(session, number, LEG_RTCP_SENT);
	to->lost = rtp_stats_lost(&stats);
	to->reordered = stats.reordered;
	to->jitter_us = rtp_stats_jitter_us(&stats, RTP_CLOCK_HZ);
	to->ssrc = stats.ssrc;
	to->last_rx_ms_ago = last_ms ? worker_ms_ago(sessions, last_ms) : UINT64_MAX;
	for (unsigned i = 0; i < SLUICE_DROP_COUNT; i++) {
		to->drops[i] = session_drops(session, number, i);
		to->dropped += to->drops[i];
	}
}

/* Of the key of the last packet; while the worker has not taken over new keys yet: of none. */
static void rx_position(const struct srtp_keys *keys, const struct srtp_context *last,
			struct sluice_position *position)
{
	for (unsigned i = 0; i < keys->count; i++)
		if (keys->context[i] == last)
			srtp_context_position(last, position);
}

static struct sluice_addr source_info(struct session *session, unsigned number,
				      const struct leg_terms *terms)
{
	struct rtp_address source = {0};
	struct sluice_addr info;

	if (!(session->leg[number].flags & SESSION_LEG_LATCHED) ||
	    !leg_latch_glance(&session->media.leg[number], SRTP_PACKET_RTP, &source) ||
	    !source.family)
		source = terms->rule[SRTP_PACKET_RTP].agreed;
	memcpy(&info, &source, sizeof(info));
	return info;
}

static uint8_t suite_info(const struct srtp_context *context)
{
	return context ? (uint8_t)srtp_context_suite(context) : SLUICE_SUITE_NONE;
}

static void leg_info(const struct sessions *sessions, struct session *session, unsigned number,
		     struct sluice_leg_info *info)
{
	const struct session_leg *leg = &session->leg[number];
	struct leg_terms terms;

	session_view(sessions, session, number, &terms);
	memcpy(info->interface, sessions->config.interfaces->interface[leg->interface].name,
	       sizeof(info->interface));
	info->local = session_local(sessions, session, number);
	memcpy(&info->remote_rtp, &terms.rule[SRTP_PACKET_RTP].agreed, sizeof(info->remote_rtp));
	memcpy(&info->remote_rtcp, &terms.rule[SRTP_PACKET_RTCP].agreed, sizeof(info->remote_rtcp));
	info->source = source_info(session, number, &terms);
	info->rx_suite = suite_info(terms.rx.context[0]);
	info->tx_suite = suite_info(terms.tx);
	info->direction = terms.direction;
	info->latch = terms.rule[SRTP_PACKET_RTP].mode;
	info->rtcp_mux = terms.rtcp_mux;
	info->worker = session->media.worker;
	rx_position(&terms.rx, leg_rx_get(&session->media.leg[number]), &info->rx_position);
	if (terms.tx)
		srtp_context_position(terms.tx, &info->tx_position);
	counters_info(sessions, session, number, &info->counters);
}

void session_info(struct sessions *sessions, struct session *session,
		  struct sluice_session_info *info)
{
	memset(info, 0, sizeof(*info));
	events_take(sessions);
	info->session = session->media.session;
	info->age_ms = clock_ms() - session->opened_ms;
	leg_info(sessions, session, 0, &info->leg[0]);
	leg_info(sessions, session, 1, &info->leg[1]);
}

int sessions_get(struct sessions *sessions, uint64_t id, struct sluice_session_info *info)
{
	struct session *session = session_find(sessions, id);

	if (!session)
		return -ENOENT;
	session_info(sessions, session, info);
	return 0;
}

/* ---- LIST: the lowest SLUICE_LIST_MAX ids above one, by a heap with the highest of them first
 * ---- */

static void heap_sink(uint64_t *heap, uint32_t count, uint32_t at)
{
	for (;;) {
		uint32_t child = 2 * at + 1;
		uint64_t swap;

		if (child + 1 < count && heap[child + 1] > heap[child])
			child++;
		if (child >= count || heap[child] <= heap[at])
			return;
		swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
		at = child;
	}
}

static void heap_push(uint64_t *heap, uint32_t *count, uint64_t id)
{
	uint32_t at = (*count)++;

	for (; at && heap[(at - 1) / 2] < id; at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = id;
}

void sessions_list(const struct sessions *sessions, uint64_t after, struct sluice_list_reply *reply)
{
	uint64_t *heap = reply->session;

	memset(reply, 0, sizeof(*reply));
	for (uint32_t i = 0; i < sessions->count; i++) {
		uint64_t id = sessions->all[i]->media.session;

		if (id <= after)
			continue;
		if (reply->count < SLUICE_LIST_MAX) {
			heap_push(heap, &reply->count, id);
		} else if (id < heap[0]) {
			heap[0] = id;
			heap_sink(heap, reply->count, 0);
		}
	}
	for (uint32_t left = reply->count; left > 1; left--) {
		uint64_t highest = heap[0];

		heap[0] = heap[left - 1];
		heap_sink(heap, left - 1, 0);
		heap[left - 1] = highest;
	}
}

void sessions_stats(const struct sessions *sessions, struct sluice_stats *stats)
{
	stats->sessions = sessions->count;
	stats->max_sessions = sessions->config.max_sessions;
	stats->opened = sessions->opened;
	for (unsigned i = 0; i < sessions->config.worker_count; i++) {
		const struct worker_counters *counters =
		    worker_counters(sessions->config.workers[i]);

		stats->received += counter_get(&counters->received);
		stats->relayed += counter_get(&counters->relayed);
		stats->relayed_rtcp += counter_get(&counters->relayed_rtcp);
		stats->decrypted += counter_get(&counters->decrypted);
		stats->encrypted += counter_get(&counters->encrypted);
		for (unsigned d = 0; d < SLUICE_DROP_COUNT; d++)
			stats->drops[d] += counter_get(&counters->drops[d]);
	}
}
