/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET, LIST and STATS: counters read from under the workers' hands. */
#include <errno.h>
#include <string.h>

#include "net/kernel_path.h"
#include "session/session.h"

/* Of the speech heard last. */
static uint32_t clock_of(const struct leg *leg)
{
	uint32_t clock = __atomic_load_n(&leg->payload_clock, __ATOMIC_RELAXED);

	return clock ? clock * RTP_CLOCK_UNIT_HZ : RTP_CLOCK_HZ;
}

static uint64_t ms_ago(const struct sessions *sessions, uint32_t worker_ms)
{
	return worker_ms ? worker_ms_ago(sessions, worker_ms) : UINT64_MAX;
}

static void counters_info(const struct sessions *sessions, const struct session *session,
			  unsigned number, struct sluice_stream_counters *to)
{
	const struct leg *leg = &session->media.leg[number];
	struct rtp_stats stats = rtp_stats_glance(&leg->stats);
	const struct leg_seldom *seldom = &session->media.seldom[number];

	to->received = session_count(session, number, LEG_RECEIVED);
	to->received_bytes = session_count(session, number, LEG_RECEIVED_BYTES);
	to->sent = session_count(session, number, LEG_SENT);
	to->sent_bytes = session_count(session, number, LEG_SENT_BYTES);
	to->rtcp_received = session_count(session, number, LEG_RTCP_RECEIVED);
	to->rtcp_sent = session_count(session, number, LEG_RTCP_SENT);
	to->lost = rtp_stats_lost(&stats);
	to->reordered = stats.reordered;
	to->jitter_us = rtp_stats_jitter_us(&stats, clock_of(leg));
	to->ssrc = stats.ssrc;
	to->last_rx_ms_ago = ms_ago(sessions, word_get(&leg->last_rx_ms));
	to->last_rtcp_ms_ago = ms_ago(sessions, word_get(&seldom->last_rtcp_ms));
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

/* ---- quality: what the listeners of both sides get, as far as it shows here ---- */

static enum rtp_codec codec_info(const struct sessions *sessions, const struct session *session,
				 unsigned number, struct sluice_stream_counters *to)
{
	const struct rtp_payload_map *maps =
	    payload_maps_array(sessions->config.interfaces->payload_maps);
	uint8_t type = __atomic_load_n(&session->media.leg[number].payload_type, __ATOMIC_RELAXED);
	const struct rtp_payload *payload;
	struct leg_terms terms;

	if (type == LEG_PAYLOAD_NONE || !to->received)
		return RTP_CODEC_UNKNOWN;
	session_view(sessions, session, number, &terms);
	payload = rtp_payload_find(&maps[terms.payloads], type);
	to->payload_type = type;
	to->codec = payload ? (uint8_t)payload->codec : (uint8_t)RTP_CODEC_UNKNOWN;
	return to->codec;
}

/* What the peer says of the speech that it gets, which has the other leg's codec and clock. */
static void reports_info(const struct session *session, unsigned number,
			 struct sluice_stream_counters *to)
{
	struct rtcp_stats rtcp = rtcp_stats_glance(&session->media.seldom[number].rtcp);
	uint32_t clock_hz = clock_of(&session->media.leg[1 - number]);

	to->rtt_us = rtcp_rtt_us(rtcp.rtt);
	to->rtt_max_us = rtcp_rtt_us(rtcp.rtt_max);
	to->remote_lost = RTCP_STATS_LOST(&rtcp);
	to->remote_jitter_us = (uint32_t)((uint64_t)rtcp.jitter * 1000000 / clock_hz);
}

static uint16_t mos_of(const struct mos_path *path)
{
	return (uint16_t)mos_x100(mos_rating(path));
}

/* Mouth to ear is half of both round trips, through us. */
static void quality_info(const struct sessions *sessions, const struct session *session,
			 struct sluice_session_info *info)
{
	enum rtp_codec codec[2];
	uint32_t delay_us = 0;

	for (unsigned i = 0; i < 2; i++) {
		codec[i] = codec_info(sessions, session, i, &info->leg[i].counters);
		reports_info(session, i, &info->leg[i].counters);
		delay_us += info->leg[i].counters.rtt_us / 2;
	}
	for (unsigned i = 0; i < 2; i++) {
		struct sluice_stream_counters *to = &info->leg[i].counters;
		uint32_t told = word_get(&session->media.seldom[i].rtcp.lost) & RTCP_STATS_TOLD;
		uint64_t arrived = to->sent > to->remote_lost ? to->sent - to->remote_lost : 0;
		const struct mos_path in = {codec[i], to->received, to->lost, delay_us,
					    to->jitter_us};
		const struct mos_path out = {codec[1 - i], arrived, to->remote_lost, delay_us,
					     to->remote_jitter_us};

		to->mos_x100 = to->received ? mos_of(&in) : 0;
		to->remote_mos_x100 = told ? mos_of(&out) : 0;
	}
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

static uint64_t session_age_ms(const struct session *session)
{
	uint32_t age = (uint32_t)(clock_ms() >> SESSION_AGE_SHIFT) - session->opened;

	return (uint64_t)age << SESSION_AGE_SHIFT;
}

void session_info(struct sessions *sessions, struct session *session,
		  struct sluice_session_info *info)
{
	memset(info, 0, sizeof(*info));
	events_take(sessions);
	info->session = session->media.session;
	info->age_ms = session_age_ms(session);
	leg_info(sessions, session, 0, &info->leg[0]);
	leg_info(sessions, session, 1, &info->leg[1]);
	quality_info(sessions, session, info);
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

/* What passed between NICs of kind pci and the kernel. */
static void kernel_stats(const struct interfaces *interfaces, struct sluice_stats *stats)
{
	for (unsigned i = 0; i < interfaces->count; i++) {
		const struct kernel_path *path = interfaces->interface[i].port->kernel;
		struct kernel_path_counters counters;

		if (!path)
			continue;
		kernel_path_counters(path, &counters);
		stats->from_kernel += counters.from_kernel;
		stats->kernel_lost += counters.lost;
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
		stats->to_kernel += counter_get(&counters->to_kernel);
		for (unsigned d = 0; d < SLUICE_DROP_COUNT; d++)
			stats->drops[d] += counter_get(&counters->drops[d]);
	}
	kernel_stats(sessions->config.interfaces, stats);
}

/* ---- what it costs ---- */

/* Of a call in the tables: its place among all, in the hash table, and two pairs of media ports. */
static size_t call_share(const struct sessions *sessions)
{
	const struct interfaces *interfaces = sessions->config.interfaces;
	size_t bytes = sizeof(sessions->all[0]) + (sessions->bucket_mask + 1) *
						      sizeof(sessions->buckets[0]) /
						      sessions->config.max_sessions;

	return bytes + 2 * interfaces_pair_bytes(interfaces);
}

void sessions_memory(const struct sessions *sessions, struct sluice_memory_status *memory)
{
	size_t call = pool_object_bytes(sessions->calls) + call_share(sessions);
	size_t context = context_bytes(sessions, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	size_t tables = interfaces_bytes(sessions->config.interfaces) +
			(sessions->bucket_mask + 1) * sizeof(sessions->buckets[0]) +
			sessions->config.max_sessions * sizeof(sessions->all[0]);

	*memory = (struct sluice_memory_status){
	    .call_plain = call,
	    .call_srtp = call + 2 * context,
	    .call_srtp2 = call + 4 * context,
	    .used = tables + contexts_touched_bytes(sessions) +
		    pool_touched_bytes(sessions->calls) + pool_touched_bytes(sessions->mails) +
		    pool_touched_bytes(sessions->keys),
	    .reserved = tables + sessions->config.max_sessions *
				     (pool_object_bytes(sessions->calls) + 4 * context),
	};
}
