/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "media/difference.h"
#include "media/internal.h"

struct media_session *media_session_find(const struct media *media, uint64_t id)
{
	struct table_entry *entry = table_find(&media->sessions, id);

	return entry ? TABLE_OWNER(entry, struct media_session, by_id) : NULL;
}

static int draw_id(const struct media *media, uint64_t *id)
{
	do {
		if (getrandom(id, sizeof(*id), 0) != sizeof(*id))
			return -errno;
	} while (*id == 0 || table_find(&media->sessions, *id));
	return 0;
}

int media_session_queue_open(struct media_session *session, enum media_purpose purpose)
{
	struct sluice_open body = {.session = session->by_id.key};
	struct media_request *request;

	request = media_request_new(session->media, SLUICE_OPEN, purpose, session);
	if (!request)
		return -ENOMEM;
	for (unsigned i = 0; i < 2; i++) {
		memcpy(body.leg[i].interface, session->interface[i], SLUICE_NAME_MAX);
		body.leg[i].family = session->family[i];
		body.leg[i].wanted = session->local[i]; /* all zero when it is new */
	}
	memcpy(request->body, &body, sizeof(body));
	request->length = sizeof(body);
	media_request_queue(session->media, request);
	return 0;
}

static bool names_fit(const char *interface[2])
{
	return interface[0] && interface[1] && strlen(interface[0]) < SLUICE_NAME_MAX &&
	       strlen(interface[1]) < SLUICE_NAME_MAX;
}

int media_session_open(struct media *media, struct media_session **session_out,
		       const char *interface[2], const uint8_t family[2],
		       void (*opened)(void *session_user, int status,
				      const struct sluice_addr local[2]),
		       void *session_user)
{
	struct media_session *session;
	uint64_t id;

	if (!names_fit(interface))
		return -EINVAL;
	if (media->state != MEDIA_UP || media->broken)
		return -ENOTCONN;
	session = vault_take(media->vault);
	if (!session)
		return -ENOMEM;
	session->media = media;
	session->user = session_user;
	session->opened = opened;
	for (unsigned i = 0; i < 2; i++) {
		memcpy(session->interface[i], interface[i], strlen(interface[i]));
		session->family[i] = family[i];
	}
	if (draw_id(media, &id) < 0)
		goto fail;
	table_add(&media->sessions, &session->by_id, id);
	if (media_session_queue_open(session, PURPOSE_USER) < 0)
		goto fail_added;
	*session_out = session;
	return 0;
fail_added:
	table_remove(&media->sessions, &session->by_id);
fail:
	vault_give(media->vault, session);
	return -ENOMEM;
}

void media_session_opened(struct media_session *session, int status,
			  const struct sluice_open_reply *reply)
{
	if (session->state != SESSION_OPENING)
		return;
	session->state = status == 0 ? SESSION_OPEN : SESSION_FAILED;
	if (status == 0)
		memcpy(session->local, reply->local, sizeof(session->local));
	session->opened(session->user, status, session->local);
}

int media_session_queue_set(struct media_session *session, uint8_t leg, uint32_t mask,
			    enum media_purpose purpose, void (*done)(void *user, int status))
{
	struct media_request *request;

	request = media_request_new(session->media, SLUICE_SET, purpose, session);
	if (!request)
		return -ENOMEM;
	request->leg = leg;
	request->mask = mask;
	request->set_done = done;
	session->sets[leg]++;
	if (mask & SLUICE_SET_TX_KEY)
		session->use[leg].kept = false;
	media_request_queue(session->media, request);
	return 0;
}

void media_session_set_answered(struct media_session *session, uint8_t leg, uint32_t mask,
				int status)
{
	session->sets[leg]--;
	/* An older SET's answer says nothing of a younger one with the same bits. */
	if (status != -ENOTCONN && session->sets[leg] == 0)
		session->dirty[leg] = 0;
	(void)mask;
}

/* The same key said again has been used as far as it was. */
static void merge_key(struct sluice_key *to, const struct sluice_key *from)
{
	if (!media_key_same(to, from))
		*to = *from;
}

static void merge_rx(struct sluice_key to[SLUICE_RX_KEYS_MAX],
		     const struct sluice_key from[SLUICE_RX_KEYS_MAX])
{
	for (unsigned i = 0; i < SLUICE_RX_KEYS_MAX; i++)
		merge_key(&to[i], &from[i]);
}

/* The fields of each mask bit; keys are merged by what has been used of them. */
#define FIELD(bit, name)                                             \
	{                                                            \
		SLUICE_SET_##bit, offsetof(struct sluice_set, name), \
		    sizeof(((struct sluice_set *)NULL)->name)        \
	}
static const struct {
	uint32_t bit;
	size_t offset, size;
} fields[] = {
    FIELD(REMOTE, remote_rtp),
    FIELD(REMOTE, remote_rtcp),
    FIELD(REMOTE, rtcp_mux),
    FIELD(DIRECTION, direction),
    FIELD(LATCH, latch),
    FIELD(DSCP, dscp),
    FIELD(TIMEOUT, media_timeout_ms),
    FIELD(RATE, rate_pps),
    FIELD(SILENCE, silence_timeout_ms),
    FIELD(PAYLOADS, payload_count),
    FIELD(PAYLOADS, payload),
};

static void merge(struct sluice_set *to, const struct sluice_set *from)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (from->mask & fields[i].bit)
			memcpy((char *)to + fields[i].offset, (const char *)from + fields[i].offset,
			       fields[i].size);
	if (from->mask & SLUICE_SET_RX_KEY)
		merge_rx(to->rx, from->rx);
	if (from->mask & SLUICE_SET_TX_KEY)
		merge_key(&to->tx, &from->tx);
	to->mask |= from->mask;
}

int media_session_set(struct media_session *session, const struct sluice_set *set,
		      void (*done)(void *session_user, int status))
{
	struct media *media = session->media;

	if (set->leg > 1 || set->mask > SLUICE_SET_ALL || session->state == SESSION_FAILED)
		return -EINVAL;
	session->wanted[set->leg].session = session->by_id.key;
	session->wanted[set->leg].leg = set->leg;
	media_position_set(session, set);
	merge(&session->wanted[set->leg], set);
	session->dirty[set->leg] |= set->mask;
	if (media->state == MEDIA_UP && !media->broken)
		return media_session_queue_set(session, set->leg, set->mask, PURPOSE_USER, done);
	if (done)
		done(session->user, -ENOTCONN);
	return 0;
}

void media_session_release(struct media_session *session)
{
	if (session->state == SESSION_CLOSED && session->holders == 0)
		vault_give(session->media->vault, session);
}

void media_session_close(struct media_session *session,
			 void (*closed)(void *user, const struct sluice_session_info *info),
			 void *user)
{
	struct sluice_session body;
	struct media_request *request = NULL;
	struct media *media;

	if (!session)
		return;
	media = session->media;
	body.session = session->by_id.key;
	table_remove(&media->sessions, &session->by_id);
	/* While a LIST is under way the data plane may still hold it: CLOSE whenever connected. */
	if (session->state != SESSION_FAILED && media->state != MEDIA_AWAY && !media->broken)
		request = media_request_new(media, SLUICE_CLOSE, PURPOSE_USER, NULL);
	session->state = SESSION_CLOSED;
	session->user = NULL;
	media_session_release(session);
	if (!request) {
		if (closed)
			closed(user, NULL);
		return;
	}
	memcpy(request->body, &body, sizeof(body));
	request->length = sizeof(body);
	request->closed = closed;
	request->user = user;
	media_request_queue(media, request);
}

uint32_t media_session_difference(const struct media_session *session, const struct sluice_set *set)
{
	const struct sluice_set *wanted = &session->wanted[set->leg & 1];

	return wanted->mask ? media_difference(set, wanted) : (uint32_t)SLUICE_SET_ALL;
}

uint64_t media_session_id(const struct media_session *session)
{
	return session->by_id.key;
}
