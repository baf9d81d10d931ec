/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to the data plane: made again for ever, frames out and in. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "main/log.h"
#include "media/internal.h"

static void on_timer(uv_timer_t *timer);
static void on_poll(uv_poll_t *poll, int status, int events);

static void watch_in(struct media *media, unsigned delay_ms)
{
	uv_timer_start(&media->timer, on_timer, delay_ms, MEDIA_WATCH_MS);
}

/*
 * Only when it changes: uv_poll_start() throws away an event of the descriptor that this turn of
 * the loop has found and not come to yet. Were it called for each request, no answer would be read
 * while turns bring new calls before it.
 */
static void watch_for(struct media *media, int events)
{
	if (media->watched == events)
		return;
	media->watched = events;
	uv_poll_start(media->poll, events, on_poll);
}

void media_link_start(struct media *media)
{
	media->backoff_ms = MEDIA_BACKOFF_FIRST_MS;
	watch_in(media, 0);
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

void media_link_close(struct media *media)
{
	if (media->poll) {
		uv_poll_stop(media->poll);
		uv_close((uv_handle_t *)media->poll, free_handle);
		media->poll = NULL;
	}
	media_stranger_forget(media);
	sluice_client_close(media->client);
	media->client = NULL;
	media->state = MEDIA_AWAY;
	media->broken = false;
}

void media_link_down(struct media *media, const char *reason)
{
	struct media_queue lost = STAILQ_HEAD_INITIALIZER(lost);
	struct media_request *request;

	if (!media->client)
		return;
	media_link_close(media);
	media->away_said = true;
	log_event(LOG_MEDIA_DOWN, "data plane at %s: %s; calls go on without changes", media->path,
		  reason);
	media->restoring = 0;
	STAILQ_CONCAT(&lost, &media->sent);
	STAILQ_CONCAT(&lost, &media->waiting);
	watch_in(media, media->backoff_ms);
	while ((request = STAILQ_FIRST(&lost))) {
		STAILQ_REMOVE_HEAD(&lost, link);
		media_request_answered(media, request, -ENOTCONN, NULL, 0);
		media_request_free(media, request);
	}
	media->ops->down(media->user);
}

static void try_again_later(struct media *media)
{
	watch_in(media, media->backoff_ms);
	media->backoff_ms *= 2;
	if (media->backoff_ms > MEDIA_BACKOFF_LAST_MS)
		media->backoff_ms = MEDIA_BACKOFF_LAST_MS;
}

/* Once each time that it goes away: the attempts go on in silence. */
static void say_away(struct media *media, int rc)
{
	if (media->away_said)
		return;
	media->away_said = true;
	log_event(LOG_MEDIA_DOWN, "data plane at %s: %s; calls are refused until it is there",
		  media->path,
		  rc == -EPROTO ? "speaks another media API: install both daemons from one release"
				: strerror(-rc));
}

static void connect_now(struct media *media)
{
	int rc = sluice_client_connect(&media->client, media->path, "sluice-controlplane",
				       &media->hello, MEDIA_CONNECT_TIMEOUT_MS);

	if (rc < 0) {
		media->client = NULL;
		say_away(media, rc);
		try_again_later(media);
		return;
	}
	media->poll = malloc(sizeof(*media->poll));
	if (!media->poll ||
	    uv_poll_init(media->loop, media->poll, sluice_client_fd(media->client)) < 0) {
		free(media->poll);
		media->poll = NULL;
		sluice_client_close(media->client);
		media->client = NULL;
		try_again_later(media);
		return;
	}
	media->poll->data = media;
	media->backoff_ms = MEDIA_BACKOFF_FIRST_MS;
	media->away_said = false;
	media->connected_ms = uv_now(media->loop);
	media->event_sequence = 0;
	media->watched = 0;
	watch_for(media, UV_READABLE);
	watch_in(media, MEDIA_WATCH_MS);
	media_sync_start(media);
}

static void on_timer(uv_timer_t *timer)
{
	struct media *media = timer->data;
	const struct media_request *oldest = STAILQ_FIRST(&media->sent);

	if (!media->client)
		connect_now(media);
	else if (media->broken)
		media_link_down(media, "connection lost");
	else if (oldest && uv_now(media->loop) - oldest->sent_ms > MEDIA_ANSWER_TIMEOUT_MS)
		media_link_down(media, "no answer within 5 s");
	else if (media->state == MEDIA_UP) {
		media_stranger_watch(media);
		media_position_watch(media);
	}
}

void media_link_pump(struct media *media)
{
	struct media_request *request;
	struct sluice_set set;
	const void *body;
	size_t length;
	int rc = 0;

	if (!media->client || media->broken)
		return;
	while ((request = STAILQ_FIRST(&media->waiting))) {
		body = media_request_body(request, &set, &length);
		rc = sluice_client_send(media->client, request->type, body, length, &request->id);
		explicit_bzero(&set, sizeof(set));
		if (rc < 0)
			break;
		STAILQ_REMOVE_HEAD(&media->waiting, link);
		request->sent_ms = uv_now(media->loop);
		STAILQ_INSERT_TAIL(&media->sent, request, link);
	}
	if (rc < 0 && rc != -EAGAIN) {
		/* We may be deep inside a caller: its callbacks come from the loop. */
		media->broken = true;
		watch_in(media, 0);
		return;
	}
	watch_for(media, rc == -EAGAIN ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static void take_event(struct media *media)
{
	struct sluice_event event;
	struct media_session *session = NULL;

	memcpy(&event, media->frame->body, sizeof(event));
	if (event.sequence != media->event_sequence + 1)
		log_event(LOG_NOTE, "data plane events %llu to %llu were lost",
			  (unsigned long long)media->event_sequence + 1,
			  (unsigned long long)event.sequence - 1);
	media->event_sequence = event.sequence;
	if (event.session != 0) {
		session = media_session_find(media, event.session);
		if (session && session->state != SESSION_OPEN)
			session = NULL;
		/* closed meanwhile; the file of a capture is complete only then */
		if (!session && event.type != SLUICE_EVENT_CAPTURE)
			return;
	}
	media->ops->event(media->user, session ? session->user : NULL, &event);
}

static void take_error(struct media *media)
{
	struct sluice_error error;

	memcpy(&error, media->frame->body, sizeof(error));
	error.text[sizeof(error.text) - 1] = '\0';
	media_link_down(media, error.text);
}

static void take_answer(struct media *media)
{
	const struct sluice_header *header = &media->frame->header;
	struct media_request *request = STAILQ_FIRST(&media->sent);

	if (!request || request->id != header->id || (unsigned)request->type != header->type) {
		media_link_down(media, "answers out of order");
		return;
	}
	STAILQ_REMOVE_HEAD(&media->sent, link);
	media_request_answered(media, request, header->status,
			       header->length ? media->frame->body : NULL, header->length);
	media_request_free(media, request);
}

static void take_frame(struct media *media)
{
	if (media->frame->header.type == SLUICE_EVENT)
		take_event(media);
	else if (media->frame->header.type == SLUICE_ERROR)
		take_error(media);
	else
		take_answer(media);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct media *media = poll->data;
	const struct sluice_client *client = media->client;
	int rc = 0;

	(void)events;
	if (status < 0) {
		media_link_down(media, uv_strerror(status));
		return;
	}
	while (media->client == client && rc == 0) {
		rc = sluice_client_receive(media->client, media->frame);
		if (rc == 0)
			take_frame(media);
	}
	if (media->client != client)
		return;
	if (rc != -EAGAIN)
		media_link_down(media, rc == -EPROTO ? "bad frame" : "connection lost");
	else
		media_link_pump(media);
}
