/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world as the client of the media API, and the data plane behind it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "media/difference.h"
#include "private.h"

/* ---- media ---- */

bool media_is_up(const struct media *media)
{
	return ((const struct world *)media)->media_up;
}

const struct sluice_hello_reply *media_hello(const struct media *media)
{
	return &((const struct world *)media)->hello;
}

int media_session_open(struct media *media, struct media_session **session,
		       const char *interface[2], const uint8_t family[2],
		       void (*opened)(void *session_user, int status,
				      const struct sluice_addr local[2]),
		       void *session_user)
{
	struct world *world = (struct world *)media;
	struct fake_session *fake = &world->session[world->sessions];

	assert_true(world->sessions < MEDIA_CALLS);
	for (unsigned i = 0; i < 2; i++)
		assert_true(family[i] == 4 || family[i] == 6);
	*fake =
	    (struct fake_session){.id = ++world->sessions, .user = session_user, .opened = opened};
	snprintf(fake->interface[0], sizeof(fake->interface[0]), "%s", interface[0]);
	snprintf(fake->interface[1], sizeof(fake->interface[1]), "%s", interface[1]);
	*session = (struct media_session *)fake;
	return 0;
}

void world_media_answers(struct world *world)
{
	struct sluice_addr local[2] = {
	    {.family = 4, .port = 20000, .ip = {198, 51, 100, 1}},
	    {.family = 4, .port = 20002, .ip = {198, 51, 100, 1}},
	};

	for (unsigned i = 0; i < world->sessions; i++) {
		struct fake_session *fake = &world->session[i];
		int status;

		if (fake->open || fake->closed || !fake->opened)
			continue;
		status = world->full && strcmp(fake->interface[1], world->full) == 0
			     ? -ENOSPC
			     : world->media_status;
		fake->open = status == 0;
		fake->closed = !fake->open;
		fake->opened(fake->user, status, local);
	}
}

int media_session_set(struct media_session *session, const struct sluice_set *set,
		      void (*done)(void *session_user, int status))
{
	struct fake_session *fake = (struct fake_session *)session;
	struct sluice_set *leg = &fake->leg[set->leg];

	(void)done;
	assert_true(fake->open && !fake->closed);
	*leg = *set; /* the b2bua always gives a whole description; mask says what is new */
	fake->sets[set->leg]++;
	fake->last_mask[set->leg] = set->mask;
	return 0;
}

void media_session_close(struct media_session *session,
			 void (*closed)(void *user, const struct sluice_session_info *info),
			 void *user)
{
	struct fake_session *fake = (struct fake_session *)session;

	if (!fake)
		return;
	fake->closed = true;
	fake->user = NULL;
	if (closed)
		closed(user, NULL);
}

uint32_t media_session_difference(const struct media_session *session, const struct sluice_set *set)
{
	const struct fake_session *fake = (const struct fake_session *)session;

	return fake->sets[set->leg] ? media_difference(set, &fake->leg[set->leg])
				    : (uint32_t)SLUICE_SET_ALL;
}

uint64_t media_session_id(const struct media_session *session)
{
	return ((const struct fake_session *)session)->id;
}

static int capture_answer(const void *body, size_t length,
			  void (*answer)(void *user, int status, const void *reply, size_t length),
			  void *user)
{
	struct world *world = world_now;
	struct sluice_capture_info info = {0};

	assert_int_equal(length, sizeof(world->captured));
	memcpy(&world->captured, body, length);
	info.session = world->captured.session;
	info.mode = world->captured.mode;
	if (world->capture_status)
		answer(user, world->capture_status, NULL, 0);
	else
		answer(user, 0, &info, sizeof(info));
	return 0;
}

int media_ask(struct media *media, enum sluice_type type, const void *body, size_t length,
	      void (*answer)(void *user, int status, const void *reply, size_t length), void *user)
{
	struct sluice_session_info info = {0};

	(void)media;
	if (type == SLUICE_CAPTURE)
		return capture_answer(body, length, answer, user);
	assert_int_equal(type, SLUICE_GET);
	info.leg[0].rx_suite = 1;
	info.leg[0].counters.received = 42;
	info.leg[0].counters.drops[SLUICE_DROP_REPLAY] = 3;
	answer(user, 0, &info, sizeof(info));
	return 0;
}

void world_media_event(struct world *world, unsigned session, unsigned leg,
		       enum sluice_event_type type)
{
	struct sluice_event event = {.type = type, .leg = (uint8_t)leg, .value = 30000};

	b2bua_media_ops.event(world->b2bua, world->session[session].user, &event);
}

void world_media_lost(struct world *world, unsigned session)
{
	b2bua_media_ops.lost(world->b2bua, world->session[session].user, "port taken");
}
