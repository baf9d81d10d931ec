/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The quick way of reading a frame finds what the long way finds, whatever the frame. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "worker/burst.h"

#define TRIALS 100000U
#define BYTES 172U

static uint32_t random_state = 11;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 1664525U + 1013904223U;
	return (random_state >> 8) % below;
}

/* Sums the IPv4 header again, so that what was changed in it is not found by the sum alone. */
static void sum_again(uint8_t *ip)
{
	uint32_t sum = 0;

	ip[10] = ip[11] = 0;
	for (unsigned i = 0; i < 20; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip[10] = (uint8_t)(~sum >> 8);
	ip[11] = (uint8_t)~sum;
}

/* One to three bytes of the headers become others, or only a bit of them; some frames are cut. */
static void spoil(struct frame *frame)
{
	unsigned changes = draw(4);

	for (unsigned i = 0; i < changes; i++) {
		uint8_t *byte = &frame->bytes[draw(42)];

		*byte = (uint8_t)(draw(2) ? draw(256) : *byte ^ 1U << draw(8));
	}
	if (draw(2))
		sum_again(frame->bytes + 14);
	if (draw(8) == 0)
		frame->length = draw(frame->length + 1);
}

static void assert_same(const struct worker *worker, struct rte_mbuf *mbuf)
{
	struct packet quick = {.mbuf = mbuf}, slow = {.mbuf = mbuf};
	enum sluice_drop drop = packet_parse(worker, &quick);

	assert_int_equal(drop, packet_parse_any(worker, &slow));
	if (drop != SLUICE_DROP_NONE)
		return;
	assert_ptr_equal(quick.data, slow.data);
	assert_int_equal(quick.length, slow.length);
	assert_int_equal(quick.arrived, slow.arrived);
	assert_int_equal(quick.local_port, slow.local_port);
	assert_int_equal(quick.address, slow.address);
	assert_ptr_equal(quick.entry, slow.entry);
	assert_memory_equal(&quick.source, &slow.source, sizeof(quick.source));
}

/* Of both families, to each of our addresses, and to others. */
static struct frame good_frame(const struct fixture *fixture,
			       const struct sluice_open_reply *opened)
{
	bool outside = draw(2);
	struct sluice_addr from = outside ? addr4(outside_peer, 5000) : addr4(inside_peer, 4000);
	struct sluice_addr to = opened->local[outside];
	struct sluice_addr from6 = addr6("2001:db8::10", 4000), to6 = addr6("2001:db8::1", 20000);
	uint8_t packet[BYTES];

	rtp_make(packet, BYTES, (uint16_t)draw(65536), 1);
	to.port = (uint16_t)(to.port + draw(100) - 40);
	return draw(8) == 0 ? udp_frame(fixture, 0, &from6, &to6, packet, BYTES)
			    : udp_frame(fixture, outside, &from, &to, packet, BYTES);
}

static void both_ways_agree_on_spoilt_frames(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, 1);
	unsigned accepted = 0;

	for (unsigned i = 0; i < TRIALS; i++) {
		struct frame frame = good_frame(fixture, &session);
		struct packet packet = {0};

		spoil(&frame);
		packet.mbuf = frame_buffer(&frame);
		packet.mbuf->port = (uint16_t)draw(2);
		if (draw(16) == 0)
			packet.mbuf->ol_flags |= RTE_MBUF_F_RX_VLAN_STRIPPED;
		packet.mbuf->vlan_tci = (uint16_t)draw(9);
		assert_same(fixture->worker[0], packet.mbuf);
		accepted += packet_parse(fixture->worker[0], &packet) == SLUICE_DROP_NONE;
		rte_pktmbuf_free(packet.mbuf);
	}
	/* or nothing was compared */
	assert_in_range(accepted, TRIALS / 20, TRIALS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(both_ways_agree_on_spoilt_frames, one_worker, teardown),
	    {"both_ways_agree_on_spoilt_frames_of_a_vlan", both_ways_agree_on_spoilt_frames,
	     one_worker_vlan, teardown, NULL},
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
