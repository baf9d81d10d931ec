/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An interface in VLAN 7 beside one in none: what it takes, and what it sends. */
#include <string.h>

#include "fixture.h"

#define ID 7U
#define BYTES 60U
#define TPID 0x8100U
#define TCI_SENT (5U << 13 | 7U)
#define NO_TAG (-1)

static void tag_insert(struct frame *frame, int tci)
{
	const uint8_t tag[4] = {0x81, 0, (uint8_t)(tci >> 8), (uint8_t)tci};

	if (tci == NO_TAG)
		return;
	memmove(frame->bytes + 16, frame->bytes + 12, frame->length - 12);
	memcpy(frame->bytes + 12, tag, sizeof(tag));
	frame->length += (uint32_t)sizeof(tag);
}

/* The tag of a frame, taken out. NO_TAG: there is none. */
static int tag_remove(struct frame *frame)
{
	int tci = frame->bytes[14] << 8 | frame->bytes[15];

	if ((uint32_t)(frame->bytes[12] << 8 | frame->bytes[13]) != TPID)
		return NO_TAG;
	memmove(frame->bytes + 12, frame->bytes + 16, frame->length - 16);
	frame->length -= 4;
	return tci;
}

static struct frame rtp_from(const struct fixture *fixture, unsigned leg,
			     const struct sluice_open_reply *session, uint16_t sequence)
{
	struct sluice_addr from = leg ? addr4(outside_peer, 5000) : addr4(inside_peer, 4000);
	uint8_t packet[BYTES];

	rtp_make(packet, BYTES, sequence, 1 + leg);
	return udp_frame(fixture, leg, &from, &session->local[leg], packet, BYTES);
}

static void what_is_sent_there_has_the_tag_and_is_right_behind_it(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct frame frame = rtp_from(fixture, 0, &session, 1), out;
	uint32_t length;

	feed(fixture, 0, &frame, 1);
	assert_true(sent(fixture, 1, &out));
	assert_memory_equal(out.bytes + 6, &fixture->port[1]->mac, 6);
	assert_int_equal(tag_remove(&out), TCI_SENT);
	assert_frame_right(&out);
	payload_of(&out, &length);
	assert_int_equal(length, BYTES);
}

static void what_comes_with_the_tag_leaves_elsewhere_without(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct frame frame = rtp_from(fixture, 1, &session, 1), out;

	tag_insert(&frame, 7); /* of any priority */
	feed(fixture, 1, &frame, 1);
	assert_true(sent(fixture, 0, &out));
	assert_int_equal(tag_remove(&out), NO_TAG);
	assert_frame_right(&out);
}

static void what_has_another_tag_or_none_is_not_ours(void **state)
{
	static const struct {
		unsigned leg;
		int tci;
		bool ours;
	} facts[] = {
	    {1, 7, true},         {1, 6U << 13 | 7, true}, {1, 6, false},
	    {1, 5U << 13, false}, {1, NO_TAG, false},      {1, 0x1007, true}, /* DEI */
	    {0, NO_TAG, true},    {0, 5U << 13, true},     {0, 7, false},
	};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	uint64_t refused = 0;

	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct frame frame = rtp_from(fixture, facts[i].leg, &session, (uint16_t)(i + 1)),
			     out;

		tag_insert(&frame, facts[i].tci);
		feed(fixture, facts[i].leg, &frame, 1);
		assert_int_equal(sent(fixture, 1 - facts[i].leg, &out), facts[i].ours);
		refused += !facts[i].ours;
		assert_int_equal(dropped(fixture, SLUICE_DROP_NOT_OURS), refused);
	}
}

/* As af_packet gives them: the tag stands beside the frame. */
static void feed_stripped(struct fixture *fixture, const struct frame *frame, uint16_t tci)
{
	struct rte_mbuf *mbuf = frame_buffer(frame);

	mbuf->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	mbuf->vlan_tci = tci;
	assert_int_equal(rte_ring_enqueue(fixture->in[1], mbuf), 0);
	turn(fixture);
}

static void a_tag_that_the_driver_took_out_counts_as_one(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct frame frame = rtp_from(fixture, 1, &session, 1), out;

	feed_stripped(fixture, &frame, 3U << 13 | 7);
	assert_true(sent(fixture, 0, &out));
	frame = rtp_from(fixture, 1, &session, 2);
	feed_stripped(fixture, &frame, 8);
	assert_false(sent(fixture, 0, &out));
	assert_int_equal(dropped(fixture, SLUICE_DROP_NOT_OURS), 1);
}

static void two_tags_are_another_network(void **state)
{
	static const int inner[] = {0, 7, 8};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct frame out;

	for (unsigned i = 0; i < 3; i++) {
		struct frame frame = rtp_from(fixture, 1, &session, 1);

		tag_insert(&frame, inner[i]);
		feed_stripped(fixture, &frame, 7);
		assert_false(sent(fixture, 0, &out));
		assert_int_equal(dropped(fixture, SLUICE_DROP_NOT_OURS), i + 1);
	}
}

static void a_frame_without_room_for_the_tag_is_dropped_by_name(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = opened(fixture, ID, 4);
	struct sluice_addr inside = addr4(inside_peer, 4000), outside = addr4(outside_peer, 5000);
	struct sluice_set request = plain_leg(ID, 0, &inside);
	struct rte_mbuf *mbuf;
	struct frame frame, out;

	set(fixture, &request);
	request = plain_leg(ID, 1, &outside);
	set(fixture, &request);
	frame = rtp_from(fixture, 0, &session, 1);
	mbuf = packet_buffer();
	assert_non_null(mbuf);
	mbuf->data_off = 2; /* the new headers are as long as the old ones: two bytes are left */
	memcpy(rte_pktmbuf_append(mbuf, (uint16_t)frame.length), frame.bytes, frame.length);
	assert_int_equal(rte_ring_enqueue(fixture->in[0], mbuf), 0);
	turn(fixture);
	assert_false(sent(fixture, 1, &out));
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_NO_BUFFER), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, one_worker_vlan, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_sent_there_has_the_tag_and_is_right_behind_it),
	    TEST(what_comes_with_the_tag_leaves_elsewhere_without),
	    TEST(what_has_another_tag_or_none_is_not_ours),
	    TEST(a_tag_that_the_driver_took_out_counts_as_one),
	    TEST(two_tags_are_another_network),
	    TEST(a_frame_without_room_for_the_tag_is_dropped_by_name),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
