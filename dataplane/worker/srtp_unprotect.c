/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRTP and SRTCP packets to RTP and RTCP (RFC 3711 3.3, 3.4). The order of the checks is the point:
 * length, index guess, replay, tag; only then does any state change.
 *
 * A burst is hashed in one round; a second, for what failed of sources of which no RTP had been
 * seen under this key, tries another ROC. So a forged packet costs one HMAC (of GCM one
 * tag), and two if nobody knows its SSRC.
 */
#include <string.h>

#include "media/rtcp.h"
#include "worker/srtp_keys.h"
#include "worker/srtp_worker.h"

#define ROUNDS RTP_INDEX_FIRST_TRIES

static inline enum sluice_drop parse_rtp(struct srtp_job *job, uint32_t trailer)
{
	const struct srtp_packet *packet = job->packet;
	struct rtp_header header;

	if (packet->length < RTP_HEADER_MIN + trailer)
		return SLUICE_DROP_TRUNCATED;
	switch (rtp_header_parse(&header, packet->data, packet->length - trailer)) {
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
	job->body = (uint16_t)(packet->length - trailer);
	return SLUICE_DROP_NONE;
}

/* RTCP in clear may be whole and yet too short for SRTCP: phones send such ones to open a NAT
 * before they have keys. */
static enum sluice_drop too_short(const struct srtp_packet *packet)
{
	return rtcp_check(packet->data, packet->length, RTCP_REDUCED_SIZE) == RTP_OK
		   ? SLUICE_DROP_SRTCP_CLEAR
		   : SLUICE_DROP_TRUNCATED;
}

static enum sluice_drop parse_rtcp(struct srtp_job *job, uint32_t trailer)
{
	const struct srtp_packet *packet = job->packet;

	if (packet->length < RTCP_HEADER_BYTES + trailer)
		return too_short(packet);
	if (rtp_version(packet->data) != RTP_VERSION || !rtp_is_rtcp(packet->data))
		return SLUICE_DROP_NOT_RTP;
	job->ssrc = rtcp_ssrc(packet->data);
	job->header = RTCP_HEADER_BYTES;
	job->body = (uint16_t)(packet->length - trailer);
	return SLUICE_DROP_NONE;
}

static enum sluice_drop read_rtcp_index(struct srtp_job *job)
{
	uint32_t word = bytes_get_be32(job->packet->data + srtp_job_word_at(job));

	job->index = word & ~SRTCP_E_BIT;
	return word & SRTCP_E_BIT ? SLUICE_DROP_NONE : SLUICE_DROP_SRTCP_CLEAR;
}

/* Reads what the packet says of itself; and keeps the bytes over which the ROC will be written. */
static inline enum sluice_drop parse(struct srtp_job *job, const struct srtp_context *context,
				     enum srtp_packet_kind kind)
{
	const struct srtp_packet *packet = job->packet;
	uint32_t trailer = srtp_trailer(context, kind);
	enum sluice_drop drop;

	if (packet->length > SRTP_PACKET_MAX)
		return SLUICE_DROP_NOT_RTP;
	drop = kind == SRTP_PACKET_RTP ? parse_rtp(job, trailer) : parse_rtcp(job, trailer);
	if (drop != SLUICE_DROP_NONE)
		return drop;
	srtp_job_layout(job, context, kind);
	if (kind == SRTP_PACKET_RTCP)
		drop = read_rtcp_index(job);
	if (drop != SLUICE_DROP_NONE)
		return drop;
	memcpy(job->tail, packet->data + job->body, sizeof(job->tail)); /* a tag has as many */
	srtp_tag_copy(job->tag, packet->data + job->tag_at, job->tag_length);
	return SLUICE_DROP_NONE;
}

/* Of 1 to 4 bytes, and no secret. */
static bool has_mki(const struct srtp_context *context, const uint8_t *mki)
{
	return memcmp(context->mki, mki, context->mki_length) == 0;
}

/*
 * The MKI says under which of the peer's master keys a packet is (RFC 3711 3.1, 8.1). An MKI of
 * none costs no HMAC. All keys have MKIs and tags of the same length.
 */
static __attribute__((noinline)) enum sluice_drop key_choose(const struct srtp_job *job)
{
	struct srtp_packet *packet = job->packet;
	const uint8_t *mki = packet->data + job->mki_at;

	if (has_mki(packet->context, mki))
		return SLUICE_DROP_NONE;
	for (unsigned i = 0; packet->keys && i < packet->keys->count; i++) {
		if (!has_mki(packet->keys->context[i], mki))
			continue;
		packet->context = packet->keys->context[i];
		return SLUICE_DROP_NONE;
	}
	return SLUICE_DROP_MKI;
}

static inline enum sluice_drop replay_drop(enum rtp_replay_verdict verdict)
{
	static const uint8_t drops[] = {
	    [RTP_REPLAY_FRESH] = SLUICE_DROP_NONE,
	    [RTP_REPLAY_SEEN] = SLUICE_DROP_REPLAY,
	    [RTP_REPLAY_OLD] = SLUICE_DROP_REPLAY_OLD,
	};

	return drops[verdict];
}

/* How far a source has got: where it has been heard, its highest index; else a hint. */
struct progress {
	bool started;
	uint64_t highest;
};

/* A source goes on counting when it changes its master key (RFC 3711 3.2.1): all are asked. */
static __attribute__((noinline)) void progress_of_keys(struct progress *progress,
						       const struct srtp_job *job)
{
	const struct srtp_keys *keys = job->packet->keys;

	for (unsigned i = 0; i < keys->count; i++) {
		struct srtp_source scratch;
		const struct srtp_source *source =
		    srtp_source_peek(keys->context[i], job->ssrc, &scratch);

		if (!source || !rtp_replay_started(&source->rtp))
			continue;
		if (!progress->started || source->rtp.highest > progress->highest)
			progress->highest = source->rtp.highest;
		progress->started = true;
	}
}

/*
 * The index to try in this round; AUTH when there is none that was not tried. The source may have
 * become known since the first round, by a packet of the same burst.
 */
static __attribute__((noinline)) enum sluice_drop choose_rtp_index(
    struct srtp_job *job, const struct srtp_context *context, unsigned round)
{
	struct srtp_source scratch;
	const struct srtp_source *source = srtp_source_peek(context, job->ssrc, &scratch);
	struct progress progress = {
	    .started = source && rtp_replay_started(&source->rtp),
	    .highest = source ? source->rtp.highest : 0,
	};
	uint64_t index;

	if (context->mki_length > 0 && job->packet->keys)
		progress_of_keys(&progress, job);
	index = progress.started ? rtp_index_guess(progress.highest, job->sequence)
				 : rtp_index_first(progress.highest, job->sequence, round);
	if (round > 0 && index == job->index)
		return SLUICE_DROP_AUTH;
	if (index > RTP_INDEX_MAX)
		return SLUICE_DROP_KEY_LIFETIME;
	job->index = index;
	job->again = !progress.started;
	return source ? replay_drop(rtp_replay_check(&source->rtp, index)) : SLUICE_DROP_NONE;
}

/* The usual case of the first round: a packet after the last one of the same source, and no other
 * key under which that may have gone further. */
static inline bool guess_next_index(struct srtp_job *job, const struct srtp_context *context)
{
	uint64_t index = rtp_index_guess(context->rtp.highest, job->sequence);

	job->index = index;
	job->again = false;
	if (context->mki_length > 0 && job->packet->keys)
		return false;
	return context->ssrc == job->ssrc && rtp_replay_started(&context->rtp) &&
	       index > context->rtp.highest && index <= RTP_INDEX_MAX;
}

/* SRTCP carries its index: nothing to try again. */
static enum sluice_drop check_rtcp_index(struct srtp_job *job, const struct srtp_context *context)
{
	struct srtp_source scratch;
	const struct srtp_source *source = srtp_source_peek(context, job->ssrc, &scratch);

	job->again = false;
	return source ? replay_drop(rtp_replay_check(&source->rtcp, job->index)) : SLUICE_DROP_NONE;
}

/* Makes job and op of packet, for the first index to try. */
static inline enum sluice_drop job_make(struct srtp_worker *worker, struct srtp_job *job,
					struct crypto_op *op, struct srtp_packet *packet,
					enum srtp_packet_kind kind)
{
	struct srtp_context *context = packet->context;
	enum sluice_drop drop;

	job->packet = packet;
	drop = parse(job, context, kind);
	if (drop == SLUICE_DROP_NONE && context->mki_length > 0) {
		drop = key_choose(job);
		context = packet->context;
	}
	if (drop != SLUICE_DROP_NONE)
		return drop;
	if (srtp_key_is_used_up(context, kind))
		return SLUICE_DROP_KEY_LIFETIME;
	if (kind == SRTP_PACKET_RTCP)
		drop = check_rtcp_index(job, context);
	else if (!guess_next_index(job, context))
		drop = choose_rtp_index(job, context, 0);
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
	enum sluice_drop drop = job_make(worker, job, op, packet, SRTP_PACKET_RTCP);

	if (drop != SLUICE_DROP_NONE)
		return drop;
	op->key = srtp_keys_rtcp(worker, packet->context);
	return op->key ? SLUICE_DROP_NONE : SLUICE_DROP_NO_BUFFER;
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

static enum sluice_drop rtcp_take(struct srtp_context *context, uint64_t index)
{
	struct rtp_replay window = srtp_rtcp_window(context);
	enum sluice_drop drop = replay_drop(rtp_replay_take(&window, index));

	srtp_rtcp_window_set(context, &window);
	return drop;
}

/*
 * The packet is authentic: its source, made now if it is new, takes the index. The checks are made
 * again, for a packet before it in the burst may have been the same.
 */
static __attribute__((noinline)) enum sluice_drop commit(struct srtp_worker *worker,
							 const struct srtp_job *job)
{
	struct srtp_context *context = job->packet->context;
	enum srtp_packet_kind kind = job->packet->kind;
	enum sluice_drop drop;

	if (srtp_key_is_used_up(context, kind))
		return SLUICE_DROP_KEY_LIFETIME;
	if (!srtp_source_take(worker, context, job->ssrc, SRTP_SOURCE_FORGET))
		return SLUICE_DROP_SSRC_LIMIT;
	drop = kind == SRTP_PACKET_RTP ? replay_drop(rtp_replay_take(&context->rtp, job->index))
				       : rtcp_take(context, job->index);
	if (drop == SLUICE_DROP_NONE)
		srtp_key_use(context, kind);
	return drop;
}

/* The usual case of commit(): what guess_next_index() has found, and no packet before it changed.
 */
static inline bool commit_next(const struct srtp_job *job)
{
	return job->packet->kind == SRTP_PACKET_RTP &&
	       srtp_index_advance(job->packet->context, job->ssrc, job->index);
}

/* Puts back what the ROC was written over: the packet may be tried again with another key. */
static void tail_restore(const struct srtp_job *job)
{
	memcpy(job->packet->data + job->body, job->tail, sizeof(job->tail));
}

/*
 * Compares the tags and commits what is authentic, in the order of the burst; what is not, or no
 * more, is not decrypted. Returns whether there may be another index to try for one of them.
 */
static bool jobs_verify(struct srtp_worker *worker, unsigned n)
{
	bool again = false;

	for (unsigned i = 0; i < n; i++) {
		const struct srtp_job *job = &worker->jobs[i];
		struct crypto_op *op = &worker->ops[i];

		if (srtp_tag_equal(op->tag, job->tag, job->tag_length)) {
			job->packet->drop =
			    commit_next(job) ? SLUICE_DROP_NONE : commit(worker, job);
		} else {
			job->packet->drop = SLUICE_DROP_AUTH;
			again |= job->again;
		}
		if (job->packet->drop == SLUICE_DROP_NONE) {
			job->packet->length = job->body;
			continue;
		}
		tail_restore(job);
		op->length = 0;
	}
	return again;
}

/* Moves the jobs to the front for which there is another index to try, and fills their ops. */
static unsigned jobs_again(struct srtp_worker *worker, unsigned n, unsigned round)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		struct srtp_job *job = &worker->jobs[i];
		struct srtp_packet *packet = job->packet;

		if (packet->drop != SLUICE_DROP_AUTH || !job->again)
			continue;
		packet->drop = choose_rtp_index(job, packet->context, round);
		if (packet->drop != SLUICE_DROP_NONE)
			continue;
		worker->jobs[count] = *job;
		srtp_op_fill(&worker->ops[count], job, packet->context, NULL, SRTP_PACKET_RTP);
		count++;
	}
	return count;
}

void srtp_unprotect_burst(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n)
{
	const struct crypto_engine *engine = worker->engine;
	unsigned count;

	assert(n <= CRYPTO_BURST_MAX);
	count = jobs_make(worker, packets, n);
	for (unsigned round = 1; count > 0; round++) {
		bool again;

		engine->tag_burst(worker->engine_worker, worker->ops, count);
		again = jobs_verify(worker, count);
		engine->cipher_burst(worker->engine_worker, worker->ops, count);
		count = again && round < ROUNDS ? jobs_again(worker, count, round) : 0;
	}
	srtp_keys_rtcp_forget(worker);
}
