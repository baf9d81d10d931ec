/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/internal.h"

#define SESSIONS_EXPECTED 16384U

int media_open(struct media **media_out, uv_loop_t *loop, const char *socket_path,
	       const struct media_ops *ops, void *user)
{
	struct media *media = calloc(1, sizeof(*media));

	if (!media)
		return -ENOMEM;
	media->loop = loop;
	media->ops = ops;
	media->user = user;
	STAILQ_INIT(&media->waiting);
	STAILQ_INIT(&media->sent);
	media->path = strdup(socket_path);
	media->frame = malloc(sizeof(*media->frame));
	media->vault = vault_new(sizeof(struct media_session));
	if (!media->path || !media->frame || !media->vault ||
	    table_init(&media->sessions, SESSIONS_EXPECTED) < 0)
		goto fail;
	uv_timer_init(loop, &media->timer);
	media->timer.data = media;
	media_link_start(media);
	*media_out = media;
	return 0;
fail:
	vault_free(media->vault);
	free(media->frame);
	free(media->path);
	free(media);
	return -ENOMEM;
}

static void timer_closed(uv_handle_t *handle)
{
	struct media *media = handle->data;

	explicit_bzero(media->frame, sizeof(*media->frame));
	free(media->frame);
	free(media->path);
	table_free(&media->sessions);
	vault_free(media->vault);
	free(media);
}

static void drop_requests(struct media *media, struct media_queue *queue)
{
	struct media_request *request;

	while ((request = STAILQ_FIRST(queue))) {
		STAILQ_REMOVE_HEAD(queue, link);
		media_request_answered(media, request, -ENOTCONN, NULL, 0);
		media_request_free(media, request);
	}
}

void media_close(struct media *media)
{
	if (!media)
		return;
	media_link_close(media);
	drop_requests(media, &media->waiting);
	drop_requests(media, &media->sent);
	uv_close((uv_handle_t *)&media->timer, timer_closed);
}

bool media_is_up(const struct media *media)
{
	return media->state == MEDIA_UP;
}

const struct sluice_hello_reply *media_hello(const struct media *media)
{
	return media->boot_id ? &media->hello : NULL;
}

int media_ask(struct media *media, enum sluice_type type, const void *body, size_t length,
	      void (*answer)(void *user, int status, const void *reply, size_t length), void *user)
{
	struct media_request *request;

	if (length > sizeof(request->body))
		return -EINVAL;
	if (media->state == MEDIA_AWAY || media->broken) {
		answer(user, -ENOTCONN, NULL, 0);
		return 0;
	}
	request = media_request_new(media, type, PURPOSE_USER, NULL);
	if (!request)
		return -ENOMEM;
	if (length)
		memcpy(request->body, body, length);
	request->length = length;
	request->answer = answer;
	request->user = user;
	media_request_queue(media, request);
	return 0;
}
