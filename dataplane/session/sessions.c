/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sessions: made, found, opened, closed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>

#include "session/session.h"

uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int sessions_new(struct sessions **sessions, const struct sessions_config *config)
{
	struct sessions *new = calloc(1, sizeof(*new));
	uint32_t buckets = 16;
	int rc;

	*sessions = NULL;
	if (!new)
		return -ENOMEM;
	while (buckets < 2 * config->max_sessions)
		buckets *= 2;
	new->config = *config;
	new->bucket_mask = buckets - 1;
	new->next_serial = 1;
	new->tsc_hz = rte_get_tsc_hz() ? rte_get_tsc_hz() : UINT64_C(1000000000);
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		new->queue[i].end = &new->queue[i].first;
	new->all = calloc(config->max_sessions, sizeof(new->all[0]));
	new->buckets = calloc(buckets, sizeof(new->buckets[0]));
	rc = new->all &&new->buckets ? 0 : -ENOMEM;
	rc = rc ? rc : contexts_new(new);
	rc = rc ? rc : srtp_worker_new(&new->srtp, config->engine, 0);
	if (rc) {
		sessions_free(new);
		return rc;
	}
	new->suites = suites_probe(new);
	*sessions = new;
	return 0;
}

void sessions_free(struct sessions *sessions)
{
	if (!sessions)
		return;
	mail_finish(sessions);
	for (uint32_t i = 0; i < sessions->count; i++)
		session_free(sessions, sessions->all[i]);
	if (sessions->srtp)
		srtp_worker_free(sessions->srtp);
	contexts_free(sessions);
	free(sessions->buckets);
	free(sessions->all);
	free(sessions);
}

static struct session **bucket_of(const struct sessions *sessions, uint64_t id)
{
	id *= UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing: ids may be consecutive */
	return &sessions->buckets[(id >> 32) & sessions->bucket_mask];
}

struct session *session_find(const struct sessions *sessions, uint64_t id)
{
	struct session *session = *bucket_of(sessions, id);

	while (session && session->id != id)
		session = session->hash_next;
	return session;
}

static void session_insert(struct sessions *sessions, struct session *session)
{
	struct session **bucket = bucket_of(sessions, session->id);

	session->hash_next = *bucket;
	*bucket = session;
	session->index = sessions->count;
	sessions->all[sessions->count++] = session;
	sessions->streams[session->worker] += 2;
	sessions->opened++;
}

static void session_remove(struct sessions *sessions, struct session *session)
{
	struct session **at = bucket_of(sessions, session->id);
	struct session *last = sessions->all[--sessions->count];

	while (*at != session)
		at = &(*at)->hash_next;
	*at = session->hash_next;
	sessions->all[session->index] = last;
	last->index = session->index;
	sessions->streams[session->worker] -= 2;
}

void session_free(struct sessions *sessions, struct session *session)
{
	if (!session)
		return;
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned k = 0; k < SRTP_KEYS_MAX; k++) {
			context_give(sessions, session->leg[i].rx.context[k]);
			context_give(sessions, session->leg[i].rx_old.context[k]);
		}
		context_give(sessions, session->leg[i].tx);
	}
	free(session->media);
	free(session);
}

/* ---- OPEN ---- */

static int open_check(const struct sluice_open *request)
{
	if (!request->session)
		return -EINVAL;
	for (unsigned i = 0; i < 2; i++) {
		const struct sluice_open_leg *leg = &request->leg[i];

		if (leg->family != 4 && leg->family != 6)
			return -EINVAL;
		if (leg->wanted.family && leg->wanted.family != leg->family)
			return -EINVAL;
		if (!memchr(leg->interface, '\0', sizeof(leg->interface)))
			return -EINVAL;
	}
	return 0;
}

bool addr_equal(const struct sluice_addr *a, const struct sluice_addr *b)
{
	return a->family == b->family && a->port == b->port && !memcmp(a->ip, b->ip, sizeof(a->ip));
}

/* A repeated OPEN: the same answer if it asks for the same. */
static int open_again(const struct sessions *sessions, const struct session *session,
		      const struct sluice_open *request)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct session_leg *leg = &session->leg[i];
		const struct sluice_open_leg *asked = &request->leg[i];

		if (interfaces_find(sessions->config.interfaces, asked->interface) !=
			(int)leg->interface ||
		    asked->family != leg->local.family)
			return -EEXIST;
		if (asked->wanted.family && !addr_equal(&asked->wanted, &leg->local))
			return -EEXIST;
	}
	return 0;
}

static unsigned worker_choose(const struct sessions *sessions)
{
	unsigned best = 0;

	for (unsigned i = 1; i < sessions->config.worker_count; i++)
		if (sessions->streams[i] < sessions->streams[best])
			best = i;
	return best;
}

static int legs_reserve(struct sessions *sessions, struct session *session,
			const struct sluice_open *request)
{
	struct interfaces *interfaces = sessions->config.interfaces;

	for (unsigned i = 0; i < 2; i++) {
		struct session_leg *leg = &session->leg[i];
		const struct sluice_open_leg *asked = &request->leg[i];
		int address = interfaces_reserve(interfaces, leg->interface, asked->family,
						 &asked->wanted, session->worker, &leg->local.port);

		if (address < 0) {
			if (i)
				interfaces_release(interfaces, session->leg[0].address,
						   session->leg[0].local.port);
			return address;
		}
		leg->address = (unsigned)address;
		leg->local.family = asked->family;
		memcpy(leg->local.ip, interfaces->address[address].ip, sizeof(leg->local.ip));
	}
	return 0;
}

/* The worker's half, as it is before the first SET: nothing passes. */
static int media_new(struct session *session)
{
	struct media *media = aligned_alloc(64, sizeof(*media));

	if (!media)
		return -ENOMEM;
	memset(media, 0, sizeof(*media));
	for (unsigned i = 0; i < 2; i++) {
		struct leg *leg = &media->leg[i];

		leg->other = &media->leg[1 - i];
		leg->number = (uint8_t)i;
		leg->port = session->leg[i].local.port;
		leg->address = session->leg[i].address;
		leg->session = session->id;
		leg->serial = session->serial;
		path_close(&leg->path[SRTP_PACKET_RTP], SLUICE_DROP_NO_PEER);
		path_close(&leg->path[SRTP_PACKET_RTCP], SLUICE_DROP_NO_RTCP);
		memcpy(session->leg[i].path, leg->path, sizeof(leg->path));
	}
	session->media = media;
	return 0;
}

static int session_make(struct sessions *sessions, const struct sluice_open *request,
			struct session **made)
{
	struct session *session = aligned_alloc(alignof(struct session), sizeof(*session));
	struct mail *mail = NULL;
	int rc = -ENOMEM;

	if (!session)
		return -ENOMEM;
	memset(session, 0, sizeof(*session));
	for (unsigned i = 0; i < 2; i++) {
		rc = interfaces_find(sessions->config.interfaces, request->leg[i].interface);
		if (rc < 0)
			goto fail;
		session->leg[i].interface = (unsigned)rc;
	}
	session->id = request->session;
	session->serial = sessions->next_serial++;
	session->opened_ms = clock_ms();
	session->worker = worker_choose(sessions);
	rc = legs_reserve(sessions, session, request);
	if (rc)
		goto fail;
	rc = media_new(session);
	if (rc)
		goto release;
	mail = mail_new(MAIL_ADD, session, 0);
	rc = mail ? 0 : -ENOMEM;
	if (rc)
		goto release;
	for (unsigned i = 0; i < 2; i++)
		interfaces_own(sessions->config.interfaces, session->leg[i].address,
			       session->leg[i].local.port, session->worker);
	session_insert(sessions, session);
	mail_send(sessions, session->worker, mail);
	*made = session;
	return 0;
release:
	for (unsigned i = 0; i < 2; i++)
		interfaces_release(sessions->config.interfaces, session->leg[i].address,
				   session->leg[i].local.port);
fail:
	session_free(sessions, session);
	return rc;
}

int sessions_open(struct sessions *sessions, const struct sluice_open *request,
		  struct sluice_open_reply *reply)
{
	struct session *session;
	int rc = open_check(request);

	if (rc)
		return rc;
	session = session_find(sessions, request->session);
	if (session)
		rc = open_again(sessions, session, request);
	else if (sessions->count >= sessions->config.max_sessions)
		rc = -ENOSPC;
	else
		rc = session_make(sessions, request, &session);
	if (rc)
		return rc;
	*reply = (struct sluice_open_reply){
	    .session = session->id, .local = {session->leg[0].local, session->leg[1].local}};
	return 0;
}

/* ---- CLOSE ---- */

/*
 * The media ports are free at once, though the worker may still have the session in its table: mail
 * is carried out in order, so it leaves before the next session with these ports comes.
 */
int sessions_close(struct sessions *sessions, uint64_t id, struct sluice_session_info *info)
{
	struct session *session = session_find(sessions, id);
	struct mail *mail;

	if (!session)
		return -ENOENT;
	mail = mail_new(MAIL_REMOVE, session, 0);
	if (!mail)
		return -ENOMEM;
	session_capture_end(sessions, session, SLUICE_CAPTURE_END_CALL);
	session_info(sessions, session, info);
	session_remove(sessions, session);
	for (unsigned i = 0; i < 2; i++)
		interfaces_release(sessions->config.interfaces, session->leg[i].address,
				   session->leg[i].local.port);
	mail->owner = session;
	mail_send(sessions, session->worker, mail);
	return 0;
}

uint32_t sessions_count(const struct sessions *sessions)
{
	return sessions->count;
}

uint32_t sessions_max(const struct sessions *sessions)
{
	return sessions->config.max_sessions;
}

unsigned sessions_streams(const struct sessions *sessions, unsigned worker)
{
	return sessions->streams[worker];
}

uint32_t sessions_suites(const struct sessions *sessions)
{
	return sessions->suites;
}

bool sessions_memory_locked(const struct sessions *sessions)
{
	return contexts_locked(sessions);
}
