/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the generator counts of what comes back: in order, late, repeated, damaged. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rte_ip.h>
#include <rte_udp.h>

#include "../common/seen.h"
#include "mark.h"
#include "media/bytes.h"
#include "receive.h"

#define PAYLOAD 20U
#define FRAME (14U + 20U + 8U + MARK_RTP_HEADER + PAYLOAD)
#define SENT 200U
#define SSRC 0x1234U

struct fixture {
	struct options options;
	struct phones phones;
	struct stream stream[2];
	struct traffic traffic;
};

/* One plain call; the phone of leg 0 has sent SENT packets, and the one of leg 1 hears them. */
static void made(struct fixture *fixture, uint32_t verify_every)
{
	*fixture =
	    (struct fixture){.options = {.calls = 1,
					 .port_count = 1,
					 .payload = PAYLOAD,
					 .verify_every = verify_every,
					 .port = {{.address.family = 4}, {.address.family = 4}}},
			     .phones.count = 1,
			     .stream = {{.ssrc = SSRC,
					 .number = 65530, /* soon 0 again */
					 .heard_length = MARK_RTP_HEADER + PAYLOAD}}};
	for (unsigned leg = 0; leg < 2; leg++)
		fixture->phones.stream[leg] = &fixture->stream[leg];
	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", fixture->options.port[1].address.ip), 1);
	fixture->phones.options = fixture->traffic.options = &fixture->options;
	fixture->traffic.phones = &fixture->phones;
	fixture->traffic.sent = fixture->traffic.tape[0].played = SENT;
}

static void frame_make(const struct fixture *fixture, uint8_t *frame, uint32_t number)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame + 14);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);
	const struct mark mark = {.number = number, .stream = SSRC};
	uint8_t *rtp = (uint8_t *)(udp + 1);

	memset(frame, 0, FRAME);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	memcpy(&ip->dst_addr, fixture->options.port[1].address.ip, 4);
	udp->dst_port = htons(PHONE_PORT_FIRST + 2); /* of leg 1 of call 0 */
	udp->dgram_len = htons(8 + MARK_RTP_HEADER + PAYLOAD);
	rtp[0] = MARK_RTP_VERSION;
	bytes_put_be16(rtp + 2, (uint16_t)(65530 + number));
	bytes_put_be32(rtp + 4, number * MARK_RTP_CLOCK);
	bytes_put_be32(rtp + 8, SSRC);
	mark_write(rtp + MARK_RTP_HEADER, PAYLOAD, &mark);
}

/* Receives that packet; at: a byte of its frame that is changed, 0: none. */
static void heard(struct fixture *fixture, uint32_t number, uint32_t at)
{
	uint8_t frame[FRAME];
	struct rte_mbuf mbuf = {.buf_addr = frame, .buf_len = FRAME, .data_len = FRAME};
	struct rte_mbuf *burst[] = {&mbuf};

	frame_make(fixture, frame, number);
	if (at)
		frame[at] ^= 1;
	receive_burst(&fixture->traffic, burst, 1, 1);
}

static void one_that_comes_twice_does_not_stand_for_one_that_is_lost(void **state)
{
	static const uint32_t verify[] = {1, 2, 1000};
	struct fixture fixture;

	(void)state;
	for (unsigned i = 0; i < sizeof(verify) / sizeof(verify[0]); i++) {
		const struct traffic *traffic = &fixture.traffic;

		made(&fixture, verify[i]);
		for (uint32_t number = 0; number < SENT; number++) {
			if (number == 7 || number == 90)
				continue;
			heard(&fixture, number, 0);
			heard(&fixture, number, 0);
		}
		assert_int_equal(traffic->sent - traffic->received, 2);
		assert_int_equal(traffic->faults[TRAFFIC_REPEATED], SENT - 2);
		assert_int_equal(traffic->faults[TRAFFIC_ORDER], 0);
		assert_int_equal(traffic->verified, (SENT - 2) / verify[i]);
	}
}

static void a_late_one_is_received_and_out_of_order(void **state)
{
	struct fixture fixture;
	const struct traffic *traffic = &fixture.traffic;

	(void)state;
	made(&fixture, 1);
	for (uint32_t number = 1; number < 64; number++)
		heard(&fixture, number, 0);
	heard(&fixture, 0, 0); /* 63 behind */
	assert_int_equal(traffic->received, 64);
	assert_int_equal(traffic->faults[TRAFFIC_ORDER], 1);
	heard(&fixture, 0, 0);
	assert_int_equal(traffic->received, 64);
	assert_int_equal(traffic->faults[TRAFFIC_REPEATED], 1);
}

static void what_is_wrong_has_its_name_and_is_not_received(void **state)
{
	static const struct {
		uint32_t at; /* changed byte of the frame */
		enum traffic_fault fault;
	} facts[] = {
	    {14 + 19, TRAFFIC_STRANGE},     /* IP destination */
	    {14 + 20 + 3, TRAFFIC_STRANGE}, /* UDP port */
	    {42, TRAFFIC_NUMBERS},          /* RTP version and flags */
	    {42 + 3, TRAFFIC_NUMBERS},      /* sequence number */
	    {42 + 7, TRAFFIC_NUMBERS},      /* time stamp */
	    {42 + 11, TRAFFIC_NUMBERS},     /* SSRC */
	    {42 + 12, TRAFFIC_PAYLOAD},     /* the mark */
	    {42 + 12 + 19, TRAFFIC_PAYLOAD} /* the pattern behind it */
	};
	struct fixture fixture;

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		made(&fixture, 1);
		heard(&fixture, 0, 0);
		heard(&fixture, 1, facts[i].at);
		assert_int_equal(fixture.traffic.received, 1);
		assert_int_equal(fixture.traffic.faults[facts[i].fault], 1);
	}
}

static void one_that_was_not_sent_is_not_received(void **state)
{
	struct fixture fixture;

	(void)state;
	made(&fixture, 1);
	heard(&fixture, SENT, 0);
	assert_int_equal(fixture.traffic.received, 0);
	assert_int_equal(fixture.traffic.faults[TRAFFIC_NUMBERS], 1);
}

static void numbers_are_new_late_or_known(void **state)
{
	static const struct {
		uint32_t number;
		enum seen_answer answer;
	} facts[] = {
	    {5, SEEN_NEW},      {5, SEEN_BEFORE},   {0, SEEN_LATE},
	    {0, SEEN_BEFORE},   {6, SEEN_NEW},      {68, SEEN_NEW}, /* 5 is 63 behind */
	    {5, SEEN_BEFORE},   {4, SEEN_BEFORE},   {7, SEEN_LATE}, /* too late to tell */
	    {7, SEEN_BEFORE},   {200, SEEN_NEW},    {137, SEEN_LATE},
	    {136, SEEN_BEFORE}, {200, SEEN_BEFORE}, {4000000000, SEEN_NEW},
	};
	struct seen seen = {0};

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		assert_int_equal(seen_put(&seen, facts[i].number), facts[i].answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_that_comes_twice_does_not_stand_for_one_that_is_lost),
	    cmocka_unit_test(a_late_one_is_received_and_out_of_order),
	    cmocka_unit_test(what_is_wrong_has_its_name_and_is_not_received),
	    cmocka_unit_test(one_that_was_not_sent_is_not_received),
	    cmocka_unit_test(numbers_are_new_late_or_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
