/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTP and RTCP packets to SRTP and SRTCP (RFC 3711 3.3, 3.4). An index is taken before the
 * keystream is made with it, and never given back, so no two packets can share keystream: whatever
 * the source does with its sequence numbers.
 */
#include <string.h>

#include "media/index.h"
#include "media/rtp.h"
#include "worker/srtp_worker.h"

static enum sluice_drop parse_rtp(struct srtp_job *job)
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
	job->ssrc = header.ssrc;
	job->sequence = header.sequence;
	job->header = header.length;
	job->body = packet->length;
	srtp_job_layout(job);
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
	job->body = packet->length;
	srtp_job_layout(job);
	return SLUICE_DROP_NONE;
}

static enum sluice_drop parse(struct srtp_job *job)
{
	const struct srtp_packet *packet = job->packet;

	if (packet->length > SRTP_PACKET_MAX)
		return SLUICE_DROP_MTU;
	if (packet->capacity < packet->length + SRTP_TRAILER_MAX)
		return SLUICE_DROP_NO_BUFFER;
	return packet->kind == SRTP_PACKET_RTP ? parse_rtp(job) : parse_rtcp(job);
}

/*
 * The roll-over counter of what we send is our own: it begins at 0 whatever the sender's was, or
 * goes on from where it was under the key before (srtp_context_rekey()).
 */
static enum sluice_drop take_rtp_index(struct srtp_job *job, struct srtp_source *source)
{
	job->index = rtp_index_guess(source->rtp.highest, job->sequence);
	if (job->index > RTP_INDEX_MAX)
		return SLUICE_DROP_KEY_LIFETIME;
	if (rtp_replay_check(&source->rtp, job->index) != RTP_REPLAY_FRESH)
		return SLUICE_DROP_TX_INDEX;
	rtp_replay_commit(&source->rtp, job->index);
	return SLUICE_DROP_NONE;
}

/* RFC 3711 3.4: from 0, one more for each packet sent. */
static enum sluice_drop take_rtcp_index(struct srtp_job *job, struct srtp_source *source)
{
	job->index = rtp_replay_started(&source->rtcp) ? source->rtcp.highest + 1 : 0;
	if (job->index > RTCP_INDEX_MAX)
		return SLUICE_DROP_KEY_LIFETIME;
	rtp_replay_commit(&source->rtcp, job->index);
	bytes_put_be32(job->packet->data + srtp_job_word_at(job),
		       (uint32_t)job->index | SRTCP_E_BIT);
	return SLUICE_DROP_NONE;
}

static enum sluice_drop take_index(struct srtp_job *job)
{
	uint64_t *left = srtp_job_packets_left(job);
	struct srtp_source *source;
	enum sluice_drop drop;

	if (*left == 0)
		return SLUICE_DROP_KEY_LIFETIME;
	source = srtp_source_take(job->packet->context, job->ssrc, SRTP_SOURCE_KEEP);
	if (!source)
		return SLUICE_DROP_SSRC_LIMIT;
	drop = job->packet->kind == SRTP_PACKET_RTP ? take_rtp_index(job, source)
						    : take_rtcp_index(job, source);
	if (drop == SLUICE_DROP_NONE)
		(*left)--;
	return drop;
}

static void trailer_write(const struct srtp_job *job, const uint8_t *tag)
{
	struct srtp_packet *packet = job->packet;
	const struct srtp_context *context = packet->context;

	if (context->mki_length > 0)
		memcpy(packet->data + job->mki_at, context->mki, context->mki_length);
	srtp_tag_copy(packet->data + job->tag_at, tag, srtp_job_tag_length(job));
	packet->length = job->body + srtp_job_trailer(job);
}

void srtp_protect_burst(struct srtp_worker *worker, struct srtp_packet *packets, unsigned n)
{
	struct srtp_job *jobs[CRYPTO_BURST_MAX];
	unsigned count = 0;

	assert(n <= CRYPTO_BURST_MAX);
	srtp_burst_prefetch(packets, n);
	for (unsigned i = 0; i < n; i++) {
		struct srtp_job *job = &worker->jobs[count];

		if (packets[i].drop != SLUICE_DROP_NONE)
			continue;
		job->packet = &packets[i];
		packets[i].drop = parse(job);
		if (packets[i].drop == SLUICE_DROP_NONE)
			packets[i].drop = take_index(job);
		if (packets[i].drop == SLUICE_DROP_NONE)
			jobs[count++] = job;
	}
	srtp_jobs_cipher(worker, jobs, count);
	srtp_jobs_hash(worker, jobs, count);
	for (unsigned i = 0; i < count; i++)
		trailer_write(jobs[i], worker->hashes[i].tag);
}
