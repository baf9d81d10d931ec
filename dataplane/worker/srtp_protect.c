/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP and RTCP packets to SRTP and SRTCP (RFC 3711 3.3, 3.4). An index is taken before the
 * keystream is made with it, and never given back, so no two packets can share keystream: whatever
 * the source does with its sequence numbers.
 */
#include <string.h>

#include "worker/srtp_keys.h"
#include "worker/srtp_worker.h"

static inline enum sluice_drop parse_rtp(struct srtp_job *job)
{
	const struct srtp_packet *packet = job->packet;
	struct rtp_header header;

	switch (rtp_header_parse(&header, packet->data, packet->length)) {
	case RTP_OK:
		break;
	case RTP_TRUNCATED:
		return SLUICE_DROP_TRUNCATED;
	default:
		return SLUICE_DROP_NOT_RTP;
	}
	if (header.length > SRTP_HEADER_MAX)
		return SLUICE_DROP_NOT_RTP;
	job->ssrc = header.ssrc;
	job->sequence = header.sequence;
	job->header = (uint16_t)header.length;
	job->body = (uint16_t)packet->length;
	return SLUICE_DROP_NONE;
}

static enum sluice_drop parse_rtcp(struct srtp_job *job)
{
	const struct srtp_packet *packet = job->packet;

	if (packet->length < RTCP_HEADER_BYTES)
		return SLUICE_DROP_TRUNCATED;
	if (rtp_version(packet->data) != RTP_VERSION || !rtp_is_rtcp(packet->data))
		return SLUICE_DROP_NOT_RTP;
	job->ssrc = rtcp_ssrc(packet->data);
	job->header = RTCP_HEADER_BYTES;
	job->body = (uint16_t)packet->length;
	return SLUICE_DROP_NONE;
}

static inline enum sluice_drop parse(struct srtp_job *job, enum srtp_packet_kind kind)
{
	const struct srtp_packet *packet = job->packet;

	if (packet->length > SRTP_PACKET_MAX)
		return SLUICE_DROP_MTU;
	if (packet->capacity < packet->length + SRTP_TRAILER_MAX)
		return SLUICE_DROP_NO_BUFFER;
	return kind == SRTP_PACKET_RTP ? parse_rtp(job) : parse_rtcp(job);
}

/* RFC 3711 3.4: from 0, one more for each packet sent. */
static enum sluice_drop take_rtcp_index(struct srtp_job *job, struct srtp_context *context)
{
	struct rtp_replay window = srtp_rtcp_window(context);

	job->index = rtp_replay_started(&window) ? window.highest + 1 : 0;
	if (job->index > RTCP_INDEX_MAX)
		return SLUICE_DROP_KEY_LIFETIME;
	rtp_replay_commit(&window, job->index);
	srtp_rtcp_window_set(context, &window);
	bytes_put_be32(job->packet->data + srtp_job_word_at(job),
		       (uint32_t)job->index | SRTCP_E_BIT);
	return SLUICE_DROP_NONE;
}

/*
 * The roll-over counter of what we send is our own: it begins at 0 whatever the sender's was, or
 * goes on from where it was under the key before (srtp_context_rekey()).
 */
static enum sluice_drop take_rtp_index(struct srtp_job *job, struct rtp_replay *replay)
{
	job->index = rtp_index_guess(replay->highest, job->sequence);
	if (job->index > RTP_INDEX_MAX)
		return SLUICE_DROP_KEY_LIFETIME;
	return rtp_replay_take(replay, job->index) == RTP_REPLAY_FRESH ? SLUICE_DROP_NONE
								       : SLUICE_DROP_TX_INDEX;
}

static __attribute__((noinline)) enum sluice_drop take_index(struct srtp_worker *worker,
							     struct srtp_job *job,
							     struct srtp_context *context,
							     enum srtp_packet_kind kind)
{
	enum sluice_drop drop;

	if (srtp_key_is_used_up(context, kind) || !srtp_source_may_send(context, job->ssrc, kind))
		return SLUICE_DROP_KEY_LIFETIME;
	if (!srtp_source_take(worker, context, job->ssrc, SRTP_SOURCE_KEEP))
		return SLUICE_DROP_SSRC_LIMIT;
	drop = kind == SRTP_PACKET_RTP ? take_rtp_index(job, &context->rtp)
				       : take_rtcp_index(job, context);
	if (drop == SLUICE_DROP_NONE)
		srtp_key_use(context, kind);
	return drop;
}

/* The usual case of take_index(): the next packet of the same source. */
static inline bool take_next_index(struct srtp_job *job, struct srtp_context *context)
{
	job->index = rtp_index_guess(context->rtp.highest, job->sequence);
	return job->index <= RTP_INDEX_MAX && srtp_index_advance(context, job->ssrc, job->index);
}

/* Makes job and op of packet. */
static inline enum sluice_drop job_make(struct srtp_worker *worker, struct srtp_job *job,
					struct crypto_op *op, struct srtp_packet *packet,
					enum srtp_packet_kind kind)
{
	struct srtp_context *context = packet->context;
	enum sluice_drop drop;

	job->packet = packet;
	drop = parse(job, kind);
	if (drop != SLUICE_DROP_NONE)
		return drop;
	srtp_job_layout(job, context, kind);
	if (kind == SRTP_PACKET_RTCP || !take_next_index(job, context))
		drop = take_index(worker, job, context, kind);
	if (drop != SLUICE_DROP_NONE)
		return drop;
	srtp_op_fill(op, job, context, &worker->aads[job - worker->jobs], kind);
	return SLUICE_DROP_NONE;
}

static __attribute__((noinline)) enum sluice_drop job_make_rtcp(struct srtp_worker *worker,
								struct srtp_job *job,
								struct crypto_op *op,
								struct srtp_packet *packet)
{
	op->key = srtp_keys_rtcp(worker, packet->context);
	return op->key ? job_make(worker, job, op, packet, SRTP_PACKET_RTCP)
		       : SLUICE_DROP_NO_BUFFER;
}

static inline void trailer_write(const struct srtp_job *job, const uint8_t *tag)
{
	struct srtp_packet *packet = job->packet;

	/* of the job, for the context is in a farther cache again */
	if (job->mki_length > 0)
		memcpy(packet->data + job->mki_at, packet->context->mki, job->mki_length);
	srtp_tag_copy(packet->data + job->tag_at, tag, job->tag_length);
	packet->length = job->end;
}

/* Packets that are to be worked, as jobs; the rest is dropped or was before. */
static unsigned jobs_make(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n)
{
	struct srtp_job *job = worker->jobs;
	struct crypto_op *op = worker->ops;

	for (unsigned i = 0; i < n; i++) {
		struct srtp_packet *packet = &packets[i];

		if (packet->drop != SLUICE_DROP_NONE)
			continue;
		packet->drop = packet->kind == SRTP_PACKET_RTP
				   ? job_make(worker, job, op, packet, SRTP_PACKET_RTP)
				   : job_make_rtcp(worker, job, op, packet);
		if (packet->drop != SLUICE_DROP_NONE)
			continue;
		job++;
		op++;
	}
	return (unsigned)(job - worker->jobs);
}

void srtp_protect_burst(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n)
{
	unsigned count;

	assert(n <= CRYPTO_BURST_MAX);
	count = jobs_make(worker, packets, n);
	worker->engine->cipher_burst(worker->engine_worker, worker->ops, count);
	worker->engine->tag_burst(worker->engine_worker, worker->ops, count);
	for (unsigned i = 0; i < count; i++)
		trailer_write(&worker->jobs[i], worker->ops[i].tag);
	srtp_keys_rtcp_forget(worker);
}
