/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/internal.h"

struct media_request *media_request_new(struct media *media, enum sluice_type type,
					enum media_purpose purpose, struct media_session *session)
{
	struct media_request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->type = type;
	request->purpose = purpose;
	request->session = session;
	if (session)
		session->holders++;
	if (purpose == PURPOSE_RESTORE)
		media->restoring++;
	return request;
}

void media_request_free(struct media *media, struct media_request *request)
{
	(void)media;
	if (request->session) {
		request->session->holders--;
		media_session_release(request->session);
	}
	free(request);
}

void media_request_queue(struct media *media, struct media_request *request)
{
	STAILQ_INSERT_TAIL(&media->waiting, request, link);
	media_link_pump(media);
}

const void *media_request_body(const struct media_request *request, struct sluice_set *set,
			       size_t *length)
{
	if (request->type != SLUICE_SET) {
		*length = request->length;
		return request->length ? request->body : NULL;
	}
	*set = request->session->wanted[request->leg];
	set->mask = request->mask;
	*length = sizeof(*set);
	return set;
}

static const void *checked(const void *reply, size_t length, size_t expected)
{
	return reply && length >= expected ? reply : NULL;
}

static void opened(struct media_request *request, int status, const void *reply, size_t length)
{
	const struct sluice_open_reply *answer = checked(reply, length, sizeof(*answer));

	if (status == 0 && !answer)
		status = -EPROTO;
	media_session_opened(request->session, status, answer);
}

static void set_answered(struct media_request *request, int status)
{
	struct media_session *session = request->session;

	media_session_set_answered(session, request->leg, request->mask, status);
	if (request->set_done && session->state != SESSION_CLOSED)
		request->set_done(session->user, status);
}

static void user_answered(struct media_request *request, int status, const void *reply,
			  size_t length)
{
	switch (request->type) {
	case SLUICE_OPEN:
		opened(request, status, reply, length);
		break;
	case SLUICE_SET:
		set_answered(request, status);
		break;
	case SLUICE_CLOSE:
		if (request->closed)
			request->closed(
			    request->user,
			    status == 0 ? checked(reply, length, sizeof(struct sluice_session_info))
					: NULL);
		break;
	default:
		if (request->answer)
			request->answer(request->user, status, reply, length);
	}
}

static void restore_answered(struct media *media, struct media_request *request, int status,
			     const void *reply, size_t length)
{
	const struct sluice_open_reply *open = checked(reply, length, sizeof(*open));
	struct media_session *session = request->session;

	if (request->type == SLUICE_SET)
		media_session_set_answered(session, request->leg, request->mask, status);
	else if (status == 0 &&
		 (!open || memcmp(open->local, session->local, sizeof(session->local)) != 0))
		status = -EADDRINUSE; /* other ports: the peers were told these */
	if (status != -ENOTCONN)
		media_sync_restored(media, session, status);
}

void media_request_answered(struct media *media, struct media_request *request, int status,
			    const void *reply, size_t length)
{
	if (request->purpose == PURPOSE_USER)
		user_answered(request, status, reply, length);
	else if (request->purpose == PURPOSE_RESTORE)
		restore_answered(media, request, status, reply, length);
	else if (status != -ENOTCONN)
		media_sync_answered(media, request, status, reply);
}
