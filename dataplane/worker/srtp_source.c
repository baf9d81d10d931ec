/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "worker/srtp_context.h"

#define NOT_FOUND UINT32_MAX

static uint32_t slot_find(const struct srtp_context *context, uint32_t ssrc)
{
	uint32_t last = context->source_last;

	if (last < context->source_count && context->source[last].ssrc == ssrc)
		return last;
	for (uint32_t slot = 0; slot < context->source_count; slot++) {
		if (context->source[slot].ssrc == ssrc)
			return slot;
	}
	return NOT_FOUND;
}

static uint32_t retired_find(const struct srtp_context *context, uint32_t ssrc)
{
	for (uint32_t slot = 0; slot < context->retired_count; slot++) {
		if (context->retired[slot].ssrc == ssrc)
			return slot;
	}
	return NOT_FOUND;
}

static uint32_t slot_oldest(const struct srtp_context *context)
{
	uint32_t oldest = 0;

	for (uint32_t slot = 1; slot < context->source_count; slot++) {
		if (context->source[slot].last_used < context->source[oldest].last_used)
			oldest = slot;
	}
	return oldest;
}

/* Its windows come back closed: whatever was below the highest index counts as seen. */
static struct srtp_source restore(const struct srtp_retired *retired)
{
	struct srtp_source source = {.ssrc = retired->ssrc};

	if (retired->rtp_next > 0)
		rtp_replay_close(&source.rtp, retired->rtp_next - 1);
	if (retired->rtcp_next > 0)
		rtp_replay_close(&source.rtcp, retired->rtcp_next - 1);
	return source;
}

static struct srtp_retired retire(const struct srtp_source *source)
{
	struct srtp_retired retired = {.ssrc = source->ssrc};

	if (rtp_replay_started(&source->rtp))
		retired.rtp_next = source->rtp.highest + 1;
	if (rtp_replay_started(&source->rtcp))
		retired.rtcp_next = (uint32_t)source->rtcp.highest + 1;
	return retired;
}

/* Place for one more retired source; NOT_FOUND when none may be forgotten. */
static uint32_t retired_room(struct srtp_context *context, enum srtp_source_room room)
{
	uint32_t slot = context->retired_next;

	if (context->retired_count < SRTP_RETIRED_MAX)
		return context->retired_count++;
	if (room == SRTP_SOURCE_KEEP)
		return NOT_FOUND;
	context->retired_next = (uint8_t)((slot + 1) % SRTP_RETIRED_MAX);
	return slot;
}

const struct srtp_source *srtp_source_peek(const struct srtp_context *context, uint32_t ssrc,
					   struct srtp_source *scratch)
{
	uint32_t slot = slot_find(context, ssrc);

	if (slot != NOT_FOUND)
		return &context->source[slot];
	slot = retired_find(context, ssrc);
	if (slot == NOT_FOUND)
		return NULL;
	*scratch = restore(&context->retired[slot]);
	return scratch;
}

/* A slot for an SSRC that has none; a source that retired changes places with the oldest. */
static uint32_t slot_make(struct srtp_context *context, uint32_t ssrc, enum srtp_source_room room)
{
	uint32_t retired = retired_find(context, ssrc);
	struct srtp_source source = {.ssrc = ssrc};
	uint32_t slot;

	if (context->source_count < SRTP_SSRC_MAX) {
		slot = context->source_count++;
	} else {
		slot = slot_oldest(context);
		if (retired == NOT_FOUND)
			retired = retired_room(context, room);
		else
			source = restore(&context->retired[retired]);
		if (retired == NOT_FOUND)
			return NOT_FOUND;
		context->retired[retired] = retire(&context->source[slot]);
	}
	context->source[slot] = source;
	return slot;
}

/* The slot of that SSRC, or a free one; NOT_FOUND: all are taken by others. */
static uint32_t slot_for_hint(struct srtp_context *context, uint32_t ssrc)
{
	uint32_t slot = slot_find(context, ssrc);

	if (slot != NOT_FOUND || context->source_count == SRTP_SSRC_MAX)
		return slot;
	slot = context->source_count++;
	context->source[slot] = (struct srtp_source){.ssrc = ssrc};
	return slot;
}

/* Windows that have not started, with the highest index as a hint. SRTCP needs none: its index
 * travels. */
void srtp_context_rekey(struct srtp_context *context, const struct srtp_context *before)
{
	if (context->source_count == 0)
		context->source_last = before->source_last;
	if (before->tick > context->tick)
		context->tick = before->tick;
	for (uint32_t i = 0; i < before->source_count; i++) {
		const struct srtp_source *from = &before->source[i];
		uint32_t slot = slot_for_hint(context, from->ssrc);

		if (slot == NOT_FOUND)
			continue;
		if (from->rtp.highest > context->source[slot].rtp.highest)
			context->source[slot].rtp.highest = from->rtp.highest;
		if (from->last_used > context->source[slot].last_used)
			context->source[slot].last_used = from->last_used;
	}
}

struct srtp_source *srtp_source_take(struct srtp_context *context, uint32_t ssrc,
				     enum srtp_source_room room)
{
	uint32_t slot = slot_find(context, ssrc);

	if (slot == NOT_FOUND)
		slot = slot_make(context, ssrc, room);
	if (slot == NOT_FOUND)
		return NULL;
	context->source_last = (uint8_t)slot;
	context->source[slot].last_used = ++context->tick;
	return &context->source[slot];
}

void srtp_context_resume(struct srtp_context *context, const struct sluice_position *position)
{
	const struct srtp_retired before = {
	    .rtp_next = position->rtp_next,
	    .rtcp_next = position->rtcp_next,
	    .ssrc = position->ssrc,
	};

	if (before.rtp_next == 0 && before.rtcp_next == 0)
		return;
	context->source[0] = restore(&before);
	context->source_count = 1;
	context->source_last = 0;
}

void srtp_context_position(const struct srtp_context *context, struct sluice_position *position)
{
	struct srtp_retired now = {0};

	if (context->source_count > 0)
		now = retire(&context->source[context->source_last % SRTP_SSRC_MAX]);
	*position = (struct sluice_position){
	    .rtp_next = now.rtp_next, .rtcp_next = now.rtcp_next, .ssrc = now.ssrc};
}

uint64_t srtp_context_rtp_next(const struct srtp_context *context, uint32_t ssrc)
{
	struct srtp_source scratch;
	const struct srtp_source *source = srtp_source_peek(context, ssrc, &scratch);

	if (!source || (!rtp_replay_started(&source->rtp) && source->rtp.highest == 0))
		return 0;
	return source->rtp.highest + 1;
}
