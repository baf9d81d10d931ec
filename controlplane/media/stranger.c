/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions of an earlier run of the control plane: nobody signals for them any more, but people may
 * still be talking. They are closed once neither side has been heard for a while; phones that hang
 * up, or give up, fall silent.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "main/log.h"
#include "media/internal.h"

struct media_stranger {
	SLIST_ENTRY(media_stranger) link;
	uint64_t id;
};

/* A leg that was never heard (UINT64_MAX) is silent too, once it has had the time to speak. */
static bool is_silent(const struct sluice_session_info *info)
{
	return info->age_ms >= MEDIA_STRANGER_SILENT_MS &&
	       info->leg[0].counters.last_rx_ms_ago >= MEDIA_STRANGER_SILENT_MS &&
	       info->leg[1].counters.last_rx_ms_ago >= MEDIA_STRANGER_SILENT_MS;
}

static void remember(struct media *media, uint64_t id)
{
	struct media_stranger *stranger = calloc(1, sizeof(*stranger));

	if (!stranger) {
		media->broken = true; /* without memory: start again from nothing */
		return;
	}
	stranger->id = id;
	SLIST_INSERT_HEAD(&media->strangers, stranger, link);
}

void media_stranger_heard(struct media *media, const struct sluice_session_info *info)
{
	if (info->age_ms < uv_now(media->loop) - media->connected_ms ||
	    media_session_find(media, info->session))
		return; /* younger than this connection: another client's, a test or a tool */
	if (!is_silent(info)) {
		remember(media, info->session);
		return;
	}
	log_event(LOG_NOTE,
		  "closing media session %016llx of an earlier run: both sides are silent",
		  (unsigned long long)info->session);
	media_sync_ask(media, SLUICE_CLOSE, info->session);
}

void media_stranger_watch(struct media *media)
{
	uint64_t now = uv_now(media->loop);
	struct media_strangers due = media->strangers;
	struct media_stranger *stranger;

	if (now < media->strangers_due_ms)
		return;
	media->strangers_due_ms = now + MEDIA_STRANGER_WATCH_MS;
	SLIST_INIT(&media->strangers);
	while ((stranger = SLIST_FIRST(&due))) {
		SLIST_REMOVE_HEAD(&due, link);
		media_sync_ask(media, SLUICE_GET, stranger->id);
		free(stranger);
	}
}

void media_stranger_forget(struct media *media)
{
	struct media_stranger *stranger;

	while ((stranger = SLIST_FIRST(&media->strangers))) {
		SLIST_REMOVE_HEAD(&media->strangers, link);
		free(stranger);
	}
}
