/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "media/latch.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define START_MS (UINT64_C(0xffffffff) - 1000) /* the clock passes 32 bits in every case */

#define ADDRESS(last, number)                                              \
	{                                                                  \
		.family = 4, .port = (number), .ip = { 192, 0, 2, (last) } \
	}

static const struct rtp_address agreed = ADDRESS(1, 4000);
static const struct rtp_address same_ip = ADDRESS(1, 4002);
static const struct rtp_address same_ip_2 = ADDRESS(1, 4004);
static const struct rtp_address other = ADDRESS(9, 4000);
static const struct rtp_address other_2 = ADDRESS(8, 4000);
static const struct rtp_address ipv6 = {.family = 6, .port = 4000, .ip = {192, 0, 2, 1}};
static const struct rtp_address none = {0};

#define REFUSED RTP_LATCH_REFUSED
#define ACCEPTED RTP_LATCH_ACCEPTED
#define CANDIDATE RTP_LATCH_CANDIDATE

/* Packets in their order; a candidate that passes (plain, or authenticated) is committed. */
struct packet {
	uint32_t after_ms;
	const struct rtp_address *source;
	bool passes;
	enum rtp_latch_verdict verdict;
};

struct latch_case {
	const char *what;
	enum rtp_latch_mode mode;
	enum rtp_latch_leg leg;
	const struct rtp_address *agreed;
	struct packet packets[6];
};

static const struct latch_case cases[] = {
    {"strict: nobody but the agreed source",
     RTP_LATCH_STRICT,
     RTP_LATCH_PLAIN,
     &agreed,
     {{0, &agreed, true, ACCEPTED},
      {1, &same_ip, true, REFUSED},
      {2, &other, true, REFUSED},
      {3, &ipv6, true, REFUSED},
      {9000, &agreed, true, ACCEPTED}}},
    {"strict SRTP: the same, and authentication moves nothing",
     RTP_LATCH_STRICT,
     RTP_LATCH_SRTP,
     &agreed,
     {{0, &same_ip, true, REFUSED}, {1, &other, true, REFUSED}, {2, &agreed, true, ACCEPTED}}},
    {"strict, no address agreed: nobody",
     RTP_LATCH_STRICT,
     RTP_LATCH_PLAIN,
     &none,
     {{0, &agreed, true, REFUSED}, {1, &none, true, REFUSED}}},
    {"address, plain: the first port latches, then no other",
     RTP_LATCH_ADDRESS,
     RTP_LATCH_PLAIN,
     &agreed,
     {{0, &other, true, REFUSED},
      {1, &same_ip, true, CANDIDATE},
      {2, &same_ip, true, ACCEPTED},
      {3, &same_ip_2, true, REFUSED},
      {4, &other, true, REFUSED}}},
    {"address, plain: the first port may come late",
     RTP_LATCH_ADDRESS,
     RTP_LATCH_PLAIN,
     &agreed,
     {{60000, &same_ip, true, CANDIDATE}, {60001, &same_ip, true, ACCEPTED}}},
    {"address, plain: the agreed source takes the leg back",
     RTP_LATCH_ADDRESS,
     RTP_LATCH_PLAIN,
     &agreed,
     {{0, &same_ip, true, CANDIDATE},
      {1, &agreed, true, CANDIDATE},
      {2, &agreed, true, ACCEPTED},
      {3, &same_ip, true, REFUSED}}},
    {"address, SRTP: an authenticated packet moves the port at any time",
     RTP_LATCH_ADDRESS,
     RTP_LATCH_SRTP,
     &agreed,
     {{0, &agreed, true, CANDIDATE},
      {1, &same_ip, false, CANDIDATE},
      {2, &agreed, true, ACCEPTED},
      {90000, &same_ip, true, CANDIDATE},
      {90001, &same_ip, true, ACCEPTED},
      {90002, &other, true, REFUSED}}},
    {"any, plain: the first in three seconds, then no other",
     RTP_LATCH_ANY,
     RTP_LATCH_PLAIN,
     &agreed,
     {{2900, &other, true, CANDIDATE},
      {2901, &other_2, true, REFUSED},
      {9000, &other, true, ACCEPTED},
      {9001, &same_ip, true, REFUSED}}},
    {"any, plain: three seconds and not one more",
     RTP_LATCH_ANY,
     RTP_LATCH_PLAIN,
     &agreed,
     {{3000, &other, false, CANDIDATE},
      {3001, &other, true, REFUSED},
      {3002, &agreed, true, CANDIDATE},
      {3003, &agreed, true, ACCEPTED}}},
    {"any, plain, no address agreed: the first in three seconds",
     RTP_LATCH_ANY,
     RTP_LATCH_PLAIN,
     &none,
     {{0, &none, true, REFUSED}, {1, &ipv6, true, CANDIDATE}, {2, &other, true, REFUSED}}},
    {"any, SRTP: only what is authenticated moves the leg",
     RTP_LATCH_ANY,
     RTP_LATCH_SRTP,
     &agreed,
     {{0, &other, false, CANDIDATE},
      {1, &other_2, true, CANDIDATE},
      {2, &other, false, CANDIDATE},
      {3, &other_2, true, ACCEPTED},
      {90000, &ipv6, true, CANDIDATE},
      {90001, &ipv6, true, ACCEPTED}}},
};

struct latched {
	struct rtp_latch latch;
	struct rtp_latch_rule rule;
};

static void latch_set(struct latched *latched, enum rtp_latch_mode mode, enum rtp_latch_leg leg,
		      const struct rtp_address *address, uint64_t now_ms)
{
	struct rtp_latch_rule rule = {
	    .agreed = *address, .mode = (uint8_t)mode, .leg = (uint8_t)leg};

	rtp_latch_set(&latched->latch, &latched->rule, &rule, now_ms);
}

static enum rtp_latch_verdict latch_check(const struct latched *latched,
					  const struct rtp_address *source, uint64_t now_ms)
{
	return rtp_latch_check(&latched->latch, &latched->rule, source, now_ms);
}

static const struct rtp_address *latch_peer(const struct latched *latched)
{
	return rtp_latch_peer(&latched->latch, &latched->rule);
}

static void run(const struct latch_case *row)
{
	struct latched latched = {0};

	latch_set(&latched, row->mode, row->leg, row->agreed, START_MS);
	for (size_t i = 0; i < ROWS(row->packets) && row->packets[i].source; i++) {
		const struct packet *packet = &row->packets[i];
		enum rtp_latch_verdict verdict =
		    latch_check(&latched, packet->source, START_MS + packet->after_ms);

		if (verdict != packet->verdict)
			fail_msg("%s: packet %zu", row->what, i);
		if (verdict == CANDIDATE && packet->passes)
			rtp_latch_commit(&latched.latch, packet->source);
	}
}

static void a_source_is_legitimate_by_mode_leg_and_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++)
		run(&cases[i]);
}

static void the_same_set_again_keeps_the_latched_source(void **state)
{
	struct latched latched = {0};

	(void)state;
	latch_set(&latched, RTP_LATCH_ANY, RTP_LATCH_PLAIN, &agreed, START_MS);
	assert_true(rtp_address_equal(latch_peer(&latched), &agreed));
	rtp_latch_commit(&latched.latch, &other);
	latch_set(&latched, RTP_LATCH_ANY, RTP_LATCH_PLAIN, &agreed, START_MS + 60000);
	assert_true(rtp_address_equal(latch_peer(&latched), &other));
	assert_int_equal(latch_check(&latched, &other_2, START_MS + 60001), REFUSED);
	assert_int_equal(latch_check(&latched, &other, START_MS + 60001), ACCEPTED);
}

static void another_agreed_address_latches_anew(void **state)
{
	struct latched latched = {0};

	(void)state;
	latch_set(&latched, RTP_LATCH_ANY, RTP_LATCH_PLAIN, &agreed, START_MS);
	rtp_latch_commit(&latched.latch, &other);
	latch_set(&latched, RTP_LATCH_ANY, RTP_LATCH_PLAIN, &same_ip, START_MS + 60000);
	assert_true(rtp_address_equal(latch_peer(&latched), &same_ip));
	assert_int_equal(latch_check(&latched, &other_2, START_MS + 60001), CANDIDATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_source_is_legitimate_by_mode_leg_and_time),
	    cmocka_unit_test(the_same_set_again_keeps_the_latched_source),
	    cmocka_unit_test(another_agreed_address_latches_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
