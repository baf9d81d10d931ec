/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CAPTURE: begun and ended by mail to the worker of the session; see capture/captures.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"
#include "sluice_client.h"

/* ---- checks ---- */

static bool call_valid(const char *call, size_t size)
{
	size_t length = strnlen(call, size);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)call[i]) || !isascii(call[i]))
			return false;
	return length > 0 && length < size;
}

static bool label_valid(const char *label, size_t size)
{
	size_t length = strnlen(label, size);

	for (size_t i = 0; i < length; i++)
		if (label[i] < ' ' || label[i] > '~')
			return false;
	return length < size;
}

static int start_check(const struct sluice_capture *request)
{
	if (request->mode != SLUICE_CAPTURE_WIRE && request->mode != SLUICE_CAPTURE_DECRYPTED)
		return -EINVAL;
	if (!call_valid(request->call, sizeof(request->call)))
		return -EINVAL;
	for (unsigned i = 0; i < 2; i++)
		if (!label_valid(request->leg[i], sizeof(request->leg[i])))
			return -EINVAL;
	return 0;
}

/* ---- mail ---- */

static int capture_mail(struct sessions *sessions, struct session *session, uint8_t tag)
{
	struct mail *mail = mail_new(sessions, MAIL_CAPTURE, session, 0);

	if (!mail)
		return -ENOMEM;
	mail->capture = tag;
	mail->capture_ring = tag == CAPTURE_NONE
				 ? NULL
				 : captures_ring(sessions->config.captures, session->media.worker);
	mail->capture_over = tag == CAPTURE_NONE ? session->media.capture : CAPTURE_NONE;
	session->media.capture = tag;
	mail_send(sessions, session->media.worker, mail);
	return 0;
}

void capture_mail_back(struct sessions *sessions, const struct mail *mail)
{
	if (mail->capture_over != CAPTURE_NONE)
		captures_close(sessions->config.captures, capture_number(mail->capture_over));
}

/* When there was no mail to end it with, the session's last one has done so. */
void capture_grace_over(struct sessions *sessions, const struct session *session)
{
	unsigned number = capture_number(session->media.capture);

	if (session->media.capture == CAPTURE_NONE)
		return;
	captures_end(sessions->config.captures, number, SLUICE_CAPTURE_END_CALL);
	captures_close(sessions->config.captures, number);
}

/* Without memory for the mail it goes on until the next look. */
void session_capture_end(struct sessions *sessions, struct session *session,
			 enum sluice_capture_end end)
{
	unsigned number = capture_number(session->media.capture);

	if (session->media.capture != CAPTURE_NONE &&
	    capture_mail(sessions, session, CAPTURE_NONE) == 0)
		captures_end(sessions->config.captures, number, end);
}

/* ---- requests ---- */

/* Who the leg is, for the file: peer, our and its address, suites. */
static void leg_describe(const struct sessions *sessions, const struct session *session,
			 unsigned number, const char *who, char *text, size_t size)
{
	const struct session_leg *leg = &session->leg[number];
	struct sluice_addr ours = session_local(sessions, session, number), theirs;
	char local[64], remote[64];
	struct leg_terms terms;
	uint8_t suite;

	session_view(sessions, session, number, &terms);
	memcpy(&theirs, &terms.rule[SRTP_PACKET_RTP].agreed, sizeof(theirs));
	suite =
	    terms.rx.count ? (uint8_t)srtp_context_suite(terms.rx.context[0]) : SLUICE_SUITE_NONE;

	snprintf(text, size, "%.31s, %.15s, %s to %s, %s", who,
		 sessions->config.interfaces->interface[leg->interface].name,
		 sluice_addr_format(&ours, local, sizeof(local)),
		 sluice_addr_format(&theirs, remote, sizeof(remote)),
		 suite ? sluice_suite_name(suite) : "RTP");
}

static int capture_start(struct sessions *sessions, struct session *session,
			 const struct sluice_capture *request)
{
	struct capture_order order = {.mode = request->mode,
				      .time_s = request->time_s,
				      .bytes = request->bytes,
				      .worker = session->media.worker};
	bool clear = request->mode == SLUICE_CAPTURE_DECRYPTED;
	int number;

	if (start_check(request))
		return -EINVAL;
	if (session->media.capture != CAPTURE_NONE)
		return clear == (session->media.capture & CAPTURE_CLEAR) ? 0 : -EEXIST;
	memcpy(order.call, request->call, sizeof(order.call));
	for (unsigned i = 0; i < 2; i++)
		leg_describe(sessions, session, i, request->leg[i], order.leg[i],
			     sizeof(order.leg[i]));
	number = captures_start(sessions->config.captures, &order);
	if (number < 0)
		return number == -EBUSY ? -EMFILE : number;
	sessions->captured[number] = session->media.session;
	if (capture_mail(sessions, session, capture_tag((unsigned)number, clear)) == 0)
		return 0;
	captures_end(sessions->config.captures, (unsigned)number, SLUICE_CAPTURE_END_STOPPED);
	captures_close(sessions->config.captures, (unsigned)number);
	return -ENOMEM;
}

static void info_fill(const struct sessions *sessions, const struct session *session, uint8_t tag,
		      struct sluice_capture_info *info)
{
	struct capture_state state;

	*info = (struct sluice_capture_info){.session = session->media.session};
	if (tag == CAPTURE_NONE)
		return;
	captures_state(sessions->config.captures, capture_number(tag), &state);
	info->age_ms = state.age_ms;
	info->bytes = state.bytes;
	info->limit_bytes = state.limit_bytes;
	info->packets = state.packets;
	info->lost = state.lost;
	info->time_s = state.time_s;
	info->mode = state.mode;
	info->end = state.end;
	memcpy(info->file, state.name, sizeof(info->file));
}

int sessions_capture(struct sessions *sessions, const struct sluice_capture *request,
		     struct sluice_capture_info *info)
{
	struct session *session = session_find(sessions, request->session);
	uint8_t tag;
	int rc = 0;

	if (!session)
		return -ENOENT;
	if (!sessions->config.captures)
		return -ENOTSUP;
	tag = session->media.capture;
	switch (request->action) {
	case SLUICE_CAPTURE_STATE:
		break;
	case SLUICE_CAPTURE_START:
		rc = capture_start(sessions, session, request);
		tag = session->media.capture;
		break;
	case SLUICE_CAPTURE_STOP:
		session_capture_end(sessions, session, SLUICE_CAPTURE_END_STOPPED);
		break;
	default:
		return -EINVAL;
	}
	if (!rc)
		info_fill(sessions, session, tag, info);
	return rc;
}

/* ---- what happens without a request ---- */

static void completed_tell(struct sessions *sessions, unsigned number,
			   const struct capture_state *state)
{
	struct sluice_event event = {.session = sessions->captured[number],
				     .type = SLUICE_EVENT_CAPTURE,
				     .value = state->packets};

	snprintf(event.text, sizeof(event.text), "%.50s: %s", state->name,
		 sluice_capture_end_text(state->end));
	sessions->config.on_event(sessions->config.user, &event);
}

void captures_watch(struct sessions *sessions)
{
	struct captures *captures = sessions->config.captures;

	for (unsigned number = 0; captures && number < CAPTURES_MAX; number++) {
		struct session *session;
		struct capture_state state;

		if (!sessions->captured[number])
			continue;
		captures_state(captures, number, &state);
		if (state.closed) {
			completed_tell(sessions, number, &state);
			sessions->captured[number] = 0;
			captures_release(captures, number);
			continue;
		}
		session = session_find(sessions, sessions->captured[number]);
		if (session && session->media.capture != CAPTURE_NONE &&
		    capture_number(session->media.capture) == number &&
		    captures_due(captures, number))
			session_capture_end(sessions, session, captures_due(captures, number));
	}
}
