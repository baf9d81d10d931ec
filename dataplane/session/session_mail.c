/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mail to the workers, and what becomes free when it is back. */
#include <assert.h>
#include <stdlib.h>

#include "session/session.h"

struct mail *mail_new(enum mail_kind kind, const struct session *session, unsigned leg)
{
	struct mail *mail = aligned_alloc(alignof(struct mail), sizeof(*mail));

	if (!mail)
		return NULL;
	*mail = (struct mail){.kind = kind, .media = session->media, .leg = leg};
	return mail;
}

void mail_retire(struct mail *mail, struct srtp_context *context)
{
	if (!context)
		return;
	assert(mail->retired_count < MAIL_RETIRED_MAX);
	mail->retired[mail->retired_count++] = context;
}

/* Gives the worker what waits, as far as its ring takes it. */
static void queue_flush(struct sessions *sessions, unsigned worker)
{
	struct mail_queue *queue = &sessions->queue[worker];

	while (queue->first) {
		struct mail *mail = queue->first;
		struct mail *next = mail->next;

		if (worker_post(sessions->config.workers[worker], mail))
			return;
		queue->first = next; /* the mail is the worker's now */
		if (!next)
			queue->end = &queue->first;
	}
}

void mail_send(struct sessions *sessions, unsigned worker, struct mail *mail)
{
	struct mail_queue *queue = &sessions->queue[worker];

	mail->next = NULL;
	*queue->end = mail;
	queue->end = &mail->next;
	queue_flush(sessions, worker);
}

static void mail_free(struct sessions *sessions, struct mail *mail)
{
	for (unsigned i = 0; i < mail->retired_count; i++)
		context_give(sessions, mail->retired[i]);
	if (mail->kind == MAIL_CAPTURE)
		capture_mail_back(sessions, mail);
	if (mail->kind == MAIL_REMOVE)
		session_free(sessions, mail->owner);
	free(mail);
}

void mail_collect(struct sessions *sessions)
{
	for (unsigned i = 0; i < sessions->config.worker_count; i++) {
		struct mail *mail;

		while ((mail = worker_mail_back(sessions->config.workers[i])))
			mail_free(sessions, mail);
		queue_flush(sessions, i);
	}
}

void mail_finish(struct sessions *sessions)
{
	for (unsigned i = 0; i < sessions->config.worker_count; i++) {
		do {
			mail_collect(sessions);
		} while (worker_mail_run(sessions->config.workers[i]) || sessions->queue[i].first);
	}
	mail_collect(sessions);
}
