/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/negotiation/agreed.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static size_t audio_size(const struct sdp_audio *audio)
{
	return offsetof(struct sdp_audio, codec) + audio->count * sizeof(audio->codec[0]);
}

static size_t heard_size(const struct relay_remote *heard)
{
	return offsetof(struct relay_remote, audio) + audio_size(&heard->audio);
}

static void *keep(const void *object, size_t size)
{
	void *copy = malloc(size);

	if (copy)
		memcpy(copy, object, size);
	return copy;
}

static void heard_free(struct relay_remote *heard)
{
	if (heard)
		explicit_bzero(heard, heard_size(heard));
	free(heard);
}

const struct relay_remote *agreed_heard(const struct agreed *agreed)
{
	static const struct relay_remote nothing;

	return agreed->heard ? agreed->heard : &nothing;
}

const struct sdp_audio *agreed_said(const struct agreed *agreed)
{
	static const struct sdp_audio nothing;

	return agreed->said ? agreed->said : &nothing;
}

int agreed_set(struct agreed *agreed, const struct leg_media *media)
{
	struct relay_remote *heard = keep(&media->heard, heard_size(&media->heard));
	struct sdp_audio *said = keep(&media->said.audio, audio_size(&media->said.audio));

	if (!heard || !said) {
		heard_free(heard);
		free(said);
		return -ENOMEM;
	}
	if (media->said.rtcp_mux && heard->rtcp_mux) {
		heard->rtcp_address = heard->rtp_address;
		heard->rtcp_port = heard->rtp_port;
	}
	agreed_wipe(agreed);
	*agreed = (struct agreed){
	    .heard = heard,
	    .said = said,
	    .tx = media->tx,
	    .said_rtcp_mux = media->said.rtcp_mux,
	};
	return 0;
}

void agreed_copy_codecs(struct sdp_audio *to, const struct sdp_audio *from)
{
	*to = (struct sdp_audio){0};
	memcpy(to, from, audio_size(from));
}

void agreed_copy_heard(struct relay_remote *to, const struct agreed *from)
{
	const struct relay_remote *heard = agreed_heard(from);

	*to = (struct relay_remote){0};
	memcpy(to, heard, heard_size(heard));
}

void agreed_get(const struct agreed *agreed, struct leg_media *media)
{
	*media = (struct leg_media){0};
	agreed_copy_heard(&media->heard, agreed);
	agreed_copy_codecs(&media->said.audio, agreed_said(agreed));
	media->said.rtcp_mux = agreed->said_rtcp_mux;
	media->tx = agreed->tx;
}

void agreed_take_heard(struct agreed *to, struct agreed *from)
{
	heard_free(to->heard);
	to->heard = from->heard;
	from->heard = NULL;
}

void agreed_wipe(struct agreed *agreed)
{
	heard_free(agreed->heard);
	free(agreed->said);
	explicit_bzero(agreed, sizeof(*agreed));
}
