/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After each connection: LIST what the data plane has. Sessions of ours that it lacks are opened
 * again on their ports and set; changes that it did not acknowledge are sent again; sessions that
 * are not ours are closed if they are older than this connection (what is younger belongs to
 * another client: a test, a tool). Only then may new sessions be opened, so that none takes a port
 * that a call needs back.
 */
#include <errno.h>
#include <string.h>

#include "main/log.h"
#include "media/internal.h"

void media_sync_ask(struct media *media, enum sluice_type type, uint64_t number)
{
	struct media_request *request = media_request_new(media, type, PURPOSE_SYNC, NULL);

	if (!request) {
		media->broken = true; /* without memory: start again from nothing */
		return;
	}
	/* LIST, GET and CLOSE all have one 64-bit number as body */
	memcpy(request->body, &number, sizeof(number));
	request->length = sizeof(number);
	media_request_queue(media, request);
}

void media_sync_start(struct media *media)
{
	for (struct table_entry *entry = table_next(&media->sessions, NULL); entry;
	     entry = table_next(&media->sessions, entry))
		TABLE_OWNER(entry, struct media_session, by_id)->present = false;
	media_stranger_forget(media);
	media->state = MEDIA_SYNCING;
	media->restoring = 0;
	media->restored = 0;
	media->up_said = false;
	media_sync_ask(media, SLUICE_LIST, 0);
}

static void say_up(struct media *media)
{
	if (media->up_said || media->restoring > 0 || media->state != MEDIA_UP)
		return;
	media->up_said = true;
	media->ops->up(media->user, media->restored > 0);
}

static int restore(struct media *media, struct media_session *session)
{
	int rc = 0;

	if (!session->present) {
		media->restored++;
		media_position_resume(session);
		for (unsigned leg = 0; leg < 2; leg++)
			session->dirty[leg] = session->wanted[leg].mask;
		rc = media_session_queue_open(session, PURPOSE_RESTORE);
	}
	for (uint8_t leg = 0; leg < 2 && rc == 0; leg++)
		if (session->dirty[leg])
			rc = media_session_queue_set(session, leg, session->dirty[leg],
						     PURPOSE_RESTORE, NULL);
	return rc;
}

static void list_done(struct media *media)
{
	media->boot_id = media->hello.boot_id;
	for (struct table_entry *entry = table_next(&media->sessions, NULL); entry;
	     entry = table_next(&media->sessions, entry)) {
		struct media_session *session = TABLE_OWNER(entry, struct media_session, by_id);

		if (session->state == SESSION_OPEN && restore(media, session) < 0)
			media->broken = true;
	}
	media->state = MEDIA_UP;
	say_up(media);
}

static void listed(struct media *media, const struct sluice_list_reply *list)
{
	struct media_session *session;

	for (uint32_t i = 0; i < list->count; i++) {
		session = media_session_find(media, list->session[i]);
		if (!session || session->state != SESSION_OPEN)
			media_sync_ask(media, SLUICE_GET, list->session[i]);
		else
			session->present = true;
	}
	if (list->count == SLUICE_LIST_MAX)
		media_sync_ask(media, SLUICE_LIST, list->session[SLUICE_LIST_MAX - 1]);
	else
		list_done(media);
}

static void got(struct media *media, const struct sluice_session_info *info, uint64_t asked_ms)
{
	struct media_session *session = media_session_find(media, info->session);

	if (!session)
		media_stranger_heard(media, info);
	else if (session->state == SESSION_OPEN)
		media_position_heard(session, info, asked_ms);
}

void media_sync_answered(struct media *media, const struct media_request *request, int status,
			 const void *reply)
{
	/* frame bodies are aligned and their lengths checked by the client library */
	if (request->type == SLUICE_LIST && status == 0 && reply &&
	    ((const struct sluice_list_reply *)reply)->count <= SLUICE_LIST_MAX)
		listed(media, reply);
	else if (request->type == SLUICE_LIST)
		media_link_down(media, "LIST refused");
	else if (request->type == SLUICE_GET && status == 0 && reply)
		got(media, reply, request->sent_ms);
}

void media_sync_restored(struct media *media, struct media_session *session, int status)
{
	media->restoring--;
	if (status < 0 && session->state == SESSION_OPEN) {
		session->state = SESSION_FAILED;
		media->ops->lost(media->user, session->user, strerror(-status));
	}
	say_up(media);
}
