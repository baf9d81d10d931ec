/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens without a request: events of workers, silence, failures, paths that change. */
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

#define WATCH_EVERY_MS 100U
#define RENEW_EVERY_S 10U    /* each path is looked up again so often, whatever the kernel says */
#define STALE_PER_TICK 1024U /* sessions whose paths are looked up again in one tick */
#define TICKS_PER_S 100U

static void event_send(const struct sessions *sessions, struct sluice_event *event)
{
	sessions->config.on_event(sessions->config.user, event);
}

static void worker_event(struct sessions *sessions, const struct worker_event *from)
{
	struct session *session = session_find(sessions, from->session);
	struct sluice_event event = {
	    .session = from->session, .leg = from->leg, .value = from->value};

	if (!session || session->media.serial != from->serial)
		return; /* closed since */
	switch ((enum worker_event_type)from->type) {
	case WORKER_EVENT_LATCHED:
		session_latched(sessions, session, from);
		return;
	case WORKER_EVENT_SSRC_CHANGED:
		event.type = SLUICE_EVENT_SSRC_CHANGED;
		break;
	case WORKER_EVENT_KEY_LIMIT:
		event.type = SLUICE_EVENT_KEY_LIMIT;
		event.direction = from->direction;
		break;
	case WORKER_EVENT_CARRY:
		return; /* events_take() */
	}
	event_send(sessions, &event);
}

static void carry_take(struct sessions *sessions, const struct worker_event *from)
{
	struct session *session = session_find(sessions, from->session);

	if (!session || session->media.serial != from->serial)
		return;
	if (!session->carries)
		session->carries = calloc(1, sizeof(*session->carries));
	if (session->carries)
		session->carries->carry[from->leg][from->value]++;
}

void events_take(struct sessions *sessions)
{
	for (unsigned i = 0; i < sessions->config.worker_count; i++) {
		struct worker_event *event = &sessions->event[sessions->event_count];

		while (sessions->event_count < EVENTS_HELD &&
		       worker_event_take(sessions->config.workers[i], event)) {
			if (event->type == WORKER_EVENT_CARRY)
				carry_take(sessions, event);
			else
				event = &sessions->event[++sessions->event_count];
		}
	}
}

static void events_run(struct sessions *sessions)
{
	events_take(sessions);
	for (uint32_t i = 0; i < sessions->event_count; i++)
		worker_event(sessions, &sessions->event[i]);
	sessions->event_count = 0;
}

/* Silence of a leg that may speak, and whose silence somebody wants to know of. */
static void silence_watch(struct sessions *sessions, struct session *session, unsigned number,
			  uint64_t now_ms)
{
	struct session_leg *leg = &session->leg[number];
	uint32_t last_ms = word_get(&session->media.leg[number].last_rx_ms);
	uint32_t silent_ms = (uint32_t)now_ms - leg->silent_since_ms;
	struct sluice_event event = {.session = session->media.session,
				     .leg = (uint8_t)number,
				     .type = SLUICE_EVENT_MEDIA_TIMEOUT};

	if (!leg->media_timeout_ds ||
	    !(session_direction(sessions, session, number) & SLUICE_DIR_RX)) {
		leg->flags &= (uint8_t)~SESSION_LEG_TIMED_OUT;
		return;
	}
	if (last_ms) {
		uint32_t ago_ms = worker_ms_ago(sessions, last_ms);

		silent_ms = ago_ms < silent_ms ? ago_ms : silent_ms;
	}
	if (silent_ms < leg->media_timeout_ds * 100U) {
		leg->flags &= (uint8_t)~SESSION_LEG_TIMED_OUT;
	} else if (!(leg->flags & SESSION_LEG_TIMED_OUT)) {
		leg->flags |= SESSION_LEG_TIMED_OUT;
		event.value = silent_ms;
		event_send(sessions, &event);
	}
}

/*
 * Neither RTP nor RTCP, whatever the direction: of a leg that has sent RTCP before, since there are
 * peers that never do, and say nothing at all on hold.
 */
static void total_silence_watch(struct sessions *sessions, struct session *session, unsigned number,
				uint64_t now_ms)
{
	struct session_leg *leg = &session->leg[number];
	uint32_t rtp_ms = word_get(&session->media.leg[number].last_rx_ms);
	uint32_t rtcp_ms = word_get(&session->media.seldom[number].last_rtcp_ms);
	uint32_t silent_ms = (uint32_t)now_ms - leg->silent_since_ms;
	struct sluice_event event = {.session = session->media.session,
				     .leg = (uint8_t)number,
				     .type = SLUICE_EVENT_SILENCE};

	if (!leg->silence_timeout_ds || !rtcp_ms)
		return;
	silent_ms = RTE_MIN(silent_ms, worker_ms_ago(sessions, rtcp_ms));
	if (rtp_ms)
		silent_ms = RTE_MIN(silent_ms, worker_ms_ago(sessions, rtp_ms));
	if (silent_ms < leg->silence_timeout_ds * 100U) {
		leg->flags &= (uint8_t)~SESSION_LEG_SILENT;
	} else if (!(leg->flags & SESSION_LEG_SILENT)) {
		leg->flags |= SESSION_LEG_SILENT;
		event.value = silent_ms;
		event_send(sessions, &event);
	}
}

static void old_key_expire(struct sessions *sessions, struct session *session, unsigned number,
			   uint64_t now_ms)
{
	struct session_leg *leg = &session->leg[number];
	const struct srtp_keys none = {0};
	struct leg_keyring *record = NULL;
	struct mail *mail;

	if (!(leg->flags & SESSION_LEG_OLD_KEY) ||
	    (int32_t)((uint32_t)now_ms - leg->rx_old_until_ms) < 0)
		return;
	mail = mail_new(sessions, MAIL_LEG, session, number);
	if (!mail)
		return; /* the next turn is soon */
	if (leg_keys_needed(&mail->terms.rx, &none)) {
		record = pool_take(sessions->keys);
		if (!record) {
			mail_drop(sessions, mail);
			return;
		}
		record->rx = mail->terms.rx;
	}
	mail->parts = MAIL_RX_OLD;
	for (unsigned i = 0; i < mail->terms.rx_old.count; i++)
		mail_retire(mail, mail->terms.rx_old.context[i]);
	mail->terms.rx_old = none;
	mail->retired_keys = mail->terms.keys;
	mail->terms.keys = record;
	leg->flags &= (uint8_t)~SESSION_LEG_OLD_KEY;
	mail_send(sessions, session->media.worker, mail);
}

static void auth_watch(struct sessions *sessions, struct session *session, unsigned number)
{
	struct session_leg *leg = &session->leg[number];
	uint16_t failures = (uint16_t)session_drops(session, number, SLUICE_DROP_AUTH);
	/* below 0 while the worker's word has wrapped and its carry is still on the way */
	int16_t more = (int16_t)(failures - leg->auth_failures);
	struct sluice_event event = {.session = session->media.session,
				     .leg = (uint8_t)number,
				     .type = SLUICE_EVENT_AUTH_FAILURES,
				     .value = (uint16_t)more};

	if (more <= 0)
		return;
	leg->auth_failures = failures;
	event_send(sessions, &event);
}

static void watch(struct sessions *sessions, uint64_t now_ms)
{
	bool second = now_ms - sessions->second_ms >= 1000;

	if (second)
		sessions->second_ms = now_ms;
	for (uint32_t i = 0; i < sessions->count; i++) {
		struct session *session = sessions->all[i];

		for (unsigned leg = 0; leg < 2; leg++) {
			silence_watch(sessions, session, leg, now_ms);
			total_silence_watch(sessions, session, leg, now_ms);
			old_key_expire(sessions, session, leg, now_ms);
			if (second)
				auth_watch(sessions, session, leg);
		}
		if (second &&
		    (session->leg[0].flags | session->leg[1].flags) & SESSION_LEG_UNRESOLVED)
			session_paths_renew(sessions, session);
	}
}

/*
 * A slice of all sessions, so that each gets its turn every RENEW_EVERY_S; faster while the kernel
 * said that something changed. Asking keeps the kernel's neighbour entry in use, too: it does not
 * see our packets.
 */
static void paths_renew(struct sessions *sessions)
{
	uint32_t slice = sessions->count / (RENEW_EVERY_S * TICKS_PER_S) + 1;

	/* all there are now: more may have come since the change was told, behind those it is about
	 */
	if (sessions->stale_left > sessions->count)
		sessions->stale_left = sessions->count;
	if (sessions->stale_left) {
		slice =
		    sessions->stale_left < STALE_PER_TICK ? sessions->stale_left : STALE_PER_TICK;
		sessions->stale_left -= slice;
	}
	for (uint32_t i = 0; i < slice && i < sessions->count; i++) {
		if (sessions->renew_next >= sessions->count)
			sessions->renew_next = 0;
		session_paths_renew(sessions, sessions->all[sessions->renew_next++]);
	}
}

void sessions_paths_stale(struct sessions *sessions)
{
	sessions->stale_left = UINT32_MAX;
}

void sessions_tick(struct sessions *sessions)
{
	uint64_t now_ms = clock_ms();

	mail_collect(sessions);
	events_run(sessions);
	paths_renew(sessions);
	if (now_ms - sessions->watched_ms < WATCH_EVERY_MS)
		return;
	sessions->watched_ms = now_ms;
	captures_watch(sessions);
	watch(sessions, now_ms);
}
