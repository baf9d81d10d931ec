/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET, LIST and STATS: counters read from under the workers' hands. */
#include <errno.h>
#include <string.h>

#include <rte_cycles.h>

#include "session/session.h"

uint64_t tsc_ms_ago(const struct sessions *sessions, uint64_t tsc)
{
	uint64_t now = rte_rdtsc();

	/* another core's counter may be a little ahead */
	return now > tsc ? (now - tsc) / (sessions->tsc_hz / 1000) : 0;
}

static void counters_info(const struct sessions *sessions, const struct leg_counters *from,
			  struct sluice_stream_counters *to)
{
	uint64_t last_tsc = counter_get(&from->last_rx_tsc);

	to->received = counter_get(&from->received);
	to->received_bytes = counter_get(&from->received_bytes);
	to->sent = counter_get(&from->sent);
	to->sent_bytes = counter_get(&from->sent_bytes);
	to->rtcp_received = counter_get(&from->rtcp_received);
	to->rtcp_sent = counter_get(&from->rtcp_sent);
	to->lost = counter_get(&from->lost);
	to->reordered = counter_get(&from->reordered);
	to->jitter_us = (uint32_t)counter_get(&from->jitter_us);
	to->ssrc = (uint32_t)counter_get(&from->ssrc);
	to->last_rx_ms_ago = last_tsc ? tsc_ms_ago(sessions, last_tsc) : UINT64_MAX;
	for (unsigned i = 0; i < SLUICE_DROP_COUNT; i++) {
		to->drops[i] = counter_get(&from->drops[i]);
		to->dropped += to->drops[i];
	}
}

/* Of the key of the last packet; while the worker has not taken over new keys yet: of none. */
static void rx_position(const struct session_leg *leg, const struct srtp_context *last,
			struct sluice_position *position)
{
	for (unsigned i = 0; i < leg->rx.count; i++)
		if (leg->rx.context[i] == last)
			srtp_context_position(last, position);
}

static void leg_info(const struct sessions *sessions, const struct session *session,
		     unsigned number, struct sluice_leg_info *info)
{
	const struct session_leg *leg = &session->leg[number];

	memcpy(info->interface, sessions->config.interfaces->interface[leg->interface].name,
	       sizeof(info->interface));
	info->local = leg->local;
	info->remote_rtp = leg->remote[SRTP_PACKET_RTP];
	info->remote_rtcp = leg->remote[SRTP_PACKET_RTCP];
	info->source = leg->latched[SRTP_PACKET_RTP].family ? leg->latched[SRTP_PACKET_RTP]
							    : leg->remote[SRTP_PACKET_RTP];
	info->rx_suite = leg->rx_suite;
	info->tx_suite = leg->tx_suite;
	info->direction = leg->direction;
	info->latch = leg->latch;
	info->rtcp_mux = leg->rtcp_mux;
	info->worker = (uint8_t)session->worker;
	rx_position(leg, leg_rx_get(&session->media->leg[number]), &info->rx_position);
	if (leg->tx)
		srtp_context_position(leg->tx, &info->tx_position);
	counters_info(sessions, &session->media->leg[number].counters, &info->counters);
}

void session_info(const struct sessions *sessions, const struct session *session,
		  struct sluice_session_info *info)
{
	memset(info, 0, sizeof(*info));
	info->session = session->id;
	info->age_ms = clock_ms() - session->opened_ms;
	leg_info(sessions, session, 0, &info->leg[0]);
	leg_info(sessions, session, 1, &info->leg[1]);
}

int sessions_get(const struct sessions *sessions, uint64_t id, struct sluice_session_info *info)
{
	const struct session *session = session_find(sessions, id);

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
		uint64_t id = sessions->all[i]->id;

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
