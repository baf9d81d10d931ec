/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mail to the workers, and what becomes free when it is back. */
#include <assert.h>

#include "session/session.h"

struct mail *mail_new(struct sessions *sessions, enum mail_kind kind, struct session *session,
		      unsigned leg)
{
	struct mail *mail = pool_take(sessions->mails);

	if (!mail)
		return NULL;
	mail->kind = kind;
	mail->media = &session->media;
	mail->leg = leg;
	for (unsigned i = 0; i < 2; i++)
		mail->retired_path[i].drop = SLUICE_DROP_NO_PEER; /* none */
	if (kind == MAIL_LEG)
		session_view(sessions, session, leg, &mail->terms);
	return mail;
}

void mail_retire(struct mail *mail, struct srtp_context *context)
{
	if (!context)
		return;
	assert(mail->retired_count < MAIL_RETIRED_MAX);
	mail->retired[mail->retired_count++] = context;
}

void mail_drop(struct sessions *sessions, struct mail *mail)
{
	pool_give(sessions->mails, mail);
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

	if (mail->kind == MAIL_LEG)
		((struct session *)mail->media)->leg[mail->leg].newest_mail =
		    pool_index(sessions->mails, mail) + 1;
	mail->next = NULL;
	*queue->end = mail;
	queue->end = &mail->next;
	queue_flush(sessions, worker);
}

static void mail_free(struct sessions *sessions, struct mail *mail)
{
	struct session *session = (struct session *)mail->media;
	struct session_leg *leg = &session->leg[mail->leg];

	for (unsigned i = 0; i < mail->retired_count; i++)
		context_give(sessions, mail->retired[i]);
	pool_give(sessions->keys, mail->retired_keys);
	for (unsigned i = 0; i < 2; i++)
		path_give(sessions, &mail->retired_path[i]);
	payload_maps_give(sessions->config.interfaces->payload_maps, mail->retired_payloads);
	if (leg->newest_mail == pool_index(sessions->mails, mail) + 1)
		leg->newest_mail = 0;
	if (mail->kind == MAIL_CAPTURE)
		capture_mail_back(sessions, mail);
	if (mail->kind == MAIL_GRACE) {
		capture_grace_over(sessions, session);
		session_free(sessions, session);
	}
	pool_give(sessions->mails, mail);
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
