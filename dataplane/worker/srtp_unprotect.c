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

#include "media/index.h"
#include "media/rtp.h"
#include "worker/srtp_worker.h"

#define ROUNDS RTP_INDEX_FIRST_TRIES

static enum sluice_drop parse_rtp(struct srtp_job *job)
{
	const struct srtp_packet *packet = job->packet;
	uint32_t trailer = srtp_job_trailer(job);
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
	job->ssrc = header.ssrc;
	job->sequence = header.sequence;
	job->header = header.length;
	job->body = packet->length - trailer;
	srtp_job_layout(job);
	return SLUICE_DROP_NONE;
}

static enum sluice_drop parse_rtcp(struct srtp_job *job)
{
	const struct srtp_packet *packet = job->packet;
	uint32_t trailer = srtp_job_trailer(job);
	uint32_t word;

	if (packet->length < RTCP_HEADER_BYTES + trailer)
		return SLUICE_DROP_TRUNCATED;
	if (rtp_version(packet->data) != RTP_VERSION || !rtp_is_rtcp(packet->data))
		return SLUICE_DROP_NOT_RTP;
	job->ssrc = rtcp_ssrc(packet->data);
	job->header = RTCP_HEADER_BYTES;
	job->body = packet->length - trailer;
	srtp_job_layout(job);
	word = bytes_get_be32(packet->data + srtp_job_word_at(job));
	if (!(word & SRTCP_E_BIT))
		return SLUICE_DROP_SRTCP_CLEAR;
	job->index = word & ~SRTCP_E_BIT;
	return SLUICE_DROP_NONE;
}

/* Reads what the packet says of itself; and keeps the bytes over which the ROC will be written. */
static enum sluice_drop parse(struct srtp_job *job)
{
	const struct srtp_packet *packet = job->packet;
	const struct srtp_context *context = packet->context;
	enum sluice_drop drop;

	if (packet->length > SRTP_PACKET_MAX)
		return SLUICE_DROP_NOT_RTP;
	drop = packet->kind == SRTP_PACKET_RTP ? parse_rtp(job) : parse_rtcp(job);
	if (drop != SLUICE_DROP_NONE)
		return drop;
	/* a tag has at least as many */
	memcpy(job->tail, packet->data + job->authentic, sizeof(job->tail));
	if (context->mki_length > 0 &&
	    memcmp(packet->data + job->mki_at, context->mki, context->mki_length) != 0)
		return SLUICE_DROP_AUTH;
	srtp_tag_copy(job->tag, packet->data + job->tag_at, srtp_job_tag_length(job));
	return SLUICE_DROP_NONE;
}

static enum sluice_drop replay_drop(const struct rtp_replay *replay, uint64_t index)
{
	switch (rtp_replay_check(replay, index)) {
	case RTP_REPLAY_FRESH:
		return SLUICE_DROP_NONE;
	case RTP_REPLAY_SEEN:
		return SLUICE_DROP_REPLAY;
	default:
		return SLUICE_DROP_REPLAY_OLD;
	}
}

/*
 * The index to try in this round; AUTH when there is none that was not tried. The source may have
 * become known since the first round, by a packet of the same burst.
 */
static enum sluice_drop choose_rtp_index(struct srtp_job *job, unsigned round)
{
	struct srtp_source scratch;
	const struct srtp_source *source =
	    srtp_source_peek(job->packet->context, job->ssrc, &scratch);
	bool started = source && rtp_replay_started(&source->rtp);
	uint64_t highest = source ? source->rtp.highest : 0;
	uint64_t index = started ? rtp_index_guess(highest, job->sequence)
				 : rtp_index_first(highest, job->sequence, round);

	if (round > 0 && index == job->index)
		return SLUICE_DROP_AUTH;
	if (index > RTP_INDEX_MAX)
		return SLUICE_DROP_KEY_LIFETIME;
	job->index = index;
	job->again = !started;
	return started ? replay_drop(&source->rtp, index) : SLUICE_DROP_NONE;
}

/* SRTCP carries its index: nothing to try again. */
static enum sluice_drop check_rtcp_index(struct srtp_job *job)
{
	struct srtp_source scratch;
	const struct srtp_source *source =
	    srtp_source_peek(job->packet->context, job->ssrc, &scratch);

	job->again = false;
	return source ? replay_drop(&source->rtcp, job->index) : SLUICE_DROP_NONE;
}

static enum sluice_drop choose_index(struct srtp_job *job, unsigned round)
{
	if (*srtp_job_packets_left(job) == 0)
		return SLUICE_DROP_KEY_LIFETIME;
	return job->packet->kind == SRTP_PACKET_RTP ? choose_rtp_index(job, round)
						    : check_rtcp_index(job);
}

/*
 * The packet is authentic: its source, made now if it is new, takes the index. The checks are made
 * again, for a packet before it in the burst may have been the same.
 */
static enum sluice_drop commit(const struct srtp_job *job)
{
	uint64_t *left = srtp_job_packets_left(job);
	struct srtp_source *source;
	struct rtp_replay *replay;
	enum sluice_drop drop;

	if (*left == 0)
		return SLUICE_DROP_KEY_LIFETIME;
	source = srtp_source_take(job->packet->context, job->ssrc, SRTP_SOURCE_FORGET);
	replay = job->packet->kind == SRTP_PACKET_RTP ? &source->rtp : &source->rtcp;
	drop = replay_drop(replay, job->index);
	if (drop != SLUICE_DROP_NONE)
		return drop;
	rtp_replay_commit(replay, job->index);
	(*left)--;
	return SLUICE_DROP_NONE;
}

/* Packets that are to be worked, as jobs; the rest is dropped or was before. */
static unsigned jobs_parse(struct srtp_worker *worker, struct srtp_job **jobs,
			   struct srtp_packet *packets, unsigned n)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		struct srtp_job *job = &worker->jobs[count];

		if (packets[i].drop != SLUICE_DROP_NONE)
			continue;
		job->packet = &packets[i];
		packets[i].drop = parse(job);
		if (packets[i].drop == SLUICE_DROP_NONE)
			jobs[count++] = job;
	}
	return count;
}

/* Of the waiting jobs those that have an index to try; the others get their drop. */
static unsigned jobs_choose(struct srtp_job **jobs, unsigned n, unsigned round)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		struct srtp_job *job = jobs[i];

		job->packet->drop = choose_index(job, round);
		if (job->packet->drop == SLUICE_DROP_NONE)
			jobs[count++] = job;
	}
	return count;
}

/* Puts back what the ROC was written over: the packet may be tried again with another key. */
static void tail_restore(const struct srtp_job *job)
{
	memcpy(job->packet->data + job->authentic, job->tail, sizeof(job->tail));
}

/*
 * Compares the tags and commits what is authentic, in the order of the burst. Authentic packets are
 * appended to accepted; of the others those stay in jobs for which there is another index to try.
 */
static unsigned jobs_verify(const struct srtp_worker *worker, struct srtp_job **jobs, unsigned n,
			    struct srtp_job **accepted, unsigned *accepted_count)
{
	unsigned waiting = 0;

	for (unsigned i = 0; i < n; i++) {
		struct srtp_job *job = jobs[i];

		if (!srtp_tag_equal(worker->hashes[i].tag, job->tag, srtp_job_tag_length(job))) {
			job->packet->drop = SLUICE_DROP_AUTH;
			tail_restore(job);
			if (job->again)
				jobs[waiting++] = job;
			continue;
		}
		job->packet->drop = commit(job);
		if (job->packet->drop == SLUICE_DROP_NONE)
			accepted[(*accepted_count)++] = job;
		else
			tail_restore(job);
	}
	return waiting;
}

void srtp_unprotect_burst(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n)
{
	struct srtp_job *waiting[CRYPTO_BURST_MAX];
	struct srtp_job *accepted[CRYPTO_BURST_MAX];
	unsigned accepted_count = 0;
	unsigned count;

	assert(n <= CRYPTO_BURST_MAX);
	srtp_burst_prefetch(packets, n);
	count = jobs_parse(worker, waiting, packets, n);
	for (unsigned round = 0; round < ROUNDS && count > 0; round++) {
		count = jobs_choose(waiting, count, round);
		srtp_jobs_hash(worker, waiting, count);
		count = jobs_verify(worker, waiting, count, accepted, &accepted_count);
	}
	srtp_jobs_cipher(worker, accepted, accepted_count);
	for (unsigned i = 0; i < accepted_count; i++)
		accepted[i]->packet->length = accepted[i]->body;
}
