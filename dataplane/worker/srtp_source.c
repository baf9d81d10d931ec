/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sources of a context. That of the last packet is in the context itself; when another speaks
 * they change places, so a stream with one SSRC, whichever it is, never looks further.
 */
#include <string.h>

#include "worker/srtp_spares.h"
#include "worker/srtp_worker.h"

#define NOT_FOUND UINT32_MAX

/* A source heard for the first time has a roll-over counter of 0, or 1 (RFC 3711 3.3.1). */
#define NEWCOMER_MAX (UINT64_C(1) << 15)

static uint32_t other_find(const struct srtp_others *others, uint32_t ssrc)
{
	for (uint32_t slot = 0; slot < others->count; slot++) {
		if (others->source[slot].ssrc == ssrc)
			return slot;
	}
	return NOT_FOUND;
}

static uint32_t retired_find(const struct srtp_others *others, uint32_t ssrc)
{
	for (uint32_t slot = 0; slot < others->retired_count; slot++) {
		if (others->retired[slot].ssrc == ssrc)
			return slot;
	}
	return NOT_FOUND;
}

static uint32_t other_oldest(const struct srtp_others *others)
{
	uint32_t oldest = 0;

	for (uint32_t slot = 1; slot < others->count; slot++) {
		if (others->source[slot].last_used < others->source[oldest].last_used)
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

/* The source that stands in the context itself. */
static struct srtp_source current_get(const struct srtp_context *context)
{
	return (struct srtp_source){
	    .rtp = context->rtp, .rtcp = srtp_rtcp_window(context), .ssrc = context->ssrc};
}

static void window_set(struct rtp_replay *window, const struct rtp_replay *from)
{
	rtp_replay_set(window, from->highest, from->seen[0], from->seen[1]);
}

/* Another thread may be looking: it must not take one source's SSRC with another's indices, since
 * indices of ours would be used again when they are resumed with that. */
static void current_set(struct srtp_context *context, const struct srtp_source *source)
{
	uint8_t odd = (uint8_t)(context->has_source | 1U);

	__atomic_store_n(&context->has_source, odd, __ATOMIC_RELAXED);
	word_set(&context->ssrc, source->ssrc); /* a release, as all the others are */
	window_set(&context->rtp, &source->rtp);
	srtp_rtcp_window_set(context, &source->rtcp);
	odd = (uint8_t)(odd + 1);
	__atomic_store_n(&context->has_source, odd ? odd : 2, __ATOMIC_RELEASE);
}

/* What current_set() last wrote; false when it was writing all the time. Any thread. */
static bool current_glance(const struct srtp_context *context, struct srtp_retired *now)
{
	for (unsigned tries = 0; tries < 100; tries++) {
		uint8_t version = __atomic_load_n(&context->has_source, __ATOMIC_ACQUIRE);

		*now = (struct srtp_retired){
		    .ssrc = word_get(&context->ssrc),
		    .rtp_next = rtp_replay_glance(&context->rtp),
		    .rtcp_next = srtp_rtcp_glance(context),
		};
		if (!(version & 1) &&
		    version == __atomic_load_n(&context->has_source, __ATOMIC_RELAXED))
			return version > 0;
	}
	return false;
}

/* The others of a context, made now if there are none; NULL: no memory is left for them. */
static struct srtp_others *others_take(struct srtp_worker *worker, struct srtp_context *context)
{
	struct srtp_others *others = srtp_others(context);

	if (!others) {
		others = srtp_spares_take(worker->spares);
		srtp_others_set(context, others);
	}
	return others;
}

/* Place for one more retired source; NOT_FOUND when none may be forgotten. */
static uint32_t retired_room(struct srtp_others *others, enum srtp_source_room room)
{
	uint32_t slot = others->retired_next;

	if (others->retired_count < SRTP_RETIRED_MAX)
		return others->retired_count++;
	if (room == SRTP_SOURCE_KEEP)
		return NOT_FOUND;
	others->retired_next = (uint8_t)((slot + 1) % SRTP_RETIRED_MAX);
	return slot;
}

const struct srtp_source *srtp_source_peek(const struct srtp_context *context, uint32_t ssrc,
					   struct srtp_source *scratch)
{
	const struct srtp_others *others;
	uint32_t slot;

	if (!context->has_source)
		return NULL;
	if (context->ssrc == ssrc) {
		*scratch = current_get(context);
		return scratch;
	}
	others = srtp_others(context);
	if (!others)
		return NULL;
	slot = other_find(others, ssrc);
	if (slot != NOT_FOUND)
		return &others->source[slot];
	slot = retired_find(others, ssrc);
	if (slot == NOT_FOUND)
		return NULL;
	*scratch = restore(&others->retired[slot]);
	return scratch;
}

/*
 * A slot among the others for the current source, when the SSRC of the next is new to them. next:
 * out, what is known of that: a source that retired changes places with the oldest.
 */
static uint32_t slot_make(struct srtp_others *others, struct srtp_source *next,
			  enum srtp_source_room room)
{
	uint32_t retired = retired_find(others, next->ssrc);
	uint32_t slot;

	if (others->count < SRTP_SSRC_MAX - 1)
		return others->count++;
	slot = other_oldest(others);
	if (retired == NOT_FOUND)
		retired = retired_room(others, room);
	else
		*next = restore(&others->retired[retired]);
	if (retired == NOT_FOUND)
		return NOT_FOUND;
	others->retired[retired] = retire(&others->source[slot]);
	return slot;
}

/* What the context does not know begins with nothing, or behind all that may have been sent. */
static struct srtp_source newcomer(const struct srtp_context *context, uint32_t ssrc)
{
	struct srtp_source source = {.ssrc = ssrc};

	if (srtp_has_mark(context, SRTP_MARK_ANY)) {
		rtp_replay_close(&source.rtp, context->rtp.highest);
		rtp_replay_close(&source.rtcp, srtp_rest(context)->rtcp_highest);
	}
	return source;
}

bool srtp_source_take(struct srtp_worker *worker, struct srtp_context *context, uint32_t ssrc,
		      enum srtp_source_room room)
{
	struct srtp_source next;
	struct srtp_others *others;
	uint32_t slot;

	if (context->has_source && context->ssrc == ssrc)
		return true;
	next = newcomer(context, ssrc);
	if (context->has_source) {
		others = others_take(worker, context);
		if (!others)
			return false;
		slot = other_find(others, ssrc);
		if (slot != NOT_FOUND)
			next = others->source[slot];
		else
			slot = slot_make(others, &next, room);
		if (slot == NOT_FOUND)
			return false;
		others->source[slot] = current_get(context);
		others->source[slot].last_used = ++others->tick;
	}
	current_set(context, &next);
	return true;
}

static void hint_raise(struct rtp_replay *window, uint64_t highest)
{
	if (!rtp_replay_started(window) && highest > window->highest)
		wide_set(&window->highest, highest);
}

/*
 * A window that has not started, with the highest index of the key before as a hint. Where there is
 * no memory for it the source is forgotten, and begins its roll-over counter again.
 */
static void hint_put(struct srtp_worker *worker, struct srtp_context *context,
		     const struct srtp_source *before)
{
	struct srtp_source hint = {.rtp.highest = before->rtp.highest,
				   .last_used = before->last_used,
				   .ssrc = before->ssrc};
	struct srtp_others *others;
	uint32_t slot;

	if (!context->has_source)
		current_set(context, &hint);
	if (context->ssrc == hint.ssrc) {
		hint_raise(&context->rtp, hint.rtp.highest);
		return;
	}
	others = others_take(worker, context);
	if (!others)
		return;
	if (others->tick < hint.last_used)
		others->tick = hint.last_used;
	slot = other_find(others, hint.ssrc);
	if (slot != NOT_FOUND)
		hint_raise(&others->source[slot].rtp, hint.rtp.highest);
	else if (others->count < SRTP_SSRC_MAX - 1)
		others->source[others->count++] = hint;
}

/* SRTCP needs no hint: its index travels. */
void srtp_context_rekey(struct srtp_worker *worker, struct srtp_context *context,
			const struct srtp_context *before)
{
	const struct srtp_others *others = srtp_others(before);
	struct srtp_source current = current_get(before);

	current.last_used = others ? others->tick + 1 : 1;
	if (before->has_source)
		hint_put(worker, context, &current);
	for (uint32_t slot = 0; others && slot < others->count; slot++)
		hint_put(worker, context, &others->source[slot]);
}

void srtp_context_resume(struct srtp_context *context, const struct sluice_key *key)
{
	const struct srtp_retired retired = {
	    .rtp_next = key->resume.rtp_next,
	    .rtcp_next = key->resume.rtcp_next,
	    .ssrc = key->resume.ssrc,
	};
	struct srtp_source source;

	if (retired.rtp_next == 0 && retired.rtcp_next == 0)
		return;
	srtp_mark(context, SRTP_MARK_RESUMED);
	source = restore(&retired);
	if (retired.rtp_next > RTP_INDEX_MAX) {
		context->rtp_left = context->rtcp_left = 0;
	} else if (key->resume_of == SLUICE_RESUME_ANY) {
		srtp_mark(context, SRTP_MARK_ANY);
		context->rtp.highest = source.rtp.highest;
		srtp_rest(context)->rtcp_highest = (uint32_t)source.rtcp.highest;
	} else {
		current_set(context, &source);
	}
}

bool srtp_source_may_send(struct srtp_context *context, uint32_t ssrc, enum srtp_packet_kind kind)
{
	struct srtp_source scratch;
	const struct srtp_source *source;

	if (!srtp_has_mark(context, SRTP_MARK_RESUMED))
		return true;
	source = srtp_source_peek(context, ssrc, &scratch);
	if (source && rtp_replay_started(kind == SRTP_PACKET_RTP ? &source->rtp : &source->rtcp))
		return true;
	if (!source && srtp_has_mark(context, SRTP_MARK_ANY) &&
	    (!context->has_source || context->rtp.highest < NEWCOMER_MAX))
		return true;
	srtp_mark(context, SRTP_MARK_REFUSED);
	return false;
}

void srtp_context_position(const struct srtp_context *context, struct sluice_position *position)
{
	struct srtp_retired now;

	if (!current_glance(context, &now))
		now = (struct srtp_retired){0};
	*position = (struct sluice_position){
	    .rtp_next = now.rtp_next, .rtcp_next = now.rtcp_next, .ssrc = now.ssrc};
}

uint64_t srtp_context_rtp_next(const struct srtp_context *context, uint32_t ssrc)
{
	struct srtp_source scratch;
	const struct srtp_source *source = srtp_source_peek(context, ssrc, &scratch);

	if (!source) {
		scratch = newcomer(context, ssrc);
		source = &scratch;
	}
	if (!rtp_replay_started(&source->rtp) && source->rtp.highest == 0)
		return 0;
	return source->rtp.highest + 1;
}
