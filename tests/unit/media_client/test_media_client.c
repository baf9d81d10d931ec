/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client of the media API against a data plane that comes, goes, and comes again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../clock.h"
#include "../patience.h"
#include "fake_dataplane.h"
#include "main/log.h"
#include "media/internal.h"
#include "media/media.h"

#define FLOOD_MOST 20000U

struct call { /* what a user of a session hears */
	struct media_session *session;
	int status;
	unsigned opened, sets, closed;
	int set_status;
	uint64_t received; /* of CLOSE; UINT64_MAX: counters lost */
	struct sluice_addr local[2];
};

struct flood { /* something that every turn of the loop finds ready, and that asks the data plane
		  each time */
	uv_poll_t ready;
	int fd; /* -1: there is none */
	unsigned asked, answered;
};

/*
 * All that the client knows of lies here: a test that fails leaves its own stack, and what is still
 * under way is answered after that.
 */
struct fixture {
	char path[64];
	uv_loop_t loop;
	struct media *media;
	struct fake_dataplane *fake;
	unsigned ups, downs, events, losts;
	bool restored;
	void *event_user, *lost_user;
	struct call call, other;
	int answer; /* of a question; 1: none yet */
	struct flood flood;
};

static void up(void *user, bool restored)
{
	struct fixture *f = user;

	f->ups++;
	f->restored = restored;
}

static void down(void *user)
{
	((struct fixture *)user)->downs++;
}

static void event(void *user, void *session_user, const struct sluice_event *event)
{
	struct fixture *f = user;

	(void)event;
	f->events++;
	f->event_user = session_user;
}

static void lost(void *user, void *session_user, const char *reason)
{
	struct fixture *f = user;

	assert_non_null(reason);
	f->losts++;
	f->lost_user = session_user;
}

static const struct media_ops ops = {.up = up, .down = down, .event = event, .lost = lost};

static void opened(void *user, int status, const struct sluice_addr local[2])
{
	struct call *call = user;

	call->opened++;
	call->status = status;
	memcpy(call->local, local, sizeof(call->local));
}

static void was_set(void *user, int status)
{
	struct call *call = user;

	call->sets++;
	call->set_status = status;
}

static void closed(void *user, const struct sluice_session_info *info)
{
	struct call *call = user;

	call->closed++;
	call->received = info ? info->leg[0].counters.received : UINT64_MAX;
}

/* A millisecond of the clock, in a quarter of one where nobody is in the way. */
static void turn(struct fixture *f)
{
	uv_run(&f->loop, UV_RUN_NOWAIT);
	usleep(200);
	clock_pass_ms(1);
}

/* Runs the loop until the condition holds; the test fails when it does not within patience_ms(). */
#define RUN_UNTIL(f, condition)                                      \
	do {                                                         \
		uint64_t until = clock_outside_ms() + patience_ms(); \
		while (!(condition) && clock_outside_ms() < until)   \
			turn(f);                                     \
		assert_true(condition);                              \
	} while (0)

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	log_set_level(LOG_LEVEL_ERROR);
	snprintf(f->path, sizeof(f->path), "/tmp/sluice-media-test-%d.sock", (int)getpid());
	assert_int_equal(uv_loop_init(&f->loop), 0);
	f->flood.fd = -1;
	f->answer = 1;
	f->fake = fake_start(f->path, 1);
	assert_int_equal(media_open(&f->media, &f->loop, f->path, &ops, f), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	media_close(f->media);
	if (f->flood.fd >= 0)
		uv_close((uv_handle_t *)&f->flood.ready, NULL);
	RUN_UNTIL(f, !uv_loop_alive(&f->loop));
	assert_int_equal(uv_loop_close(&f->loop), 0);
	if (f->flood.fd >= 0)
		close(f->flood.fd);
	if (f->fake)
		fake_stop(f->fake);
	free(f);
	return 0;
}

static void open_call(struct fixture *f, struct call *call)
{
	const char *interface[2] = {"voice", "voice"};
	const uint8_t family[2] = {4, 4};

	*call = (struct call){0};
	assert_int_equal(
	    media_session_open(f->media, &call->session, interface, family, opened, call), 0);
	RUN_UNTIL(f, call->opened);
}

static void set_leg(struct call *call, uint8_t leg, uint32_t mask, uint8_t fill)
{
	struct sluice_set set = {.leg = leg, .mask = mask, .dscp = 46};

	set.tx.suite = 1;
	set.tx.key_len = 30;
	memset(set.tx.key, fill, 30);
	set.remote_rtp = (struct sluice_addr){.family = 4, .port = (uint16_t)(4000 + fill)};
	assert_int_equal(media_session_set(call->session, &set, was_set), 0);
}

static void a_session_is_opened_set_and_closed(void **state)
{
	struct fixture *f = *state;
	struct fake_session session;
	struct call *call = &f->call;
	uint64_t id;

	RUN_UNTIL(f, f->ups == 1);
	assert_false(f->restored);
	open_call(f, call);
	assert_int_equal(call->status, 0);
	assert_int_equal(call->local[1].port, 20002);
	set_leg(call, 1, SLUICE_SET_TX_KEY | SLUICE_SET_DSCP, 9);
	RUN_UNTIL(f, call->sets == 1);
	id = media_session_id(call->session);
	assert_true(fake_get(f->fake, id, &session));
	assert_int_equal(session.leg[1].tx.key[29], 9);
	assert_int_equal(session.leg[1].mask, SLUICE_SET_TX_KEY | SLUICE_SET_DSCP);
	media_session_close(call->session, closed, call);
	RUN_UNTIL(f, call->closed == 1);
	assert_int_equal(call->received, 7);
	assert_int_equal(fake_count(f->fake), 0);
}

/* Whatever is in a SET, bits of the future too: no field of a leg may get lost on the way. */
static void every_field_of_a_set_reaches_the_data_plane(void **state)
{
	struct fixture *f = *state;
	struct fake_session session;
	struct sluice_set set;
	struct call *call = &f->call;

	RUN_UNTIL(f, f->ups == 1);
	open_call(f, call);
	memset(&set, 0x5a, sizeof(set));
	set.leg = 1;
	set.mask = SLUICE_SET_ALL;
	memset(set.pad, 0, sizeof(set.pad));
	assert_int_equal(media_session_set(call->session, &set, was_set), 0);
	RUN_UNTIL(f, call->sets == 1);
	set.session = media_session_id(call->session);
	assert_true(fake_get(f->fake, set.session, &session));
	assert_memory_equal(&session.leg[1], &set, sizeof(set));
	media_session_close(call->session, closed, call);
	RUN_UNTIL(f, call->closed == 1);
}

static void a_restarted_data_plane_gets_everything_back_on_the_same_ports(void **state)
{
	struct fixture *f = *state;
	struct fake_session session;
	struct call *first = &f->other, *second = &f->call;

	RUN_UNTIL(f, f->ups == 1);
	open_call(f, first);
	open_call(f, second);
	set_leg(first, 0, SLUICE_SET_REMOTE, 1);
	set_leg(second, 0, SLUICE_SET_REMOTE | SLUICE_SET_TX_KEY, 2);
	set_leg(second, 1, SLUICE_SET_TX_KEY, 3);
	set_leg(second, 1, SLUICE_SET_REMOTE, 4);
	RUN_UNTIL(f, second->sets == 3);
	media_session_close(first->session, NULL,
			    NULL); /* its ports are free: new ones would differ */
	fake_stop(f->fake);
	RUN_UNTIL(f, f->downs == 1);
	assert_false(media_is_up(f->media));
	f->fake = fake_start(f->path, 2);
	RUN_UNTIL(f, f->ups == 2);
	assert_true(f->restored);
	assert_true(fake_get(f->fake, media_session_id(second->session), &session));
	assert_memory_equal(session.local, second->local, sizeof(second->local));
	assert_int_equal(session.local[0].port, 20004);
	assert_int_equal(session.set_mask[0], SLUICE_SET_REMOTE | SLUICE_SET_TX_KEY);
	assert_int_equal(session.set_mask[1], SLUICE_SET_REMOTE | SLUICE_SET_TX_KEY);
	assert_int_equal(session.leg[0].tx.key[0], 2);
	assert_int_equal(session.leg[1].tx.key[0], 3);
	assert_int_equal(session.leg[1].remote_rtp.port, 4004);
	assert_int_equal(fake_count(f->fake), 1);
	assert_int_equal(f->losts, 0);
}

static void a_restarted_data_plane_is_told_how_far_each_key_was_used(void **state)
{
	const struct sluice_position position = {
	    .rtp_next = 3ULL << 16 | 77, .rtcp_next = 9, .ssrc = 0x1234};
	struct fixture *f = *state;
	struct fake_session session;
	struct call *call = &f->call;
	unsigned asked;

	RUN_UNTIL(f, f->ups == 1);
	open_call(f, call);
	set_leg(call, 0, SLUICE_SET_TX_KEY, 2);
	RUN_UNTIL(f, call->sets == 1);
	fake_position(f->fake, media_session_id(call->session), &position);
	asked = fake_requests(f->fake);
	for (unsigned turn = 0; turn < MEDIA_POSITION_TURNS; turn++)
		media_position_watch(f->media);
	RUN_UNTIL(f, call->session->wanted[0].tx.resume.rtp_next == position.rtp_next);
	assert_int_equal(fake_requests(f->fake), asked + 1); /* once in all turns */
	set_leg(call, 0, SLUICE_SET_TX_KEY, 2); /* the same key said again, as a re-INVITE does */
	RUN_UNTIL(f, call->sets == 2);
	fake_stop(f->fake);
	RUN_UNTIL(f, f->downs == 1);
	f->fake = fake_start(f->path, 2);
	RUN_UNTIL(f, f->ups == 2);
	assert_true(fake_get(f->fake, media_session_id(call->session), &session));
	assert_int_equal(session.leg[0].tx.resume.ssrc, position.ssrc);
	/* both leap over what may have been sent since: test_position.c */
	assert_true(session.leg[0].tx.resume.rtp_next > position.rtp_next);
	assert_true(session.leg[0].tx.resume.rtp_next < position.rtp_next + 8192);
	assert_in_range(session.leg[0].tx.resume.rtcp_next, 1009, 100000);
	assert_int_equal(session.leg[0].tx.resume_of, SLUICE_RESUME_SOURCE);
}

static void a_new_key_has_nothing_to_resume(void **state)
{
	const struct sluice_position position = {.rtp_next = 77, .ssrc = 0x1234};
	struct fixture *f = *state;
	struct fake_session session;
	struct call *call = &f->call;
	unsigned asked;

	RUN_UNTIL(f, f->ups == 1);
	open_call(f, call);
	set_leg(call, 0, SLUICE_SET_TX_KEY, 2);
	RUN_UNTIL(f, call->sets == 1);
	fake_position(f->fake, media_session_id(call->session), &position);
	asked = fake_requests(f->fake);
	for (unsigned turn = 0; turn < MEDIA_POSITION_TURNS; turn++)
		media_position_watch(f->media);
	RUN_UNTIL(f, call->session->wanted[0].tx.resume.rtp_next == position.rtp_next);
	assert_int_equal(fake_requests(f->fake), asked + 1); /* once in all turns */
	set_leg(call, 0, SLUICE_SET_TX_KEY, 3);
	RUN_UNTIL(f, call->sets == 2);
	assert_true(fake_get(f->fake, media_session_id(call->session), &session));
	assert_true(session.leg[0].tx.resume.rtp_next == 0);
}

static void a_broken_connection_alone_changes_nothing_in_the_data_plane(void **state)
{
	struct fixture *f = *state;
	struct fake_session session;
	struct call *call = &f->call;

	RUN_UNTIL(f, f->ups == 1);
	open_call(f, call);
	set_leg(call, 0, SLUICE_SET_REMOTE, 1);
	RUN_UNTIL(f, call->sets == 1);
	fake_disconnect(f->fake);
	RUN_UNTIL(f, f->downs == 1);
	RUN_UNTIL(f, f->ups == 2);
	assert_false(f->restored);
	assert_true(fake_get(f->fake, media_session_id(call->session), &session));
	assert_int_equal(session.sets,
			 1); /* not set again: a key set twice could reset its context */
}

static void what_is_set_while_the_data_plane_is_away_is_installed_when_it_is_back(void **state)
{
	struct fixture *f = *state;
	struct fake_session session;
	struct call *call = &f->call, *gone = &f->other;

	RUN_UNTIL(f, f->ups == 1);
	open_call(f, call);
	open_call(f, gone);
	fake_disconnect(f->fake);
	RUN_UNTIL(f, f->downs == 1);
	set_leg(call, 0, SLUICE_SET_DSCP, 1);
	assert_int_equal(call->set_status, -ENOTCONN);
	media_session_close(gone->session, closed, gone);
	assert_int_equal(gone->closed, 1);
	RUN_UNTIL(f, f->ups == 2);
	assert_true(fake_get(f->fake, media_session_id(call->session), &session));
	assert_int_equal(session.set_mask[0], SLUICE_SET_DSCP);
}

static void silent_sessions_of_an_earlier_run_are_closed_and_younger_ones_are_not(void **state)
{
	struct fixture *f = *state;
	struct fake_session session;

	RUN_UNTIL(f, f->ups == 1);
	fake_add(f->fake, 77, 3600000, 60000);
	for (uint64_t id = 1000; id < 1000 + 2 * SLUICE_LIST_MAX; id++)
		fake_add(f->fake, id, 3600000, UINT64_MAX); /* more than a page */
	fake_add(f->fake, 78, 0, UINT64_MAX);
	fake_disconnect(f->fake);
	RUN_UNTIL(f, f->ups == 2);
	RUN_UNTIL(f, fake_count(f->fake) == 1);
	assert_true(fake_get(f->fake, 78, &session));
	assert_false(fake_get(f->fake, 77, &session));
}

static void a_session_of_an_earlier_run_lives_while_somebody_speaks_in_it(void **state)
{
	struct fixture *f = *state;
	struct fake_session session;

	RUN_UNTIL(f, f->ups == 1);
	fake_add(f->fake, 77, 3600000, 20);
	fake_disconnect(f->fake);
	RUN_UNTIL(f, f->ups == 2);
	for (unsigned ms = 0; ms < MEDIA_STRANGER_WATCH_MS + 2 * MEDIA_WATCH_MS; ms++)
		turn(f);
	assert_true(fake_get(f->fake, 77, &session));
	fake_add(f->fake, 77, 3600000, MEDIA_STRANGER_SILENT_MS);
	RUN_UNTIL(f, fake_count(f->fake) == 0);
}

static void a_session_that_cannot_be_put_back_is_lost_and_said_so_once(void **state)
{
	struct fixture *f = *state;
	struct call *call = &f->call;

	RUN_UNTIL(f, f->ups == 1);
	open_call(f, call);
	set_leg(call, 0, SLUICE_SET_DSCP, 1);
	set_leg(call, 1, SLUICE_SET_DSCP, 1);
	RUN_UNTIL(f, call->sets == 2);
	fake_stop(f->fake);
	RUN_UNTIL(f, f->downs == 1);
	f->fake = fake_start(f->path, 2);
	fake_refuse(f->fake, -EADDRINUSE, 0);
	RUN_UNTIL(f, f->losts == 1);
	assert_ptr_equal(f->lost_user, call);
	RUN_UNTIL(f, f->ups == 2);
	assert_int_equal(f->losts, 1);
	media_session_close(call->session, closed, call);
	assert_int_equal(call->closed, 1);
	assert_int_equal(call->received, UINT64_MAX);
}

static void a_full_data_plane_says_so(void **state)
{
	struct fixture *f = *state;
	struct call *call = &f->call;

	RUN_UNTIL(f, f->ups == 1);
	fake_refuse(f->fake, -ENOSPC, 0);
	open_call(f, call);
	assert_int_equal(call->status, -ENOSPC);
	media_session_close(call->session, NULL, NULL);
	fake_refuse(f->fake, 0, -ENOTSUP);
	open_call(f, call);
	set_leg(call, 0, SLUICE_SET_TX_KEY, 1);
	RUN_UNTIL(f, call->sets == 1);
	assert_int_equal(call->set_status, -ENOTSUP);
}

static void answered(void *user, int status, const void *reply, size_t length)
{
	(void)reply;
	(void)length;
	((struct fixture *)user)->answer = status;
}

static void without_a_data_plane_opens_and_questions_fail_at_once(void **state)
{
	struct fixture *f = *state;
	const char *interface[2] = {"voice", "voice"};
	const uint8_t family[2] = {4, 4};
	struct media_session *session;

	assert_int_equal(media_session_open(f->media, &session, interface, family, opened, NULL),
			 -ENOTCONN);
	assert_int_equal(media_ask(f->media, SLUICE_STATS, NULL, 0, answered, f), 0);
	assert_int_equal(f->answer, -ENOTCONN);
	RUN_UNTIL(f, f->ups == 1);
	assert_int_equal(media_ask(f->media, SLUICE_STATS, NULL, 0, answered, f), 0);
	RUN_UNTIL(f, f->answer == 0);
}

static void a_name_that_does_not_fit_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *interface[2] = {"voice", "a-name-of-sixteen"};
	const uint8_t family[2] = {4, 4};
	struct media_session *session;

	assert_int_equal(media_session_open(f->media, &session, interface, family, opened, NULL),
			 -EINVAL);
}

static void an_event_reaches_the_user_of_its_session(void **state)
{
	struct fixture *f = *state;
	struct call *call = &f->call;

	RUN_UNTIL(f, f->ups == 1);
	open_call(f, call);
	fake_event(f->fake, 12345); /* nobody's */
	fake_event(f->fake, media_session_id(call->session));
	RUN_UNTIL(f, f->events == 1);
	assert_ptr_equal(f->event_user, call);
}

static void what_is_under_way_when_the_connection_breaks_is_answered(void **state)
{
	struct fixture *f = *state;
	struct call *call = &f->call;
	const char *interface[2] = {"voice", "voice"};
	const uint8_t family[2] = {4, 4};

	RUN_UNTIL(f, f->ups == 1);
	fake_be_silent(f->fake, true);
	assert_int_equal(
	    media_session_open(f->media, &call->session, interface, family, opened, call), 0);
	set_leg(call, 0, SLUICE_SET_DSCP, 1);
	media_ask(f->media, SLUICE_STATS, NULL, 0, answered, f);
	fake_disconnect(f->fake);
	RUN_UNTIL(f, call->opened == 1 && call->sets == 1 && f->answer != 1);
	assert_int_equal(call->status, -ENOTCONN);
	assert_int_equal(f->answer, -ENOTCONN);
	media_session_close(call->session, NULL, NULL);
	fake_be_silent(f->fake, false);
	RUN_UNTIL(f, f->ups == 2);
}

static void a_session_closed_before_its_answers_hears_nothing_more(void **state)
{
	struct fixture *f = *state;
	struct call *call = &f->call;
	const char *interface[2] = {"voice", "voice"};
	const uint8_t family[2] = {4, 4};

	RUN_UNTIL(f, f->ups == 1);
	assert_int_equal(
	    media_session_open(f->media, &call->session, interface, family, opened, call), 0);
	set_leg(call, 0, SLUICE_SET_DSCP, 1);
	media_session_close(call->session, closed, call);
	RUN_UNTIL(f, call->closed == 1);
	assert_int_equal(call->opened + call->sets, 0);
	assert_int_equal(fake_count(f->fake), 0);
}

static void count_answer(void *user, int status, const void *reply, size_t length)
{
	struct fixture *f = user;

	(void)reply;
	(void)length;
	f->flood.answered += status == 0;
}

static void ask_once(uv_poll_t *poll, int status, int events)
{
	struct fixture *f = poll->data;

	assert_int_equal(status, 0);
	assert_int_equal(events, UV_READABLE);
	if (f->flood.asked++ < FLOOD_MOST)
		assert_int_equal(media_ask(f->media, SLUICE_STATS, NULL, 0, count_answer, f), 0);
}

static void answers_are_read_while_each_turn_of_the_loop_asks_more(void **state)
{
	struct fixture *f = *state;
	struct flood *flood = &f->flood;
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_true(fd >= 0);
	RUN_UNTIL(f, f->ups == 1);
	assert_int_equal(uv_poll_init(&f->loop, &flood->ready, fd), 0);
	flood->fd = fd;
	uv_unref((uv_handle_t *)&flood->ready);
	flood->ready.data = f;
	assert_int_equal(uv_poll_start(&flood->ready, UV_READABLE, ask_once), 0);
	for (unsigned turns = 0; flood->asked < FLOOD_MOST && turns < 2 * FLOOD_MOST; turns++) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		if (flood->answered < 100) /* so that the data plane has a chance to answer */
			usleep(100);
	}
	assert_true(flood->answered >= 100); /* while it lasted, not when it was over */
	RUN_UNTIL(f, flood->answered == FLOOD_MOST);
}

#define MEDIA_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    MEDIA_TEST(a_session_is_opened_set_and_closed),
	    MEDIA_TEST(every_field_of_a_set_reaches_the_data_plane),
	    MEDIA_TEST(a_restarted_data_plane_gets_everything_back_on_the_same_ports),
	    MEDIA_TEST(a_restarted_data_plane_is_told_how_far_each_key_was_used),
	    MEDIA_TEST(a_new_key_has_nothing_to_resume),
	    MEDIA_TEST(a_broken_connection_alone_changes_nothing_in_the_data_plane),
	    MEDIA_TEST(what_is_set_while_the_data_plane_is_away_is_installed_when_it_is_back),
	    MEDIA_TEST(silent_sessions_of_an_earlier_run_are_closed_and_younger_ones_are_not),
	    MEDIA_TEST(a_session_of_an_earlier_run_lives_while_somebody_speaks_in_it),
	    MEDIA_TEST(a_session_that_cannot_be_put_back_is_lost_and_said_so_once),
	    MEDIA_TEST(a_full_data_plane_says_so),
	    MEDIA_TEST(without_a_data_plane_opens_and_questions_fail_at_once),
	    MEDIA_TEST(a_name_that_does_not_fit_is_refused),
	    MEDIA_TEST(an_event_reaches_the_user_of_its_session),
	    MEDIA_TEST(what_is_under_way_when_the_connection_breaks_is_answered),
	    MEDIA_TEST(a_session_closed_before_its_answers_hears_nothing_more),
	    MEDIA_TEST(answers_are_read_while_each_turn_of_the_loop_asks_more),
	};

	return cmocka_run_group_tests_name("media client", tests, NULL, NULL);
}
