/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/filter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sdp/scan.h"

#define CLOCK_MAX_HZ 1000000U
#define NAME_CHARACTERS                                                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._+" /* of RFC 8866 token \
									      */

/* ---- entries ---- */

static bool number_read(struct str text, uint64_t max, uint64_t *number)
{
	return sdp_scan_number(text, max, number) && *number > 0;
}

/* The piece before the next '/', or all that is left. False: there is none. */
static bool next_piece(struct str *rest, struct str *piece)
{
	const char *slash = rest->len ? memchr(rest->ptr, '/', rest->len) : NULL;

	if (!rest->ptr)
		return false;
	*piece = (struct str){rest->ptr, slash ? (size_t)(slash - rest->ptr) : rest->len};
	*rest = slash ? (struct str){slash + 1, rest->len - piece->len - 1} : (struct str){0};
	return true;
}

int sdp_filter_codec_read(struct sdp_filter_codec *codec, struct str text)
{
	struct str name, clock, channels;
	uint64_t number;

	*codec = (struct sdp_filter_codec){0};
	if (!next_piece(&text, &name) || !name.len || name.len >= sizeof(codec->name))
		return -EINVAL;
	memcpy(codec->name, name.ptr, name.len);
	if (strspn(codec->name, NAME_CHARACTERS) != name.len)
		return -EINVAL;
	if (next_piece(&text, &clock)) {
		if (!number_read(clock, CLOCK_MAX_HZ, &number))
			return -EINVAL;
		codec->clock_hz = (uint32_t)number;
	}
	if (next_piece(&text, &channels)) {
		if (!number_read(channels, UINT8_MAX, &number))
			return -EINVAL;
		codec->channels = (uint8_t)number;
	}
	return text.ptr ? -EINVAL : 0;
}

bool sdp_filter_codec_equal(const struct sdp_filter_codec *a, const struct sdp_filter_codec *b)
{
	return strcasecmp(a->name, b->name) == 0 && a->clock_hz == b->clock_hz &&
	       a->channels == b->channels;
}

static bool is_one_of(const struct sdp_codec *codec, const struct sdp_filter_codec *list,
		      unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (sdp_codec_is(codec, str_of(list[i].name), list[i].clock_hz, list[i].channels))
			return true;
	return false;
}

/* ---- what may be ---- */

static bool is_voice(const struct sdp_codec *codec)
{
	return codec->kind != SDP_CODEC_EVENT && codec->kind != SDP_CODEC_NOISE &&
	       codec->kind != SDP_CODEC_RED;
}

static bool may_be(const struct sdp_codec *codec, const struct sdp_filter *filter)
{
	if (is_one_of(codec, filter->deny, filter->deny_count))
		return false;
	return !is_voice(codec) || !filter->allow_count ||
	       is_one_of(codec, filter->allow, filter->allow_count);
}

struct survey {
	bool kept[SDP_CODECS_MAX];
	bool voice; /* a voice codec is kept */
	bool all;
};

/* Whether a voice codec of that clock rate is there, and is kept, or is not. */
static bool has_voice(const struct sdp_audio *audio, const struct survey *survey, uint32_t clock_hz,
		      bool kept)
{
	for (unsigned i = 0; i < audio->count; i++)
		if (is_voice(&audio->codec[i]) && survey->kept[i] == kept &&
		    audio->codec[i].clock_hz == clock_hz)
			return true;
	return false;
}

static bool lost_its_voice(const struct sdp_audio *audio, const struct survey *survey, unsigned i)
{
	uint32_t clock_hz = audio->codec[i].clock_hz;

	return has_voice(audio, survey, clock_hz, false) &&
	       !has_voice(audio, survey, clock_hz, true);
}

/* Another telephone-event whose clock rate a voice codec has. */
static bool has_better_event(const struct sdp_audio *audio, const struct survey *survey)
{
	for (unsigned i = 0; i < audio->count; i++)
		if (survey->kept[i] && audio->codec[i].kind == SDP_CODEC_EVENT &&
		    has_voice(audio, survey, audio->codec[i].clock_hz, true))
			return true;
	return false;
}

static bool follows(const struct sdp_audio *audio, const struct survey *survey, unsigned i)
{
	switch (audio->codec[i].kind) {
	case SDP_CODEC_RED:
		return survey->all;
	case SDP_CODEC_EVENT:
		return !lost_its_voice(audio, survey, i) || !has_better_event(audio, survey);
	case SDP_CODEC_NOISE:
		return !lost_its_voice(audio, survey, i);
	default:
		return true;
	}
}

static void look(struct survey *survey, const struct sdp_audio *audio,
		 const struct sdp_filter *filter)
{
	bool stays[SDP_CODECS_MAX];

	*survey = (struct survey){.all = true};
	for (unsigned i = 0; i < audio->count; i++) {
		survey->kept[i] = may_be(&audio->codec[i], filter);
		survey->all &= survey->kept[i];
		survey->voice |= survey->kept[i] && is_voice(&audio->codec[i]);
	}
	for (unsigned i = 0; i < audio->count; i++)
		stays[i] = survey->kept[i] && follows(audio, survey, i);
	for (unsigned i = 0; i < audio->count; i++)
		survey->kept[i] = stays[i];
}

bool sdp_filter_codecs(struct sdp_audio *audio, const struct sdp_filter *filter)
{
	struct survey survey;
	unsigned count = 0;

	if (!filter)
		return true;
	look(&survey, audio, filter);
	if (!survey.voice)
		return false;
	for (unsigned i = 0; i < audio->count; i++)
		if (survey.kept[i])
			audio->codec[count++] = audio->codec[i];
	audio->count = count;
	return true;
}

/* ---- preference ---- */

static unsigned rank_of(const struct sdp_codec *codec, const struct sdp_filter *filter)
{
	for (unsigned i = 0; i < filter->order_count; i++)
		if (is_one_of(codec, &filter->order[i], 1))
			return i;
	return is_voice(codec) ? filter->order_count : filter->order_count + 1;
}

/* Insertion: stable, and the list is short. */
void sdp_filter_order(struct sdp_audio *audio, const struct sdp_filter *filter)
{
	if (!filter || !filter->order_count)
		return;
	for (unsigned i = 1; i < audio->count; i++) {
		struct sdp_codec codec = audio->codec[i];
		unsigned rank = rank_of(&codec, filter), at = i;

		for (; at > 0 && rank_of(&audio->codec[at - 1], filter) > rank; at--)
			audio->codec[at] = audio->codec[at - 1];
		audio->codec[at] = codec;
	}
}

void sdp_filter_names(char *text, size_t size, const struct sdp_audio *audio)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < audio->count && used < size; i++)
		used += (size_t)snprintf(
		    text + used, size - used, "%s%s", i ? ", " : "",
		    sdp_codec_kind_name((enum sdp_codec_kind)audio->codec[i].kind));
	if (!audio->count)
		snprintf(text, size, "none");
}
