/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures of a call's media: what the dial plans of both legs allow is asked of the data plane. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/state.h"

struct question {
	void (*done)(void *user, int status, const struct sluice_capture_info *info,
		     const struct config_dial_plan *dial_plan);
	void *user;
};

/* A policy is compared with a mode by its number. */
static_assert((int)CAPTURE_POLICY_WIRE == (int)SLUICE_CAPTURE_WIRE &&
		  (int)CAPTURE_POLICY_DECRYPTED == (int)SLUICE_CAPTURE_DECRYPTED,
	      "the same numbers");

/* The dial plan that forbids it; NULL: none. */
static const struct config_dial_plan *forbidden_by(const struct call *call,
						   enum sluice_capture_mode mode)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct config_dial_plan *plan = call->leg[i].peer->dial_plan;

		if ((int)mode > (int)plan->capture)
			return plan;
	}
	return NULL;
}

static void answered(void *user, int status, const void *reply, size_t length)
{
	struct question *question = user;
	bool known = status == 0 && reply && length >= sizeof(struct sluice_capture_info);

	if (status == 0 && !known)
		status = -EPROTO;
	question->done(question->user, status, known ? reply : NULL, NULL);
	free(question);
}

static void request_make(const struct call *call, const struct b2bua_capture *capture,
			 struct sluice_capture *request)
{
	*request = (struct sluice_capture){.session = media_session_id(call->media),
					   .action = (uint8_t)capture->action};
	if (capture->action != SLUICE_CAPTURE_START)
		return;
	request->mode = (uint8_t)capture->mode;
	request->time_s = capture->time_s;
	memcpy(request->call, call->id, sizeof(call->id));
	for (unsigned i = 0; i < 2; i++)
		strncpy(request->leg[i], call->leg[i].peer->name, sizeof(request->leg[i]) - 1);
}

void b2bua_call_capture(struct b2bua *b2bua, const char *id, const struct b2bua_capture *capture,
			void (*done)(void *user, int status, const struct sluice_capture_info *info,
				     const struct config_dial_plan *dial_plan),
			void *user)
{
	const struct call *call = call_find(b2bua, id);
	const struct config_dial_plan *forbids = NULL;
	struct question *question;
	struct sluice_capture request;

	if (!call || !call->media) {
		done(user, call ? -ENOLINK : -ENOENT, NULL, NULL);
		return;
	}
	if (capture->action == SLUICE_CAPTURE_START)
		forbids = forbidden_by(call, capture->mode);
	question = forbids ? NULL : malloc(sizeof(*question));
	if (!question) {
		done(user, forbids ? -EACCES : -ENOMEM, NULL, forbids);
		return;
	}
	*question = (struct question){.done = done, .user = user};
	request_make(call, capture, &request);
	if (media_ask(b2bua->media, SLUICE_CAPTURE, &request, sizeof(request), answered, question) <
	    0)
		answered(question, -ENOMEM, NULL, 0);
}
