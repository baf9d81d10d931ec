/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where our keys go on after a restart of the data plane, by what is known of them, as stories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "media/difference.h"
#include "media/internal.h"

#define SSRC 0x1234U
#define SECOND 1000U
#define PPS 150U /* let through; of a usual call there come 50 */
#define DEAD (UINT64_C(1) << 48)
#define INDEX(roc, sequence) ((uint64_t)(roc) << 16 | (sequence))

enum happening {
	NOTHING, /* the end of a story */
	KEY,     /* a SET with the key of that number */
	KEPT,    /* the same while the data plane is away */
	LOOK,    /* shows number of that source */
	SILENT,  /* a look: nothing was sent */
	UNSURE,  /* a look that cannot tell now, though something was sent */
	RESTART, /* number: the least that is sound; at most: what a peer follows */
	FRESH,   /* a restart after which the key begins as a fresh one */
};

struct step {
	enum happening what;
	unsigned after_ms; /* the step before */
	uint64_t number, most;
	enum sluice_resume resume_of;
};

struct story {
	const char *what;
	uint32_t rate_pps;
	struct step steps[9];
};

#define STEP(what, after_ms, number, most, resume_of)   \
	{                                               \
		what, after_ms, number, most, resume_of \
	}
#define ANY SLUICE_RESUME_ANY
#define SOURCE SLUICE_RESUME_SOURCE
/* What is used at the age of s seconds at most; and how far a peer that heard little follows. */
#define JUMP (SLUICE_JUMP_MAX - 1) /* of the source, once */
#define USED(s) (SLUICE_FIRST_INDEX_MAX + 1 + PPS * (s) + JUMP)
#define FOLLOWS(low) ((low) + 0x7fff)

static const struct story stories[] = {
    {"never looked at, after 3 s",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(RESTART, 3 * SECOND, USED(3), FOLLOWS(100), ANY)}},
    {"never looked at, at once",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(RESTART, 0, USED(0), FOLLOWS(100), ANY)}},
    {"a minute without a look",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(RESTART, 60 * SECOND, USED(60), FOLLOWS(100), ANY)}},
    {"too long without a look",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(RESTART, 200 * SECOND, DEAD, DEAD, SOURCE)}},
    {"looked at while young: whoever speaks",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(LOOK, 5 * SECOND, 700, 0, SOURCE),
      STEP(RESTART, 9 * SECOND, USED(14), FOLLOWS(700), ANY)}},
    {"9 s after a look of an older call",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(LOOK, 16 * SECOND, 1500, 0, SOURCE),
      STEP(RESTART, 9 * SECOND, 1500 + PPS * 9 + JUMP, FOLLOWS(1500), SOURCE)}},
    {"two wraps later",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(LOOK, 3000 * SECOND, INDEX(2, 65000), 0, SOURCE),
      STEP(RESTART, 10 * SECOND, INDEX(2, 65000) + PPS * 10 + JUMP, FOLLOWS(INDEX(2, 65000)),
	   SOURCE)}},
    {"the last look long ago",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(LOOK, 30 * SECOND, 1500, 0, SOURCE),
      STEP(RESTART, 200 * SECOND, DEAD, DEAD, SOURCE)}},
    {"a faster peer",
     1050,
     {STEP(KEY, 0, 1, 0, SOURCE),
      STEP(RESTART, 3 * SECOND, 1024 + 3150 + JUMP, FOLLOWS(100), ANY)}},
    {"no limit was said",
     0,
     {STEP(KEY, 0, 1, 0, SOURCE),
      STEP(RESTART, 3 * SECOND, 1024 + 1200 + JUMP, FOLLOWS(100), ANY)}},
    {"rang for a minute, then spoke for 3 s",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(SILENT, 60 * SECOND, 0, 0, SOURCE),
      STEP(RESTART, 3 * SECOND, USED(3), 8192, ANY)}},
    {"a look that cannot tell is none",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(UNSURE, 60 * SECOND, 0, 0, SOURCE),
      STEP(RESTART, 3 * SECOND, USED(63), FOLLOWS(100), ANY)}},
    {"two restarts, never looked at",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(RESTART, 3 * SECOND, USED(3), FOLLOWS(100), ANY),
      STEP(RESTART, 3 * SECOND, USED(6), FOLLOWS(100), ANY)}},
    {"two restarts of an older call",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(LOOK, 60 * SECOND, 4000, 0, SOURCE),
      STEP(RESTART, 5 * SECOND, 4000 + PPS * 5 + JUMP, FOLLOWS(4000), SOURCE),
      STEP(RESTART, 5 * SECOND, 4000 + PPS * 10 + JUMP, FOLLOWS(4000), SOURCE)}},
    {"looked at after a restart",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(RESTART, 3 * SECOND, USED(3), FOLLOWS(100), ANY),
      STEP(LOOK, 60 * SECOND, 5000, 0, SOURCE),
      STEP(RESTART, 5 * SECOND, 5000 + PPS * 5 + JUMP, FOLLOWS(5000), SOURCE)}},
    {"the same key said again changes nothing",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(KEY, 3 * SECOND, 1, 0, SOURCE),
      STEP(RESTART, 3 * SECOND, USED(6), FOLLOWS(100), ANY)}},
    {"another key, not seen in use: where it began is not known",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(LOOK, 60 * SECOND, 4000, 0, SOURCE),
      STEP(KEY, SECOND, 2, 0, SOURCE), STEP(RESTART, SECOND, DEAD, DEAD, SOURCE)}},
    {"another key, seen in use",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(LOOK, 60 * SECOND, 4000, 0, SOURCE),
      STEP(KEY, SECOND, 2, 0, SOURCE), STEP(LOOK, SECOND, 4100, 0, SOURCE),
      STEP(RESTART, 5 * SECOND, 4100 + PPS * 5 + JUMP, FOLLOWS(4100), SOURCE)}},
    {"a key that no data plane had is fresh",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(LOOK, 60 * SECOND, 4000, 0, SOURCE),
      STEP(KEPT, SECOND, 2, 0, SOURCE), STEP(FRESH, 60 * SECOND, 0, 0, SOURCE)}},
    {"and has an age from then on",
     PPS,
     {STEP(KEPT, 0, 1, 0, SOURCE), STEP(FRESH, 600 * SECOND, 0, 0, SOURCE),
      STEP(RESTART, 3 * SECOND, USED(3), 8192, ANY)}},
    {"nobody knows: so it stays",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(RESTART, 200 * SECOND, DEAD, DEAD, SOURCE),
      STEP(RESTART, SECOND, DEAD, DEAD, SOURCE)}},
    {"numbers that ran faster than any peer's",
     PPS,
     {STEP(KEY, 0, 1, 0, SOURCE), STEP(LOOK, 5 * SECOND, 60000, 0, SOURCE),
      STEP(RESTART, 5 * SECOND, 60000 + PPS * 5 + JUMP, FOLLOWS(60000), SOURCE)}},
};

struct world {
	uv_loop_t loop;
	struct media media;
	struct media_session session;
};

static void set_key(struct world *world, uint64_t number, bool away, uint32_t rate_pps)
{
	struct sluice_set set = {.mask = SLUICE_SET_TX_KEY, .tx = {.suite = 1, .key_len = 30}};
	struct sluice_set other = {.leg = 1, .mask = SLUICE_SET_RATE, .rate_pps = rate_pps};

	set.tx.key[0] = (uint8_t)number;
	media_position_set(&world->session, &other);
	media_position_set(&world->session, &set);
	if (!media_key_same(&world->session.wanted[0].tx, &set.tx))
		world->session.wanted[0].tx = set.tx;
	if (!away)
		world->session.use[0].kept = false;
}

static void look(struct world *world, const struct step *step)
{
	struct sluice_session_info info = {0};

	info.leg[0].counters.sent = step->what != SILENT;
	if (step->what == LOOK)
		info.leg[0].tx_position = (struct sluice_position){
		    .rtp_next = step->number, .rtcp_next = 5, .ssrc = SSRC};
	media_position_heard(&world->session, &info, uv_now(&world->loop));
}

static void restart(struct world *world, const struct step *step, const char *what)
{
	const struct sluice_key *key = &world->session.wanted[0].tx;
	uint32_t rtcp_before = key->resume.rtcp_next;

	media_position_resume(&world->session);
	world->session.use[0].kept = false;
	if (step->what == FRESH) {
		if (key->resume.rtp_next || key->resume.rtcp_next)
			fail_msg("%s: not as a fresh one", what);
		return;
	}
	if (key->resume_of != step->resume_of || key->resume.rtp_next < step->number ||
	    key->resume.rtp_next > step->most)
		fail_msg("%s: %s goes on at %llu", what, key->resume_of ? "any" : "one source",
			 (unsigned long long)key->resume.rtp_next);
	if (step->number == DEAD)
		assert_int_equal(key->resume.rtcp_next, UINT32_C(1) << 31);
	else
		assert_true(key->resume.rtcp_next > rtcp_before + 1000);
}

static void each_key_goes_on_as_its_story_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct world world = {.loop.time = 1000000};

		world.media.loop = &world.loop;
		world.session.media = &world.media;
		for (const struct step *step = stories[i].steps; step->what != NOTHING; step++) {
			world.loop.time += step->after_ms;
			if (step->what == KEY || step->what == KEPT)
				set_key(&world, step->number, step->what == KEPT,
					stories[i].rate_pps);
			else if (step->what == RESTART || step->what == FRESH)
				restart(&world, step, stories[i].what);
			else
				look(&world, step);
		}
	}
}

/* Many crashes in a row: the leaps do not grow out of what the peer follows while calls speak. */
static void a_data_plane_that_crashes_every_ten_seconds_keeps_its_calls(void **state)
{
	struct world world = {.loop.time = 1000000};
	struct sluice_key *key = &world.session.wanted[0].tx;
	uint64_t heard = 100;

	(void)state;
	world.media.loop = &world.loop;
	world.session.media = &world.media;
	set_key(&world, 1, false, PPS);
	for (unsigned i = 0; i < 100; i++) {
		world.loop.time += 10 * SECOND;
		media_position_resume(&world.session);
		assert_true(key->resume.rtp_next > heard && key->resume.rtp_next < heard + 0x8000);
		heard = key->resume.rtp_next + 500;
		if (i % 2)
			continue;
		look(&world, &(struct step){.what = LOOK, .number = heard});
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_key_goes_on_as_its_story_says),
	    cmocka_unit_test(a_data_plane_that_crashes_every_ten_seconds_keeps_its_calls),
	};

	return cmocka_run_group_tests_name("positions of keys", tests, NULL, NULL);
}
