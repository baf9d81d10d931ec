/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sessions: made, found, opened, closed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>

#include "session/session.h"
#include "worker/stream_table.h"

uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Sessions that are closed, but whose worker has not said so yet. */
#define CLOSING_MAX 16384U
/* Mail under way: to a worker that is slow, one for each of these and for each session. */
#define MAILS_MAX 65536U
static int pools_new(struct sessions *sessions, uint32_t max_sessions)
{
	int rc = contexts_new(sessions);

	rc = rc ? rc
		: pool_new(&sessions->calls, sizeof(struct session), max_sessions + CLOSING_MAX,
			   POOL_LOCKED);
	/* only legs with several receive keys, or with an old one, have such a record */
	rc = rc ? rc
		: pool_new(&sessions->keys, sizeof(struct leg_keyring),
			   2 * max_sessions + CONTEXTS_RETIRED_MAX, POOL_SWAPPABLE);
	return rc ? rc
		  : pool_new(&sessions->mails, sizeof(struct mail), max_sessions + MAILS_MAX,
			     POOL_SWAPPABLE);
}

int sessions_new(struct sessions **sessions, const struct sessions_config *config)
{
	struct sessions *new = calloc(1, sizeof(*new));
	uint32_t buckets = 16;
	int rc = 0;

	*sessions = NULL;
	if (!new)
		return -ENOMEM;
	while (buckets < config->max_sessions)
		buckets *= 2;
	new->config = *config;
	new->bucket_mask = buckets - 1;
	new->next_serial = 1;
	new->tsc_hz = rte_get_tsc_hz() ? rte_get_tsc_hz() : UINT64_C(1000000000);
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		new->queue[i].end = &new->queue[i].first;
	new->all = calloc(config->max_sessions, sizeof(new->all[0]));
	new->buckets = calloc(buckets, sizeof(new->buckets[0]));
	new->event = calloc(EVENTS_HELD + 1, sizeof(new->event[0])); /* and the one being taken */
	if (!new->all || !new->buckets || !new->event)
		rc = -ENOMEM;
	rc = rc ? rc : pools_new(new, config->max_sessions);
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
	if (sessions->mails)
		mail_finish(sessions);
	for (uint32_t i = 0; i < sessions->count; i++)
		session_free(sessions, sessions->all[i]);
	if (sessions->srtp)
		srtp_worker_free(sessions->srtp);
	contexts_free(sessions);
	pool_free(sessions->calls);
	pool_free(sessions->mails);
	pool_free(sessions->keys);
	free(sessions->event);
	free(sessions->buckets);
	free(sessions->all);
	free(sessions);
}

static uint32_t *bucket_of(const struct sessions *sessions, uint64_t id)
{
	id *= UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing: ids may be consecutive */
	return &sessions->buckets[(id >> 32) & sessions->bucket_mask];
}

/* Of a link in the hash table: an index plus 1, or 0. */
static struct session *session_at(const struct sessions *sessions, uint32_t link)
{
	return link ? pool_at(sessions->calls, link - 1) : NULL;
}

struct session *session_find(const struct sessions *sessions, uint64_t id)
{
	struct session *session = session_at(sessions, *bucket_of(sessions, id));

	while (session && session->media.session != id)
		session = session_at(sessions, session->hash_next);
	return session;
}

static void session_insert(struct sessions *sessions, struct session *session)
{
	uint32_t *bucket = bucket_of(sessions, session->media.session);

	session->hash_next = *bucket;
	*bucket = pool_index(sessions->calls, session) + 1;
	session->index = sessions->count;
	sessions->all[sessions->count++] = session;
	sessions->streams[session->media.worker] += 2;
	sessions->opened++;
	for (unsigned i = 0; i < 2; i++) {
		const struct leg *leg = &session->media.leg[i];

		stream_set(interfaces_stream(sessions->config.interfaces, leg->address, leg->port),
			   session->media.worker, leg);
	}
}

static void session_remove(struct sessions *sessions, struct session *session)
{
	uint32_t *at = bucket_of(sessions, session->media.session);
	struct session *last = sessions->all[--sessions->count];

	while (session_at(sessions, *at) != session)
		at = &session_at(sessions, *at)->hash_next;
	*at = session->hash_next;
	sessions->all[session->index] = last;
	last->index = session->index;
	sessions->streams[session->media.worker] -= 2;
	for (unsigned i = 0; i < 2; i++) {
		const struct leg *leg = &session->media.leg[i];

		stream_clear(
		    interfaces_stream(sessions->config.interfaces, leg->address, leg->port));
	}
}

/* No mail of it is under way any more, so that its legs hold all that is its own. */
void session_free(struct sessions *sessions, struct session *session)
{
	if (!session)
		return;
	for (unsigned i = 0; i < 2; i++) {
		const struct leg *leg = &session->media.leg[i];

		struct leg_terms terms;

		session_view(sessions, session, i, &terms);
		for (unsigned k = 0; k < SRTP_KEYS_MAX; k++) {
			context_give(sessions, terms.rx.context[k]);
			context_give(sessions, terms.rx_old.context[k]);
		}
		context_give(sessions, leg->tx);
		pool_give(sessions->keys, terms.keys);
		path_give(sessions, &leg->path[SRTP_PACKET_RTP]);
		path_give(sessions, &leg->path[SRTP_PACKET_RTCP]);
		payload_maps_give(sessions->config.interfaces->payload_maps, leg->payloads);
	}
	free(session->carries);
	pool_give(sessions->calls, session);
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
		const struct sluice_open_leg *asked = &request->leg[i];
		struct sluice_addr local = session_local(sessions, session, i);

		if (interfaces_find(sessions->config.interfaces, asked->interface) !=
			(int)session->leg[i].interface ||
		    asked->family != local.family)
			return -EEXIST;
		if (asked->wanted.family && !addr_equal(&asked->wanted, &local))
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

static void leg_release(struct sessions *sessions, const struct session *session, unsigned leg)
{
	interfaces_release(sessions->config.interfaces, session->media.leg[leg].address,
			   session->media.leg[leg].port);
}

static int legs_reserve(struct sessions *sessions, struct session *session,
			const struct sluice_open *request)
{
	for (unsigned i = 0; i < 2; i++) {
		struct leg *leg = &session->media.leg[i];
		const struct sluice_open_leg *asked = &request->leg[i];
		int address = interfaces_reserve(sessions->config.interfaces,
						 session->leg[i].interface, asked->family,
						 &asked->wanted, session->media.worker, &leg->port);

		if (address < 0) {
			if (i)
				leg_release(sessions, session, 0);
			return address;
		}
		leg->address = (uint8_t)address;
		leg->path[SRTP_PACKET_RTP].dscp = leg->path[SRTP_PACKET_RTCP].dscp =
		    sessions->config.interfaces->interface[session->leg[i].interface].dscp;
	}
	return 0;
}

/* The worker's half, as it is before the first SET: nothing passes. */
static void media_prepare(struct media *media)
{
	for (unsigned i = 0; i < 2; i++) {
		media->leg[i].number = (uint8_t)i;
		media->leg[i].path[SRTP_PACKET_RTP].drop = SLUICE_DROP_NO_PEER;
		media->leg[i].path[SRTP_PACKET_RTCP].drop = SLUICE_DROP_NO_RTCP;
	}
}

static int session_make(struct sessions *sessions, const struct sluice_open *request,
			struct session **made)
{
	struct session *session = pool_take(sessions->calls);
	int rc;

	if (!session)
		return -ENOMEM;
	media_prepare(&session->media);
	for (unsigned i = 0; i < 2; i++) {
		rc = interfaces_find(sessions->config.interfaces, request->leg[i].interface);
		if (rc < 0)
			goto fail;
		session->leg[i].interface = (uint8_t)rc;
	}
	session->media.session = request->session;
	session->media.serial = sessions->next_serial++;
	session->opened = (uint32_t)(clock_ms() >> SESSION_AGE_SHIFT);
	session->media.worker = (uint8_t)worker_choose(sessions);
	rc = legs_reserve(sessions, session, request);
	if (rc)
		goto fail;
	session_insert(sessions, session);
	*made = session;
	return 0;
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
	    .session = session->media.session,
	    .local = {session_local(sessions, session, 0), session_local(sessions, session, 1)}};
	return 0;
}

/* ---- CLOSE ---- */

/*
 * The media ports are free at once: the stream table does not name the session any more. A burst
 * that found it before goes on with it, until the worker gives the mail back.
 */
int sessions_close(struct sessions *sessions, uint64_t id, struct sluice_session_info *info)
{
	struct session *session = session_find(sessions, id);
	struct mail *mail;

	if (!session)
		return -ENOENT;
	mail = mail_new(sessions, MAIL_GRACE, session, 0);
	if (!mail)
		return -ENOMEM;
	session_capture_end(sessions, session, SLUICE_CAPTURE_END_CALL);
	session_info(sessions, session, info);
	session_remove(sessions, session);
	leg_release(sessions, session, 0);
	leg_release(sessions, session, 1);
	mail_send(sessions, session->media.worker, mail);
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
