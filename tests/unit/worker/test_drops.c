/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every reason to drop that a frame or a setting can bring about, as a table of facts. */
#include <arpa/inet.h>
#include <string.h>

#include <rte_ip.h>

#include "fixture.h"

#define ID 7U

/* What is wrong with an otherwise good frame. */
struct fault {
	const char *what;
	enum sluice_drop drop;
	void (*spoil)(const struct fixture *fixture, struct frame *frame);
};

static void ip_checksum(struct frame *frame)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame->bytes + 14);

	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

#define SPOIL(name) \
	static void name(const struct fixture *fixture __attribute__((unused)), struct frame *frame)

SPOIL(not_ip)
{
	frame->bytes[12] = 0x08;
	frame->bytes[13] = 0x06;
}

SPOIL(tcp)
{
	frame->bytes[14 + 9] = 6;
	ip_checksum(frame);
}

SPOIL(first_fragment)
{
	frame->bytes[14 + 6] = 0x20;
	ip_checksum(frame);
}

SPOIL(later_fragment)
{
	frame->bytes[14 + 7] = 1;
	ip_checksum(frame);
}

SPOIL(bad_ip_checksum)
{
	frame->bytes[14 + 10] ^= 1;
}

SPOIL(ip_version_5)
{
	frame->bytes[14] = 0x55;
}

SPOIL(short_ip_header)
{
	frame->bytes[14] = 0x44;
}

SPOIL(options_beyond_total_length)
{
	frame->bytes[14] = 0x4f;
	frame->bytes[14 + 2] = 0;
	frame->bytes[14 + 3] = 40;
}

SPOIL(ethernet_cut)
{
	frame->length = 13;
}

SPOIL(ip_cut)
{
	frame->length = 14 + 19;
}

SPOIL(udp_cut)
{
	frame->length = 14 + 20 + 100;
}

SPOIL(udp_header_cut)
{
	frame->length = 14 + 20 + 7;
	frame->bytes[14 + 2] = 0;
	frame->bytes[14 + 3] = 27;
	ip_checksum(frame);
}

SPOIL(udp_length_below_its_header)
{
	frame->bytes[14 + 20 + 4] = 0;
	frame->bytes[14 + 20 + 5] = 7;
}

SPOIL(udp_length_beyond_ip)
{
	frame->bytes[14 + 20 + 5]++;
}

SPOIL(other_address)
{
	frame->bytes[14 + 19] = 99;
	ip_checksum(frame);
}

SPOIL(multicast)
{
	frame->bytes[0] |= 1;
}

SPOIL(other_vlan)
{
	memmove(frame->bytes + 16, frame->bytes + 12, frame->length - 12);
	memcpy(frame->bytes + 12, "\x81\x00\x00\x05", 4);
	frame->length += 4;
}

SPOIL(own_mac)
{
	memcpy(frame->bytes + 6, &fixture->port[0]->mac, 6);
}

SPOIL(free_port)
{
	uint16_t *port = (uint16_t *)(frame->bytes + 14 + 20 + 2);

	*port = htons((uint16_t)(20000 + (ntohs(*port) + 2 - 20000) % 20));
}

SPOIL(port_below_the_range)
{
	*(uint16_t *)(frame->bytes + 14 + 20 + 2) = htons(19998);
}

SPOIL(rtp_version_1)
{
	frame->bytes[42] = 0x40;
}

SPOIL(empty_datagram)
{
	frame->length = 42;
	frame->bytes[14 + 20 + 5] = 8;
	frame->bytes[14 + 20 + 4] = 0;
	frame->bytes[14 + 2] = 0;
	frame->bytes[14 + 3] = 28;
	ip_checksum(frame);
}

SPOIL(csrcs_beyond_the_end)
{
	frame->bytes[42] = 0x8f;
	frame->bytes[14 + 20 + 4] = 0;
	frame->bytes[14 + 20 + 5] = 8 + 40;
}

SPOIL(padding_beyond_the_end)
{
	frame->bytes[42] = 0xa0;
	frame->bytes[frame->length - 1] = 0xff;
}

SPOIL(rtcp_with_a_wrong_length)
{
	frame->bytes[43] = 200;
}

SPOIL(rtp_to_the_rtcp_port)
{
	frame->bytes[14 + 20 + 3]++;
}

SPOIL(other_source_port)
{
	frame->bytes[14 + 20 + 1]++;
}

SPOIL(other_source_address)
{
	frame->bytes[14 + 15]++;
	ip_checksum(frame);
}

static const struct fault faults[] = {
    {"ARP", SLUICE_DROP_NOT_IP_UDP, not_ip},
    {"TCP", SLUICE_DROP_NOT_IP_UDP, tcp},
    {"a first fragment", SLUICE_DROP_NOT_IP_UDP, first_fragment},
    {"a later fragment", SLUICE_DROP_NOT_IP_UDP, later_fragment},
    {"a wrong IP checksum", SLUICE_DROP_NOT_IP_UDP, bad_ip_checksum},
    {"IP version 5", SLUICE_DROP_NOT_IP_UDP, ip_version_5},
    {"an IP header below 20 bytes", SLUICE_DROP_NOT_IP_UDP, short_ip_header},
    {"IP options beyond the total length", SLUICE_DROP_TRUNCATED, options_beyond_total_length},
    {"13 bytes", SLUICE_DROP_TRUNCATED, ethernet_cut},
    {"half an IP header", SLUICE_DROP_TRUNCATED, ip_cut},
    {"less than IP's total length", SLUICE_DROP_TRUNCATED, udp_cut},
    {"half a UDP header", SLUICE_DROP_TRUNCATED, udp_header_cut},
    {"a UDP length of 7", SLUICE_DROP_TRUNCATED, udp_length_below_its_header},
    {"a UDP length beyond IP's", SLUICE_DROP_TRUNCATED, udp_length_beyond_ip},
    {"another address", SLUICE_DROP_NOT_OURS, other_address},
    {"a multicast frame", SLUICE_DROP_NOT_OURS, multicast},
    {"another VLAN", SLUICE_DROP_NOT_OURS, other_vlan},
    {"our own packet", SLUICE_DROP_OWN_PACKET, own_mac},
    {"a free media port", SLUICE_DROP_UNKNOWN_PORT, free_port},
    {"no media port", SLUICE_DROP_UNKNOWN_PORT, port_below_the_range},
    {"RTP version 1", SLUICE_DROP_NOT_RTP, rtp_version_1},
    {"an empty datagram", SLUICE_DROP_KEEP_ALIVE, empty_datagram},
    {"CSRCs beyond the end", SLUICE_DROP_NOT_RTP, csrcs_beyond_the_end},
    {"padding beyond the end", SLUICE_DROP_NOT_RTP, padding_beyond_the_end},
    {"RTCP with a wrong length", SLUICE_DROP_NOT_RTP, rtcp_with_a_wrong_length},
    {"RTP to the RTCP port", SLUICE_DROP_NOT_RTP, rtp_to_the_rtcp_port},
    {"another source port", SLUICE_DROP_SOURCE, other_source_port},
    {"another source address", SLUICE_DROP_SOURCE, other_source_address},
};

static struct frame good_frame(struct fixture *fixture, const struct sluice_open_reply *session,
			       uint16_t sequence)
{
	struct sluice_addr from = addr4(inside_peer, 4000);
	uint8_t rtp[172];

	rtp_make(rtp, sizeof(rtp), sequence, 1);
	return udp_frame(fixture, 0, &from, &session->local[0], rtp, sizeof(rtp));
}

static void a_spoiled_frame_is_dropped_under_its_reason(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct frame frame = good_frame(fixture, &session, (uint16_t)i), out;
		uint64_t before = dropped(fixture, faults[i].drop);

		faults[i].spoil(fixture, &frame);
		feed(fixture, 0, &frame, 1);
		if (dropped(fixture, faults[i].drop) != before + 1 || sent(fixture, 1, &out))
			fail_msg("%s is not dropped as %u", faults[i].what, faults[i].drop);
	}
}

static void every_packet_is_relayed_or_dropped_for_one_reason(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_stats stats = {0};
	struct frame out;
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct frame pair[2] = {good_frame(fixture, &session, (uint16_t)(2 * i)),
					good_frame(fixture, &session, (uint16_t)(2 * i + 1))};

		faults[i].spoil(fixture, &pair[0]);
		feed(fixture, 0, pair, 2);
		assert_true(sent(fixture, 1, &out));
	}
	sessions_stats(fixture->sessions, &stats);
	for (unsigned i = 0; i < SLUICE_DROP_COUNT; i++)
		sum += stats.drops[i];
	assert_int_equal(stats.received, 2 * sizeof(faults) / sizeof(faults[0]));
	assert_int_equal(stats.relayed, sizeof(faults) / sizeof(faults[0]));
	assert_int_equal(stats.relayed + sum, stats.received);
}

/* ---- settings that stop a good packet ---- */

struct setting {
	const char *what;
	enum sluice_drop drop;
	unsigned leg; /* that is set */
	void (*change)(struct sluice_set *request);
};

#define CHANGE(name) static void name(struct sluice_set *request)

CHANGE(peer_may_not_send)
{
	request->direction = SLUICE_DIR_TX;
}

CHANGE(other_may_not_be_sent_to)
{
	request->direction = SLUICE_DIR_RX;
}

CHANGE(no_remote)
{
	request->remote_rtp = (struct sluice_addr){0};
}

CHANGE(remote_port_0)
{
	request->remote_rtp.port = 0;
}

CHANGE(remote_of_old_hold)
{
	memset(request->remote_rtp.ip, 0, 4);
}

CHANGE(no_rx_key_yet)
{
	request->mask &= ~(uint32_t)SLUICE_SET_RX_KEY;
}

CHANGE(no_tx_key_yet)
{
	request->mask &= ~(uint32_t)SLUICE_SET_TX_KEY;
}

CHANGE(key_wanted)
{
	request->rx[0] = (struct sluice_key){.suite = 1, .key_len = 30};
}

static const struct setting settings[] = {
    {"the peer may not send", SLUICE_DROP_DIRECTION, 0, peer_may_not_send},
    {"the other may not be sent to", SLUICE_DROP_DIRECTION, 1, other_may_not_be_sent_to},
    {"the other has no address", SLUICE_DROP_NO_PEER, 1, no_remote},
    {"the other has port 0", SLUICE_DROP_NO_PEER, 1, remote_port_0},
    {"the other has 0.0.0.0", SLUICE_DROP_NO_PEER, 1, remote_of_old_hold},
    {"the peer has no address", SLUICE_DROP_SOURCE, 0, no_remote},
    {"no receive key yet", SLUICE_DROP_NO_KEY, 0, no_rx_key_yet},
    {"no transmit key yet", SLUICE_DROP_NO_KEY, 1, no_tx_key_yet},
    {"a key that the packet does not know", SLUICE_DROP_AUTH, 0, key_wanted},
};

static void a_setting_stops_packets_under_its_reason(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct sluice_open_reply session = opened(fixture, ID, 4);
		struct sluice_addr remote[2] = {addr4(inside_peer, 4000),
						addr4(outside_peer, 5000)};
		struct sluice_session_info info;
		struct frame frame, out;

		for (unsigned leg = 0; leg < 2; leg++) {
			struct sluice_set request = plain_leg(ID, (uint8_t)leg, &remote[leg]);

			if (leg == settings[i].leg)
				settings[i].change(&request);
			set(fixture, &request);
		}
		frame = good_frame(fixture, &session, 1);
		feed(fixture, 0, &frame, 1);
		if (leg_dropped(fixture, ID, 0, settings[i].drop) != 1 || sent(fixture, 1, &out))
			fail_msg("%s: not dropped as %u", settings[i].what, settings[i].drop);
		assert_int_equal(sessions_close(fixture->sessions, ID, &info), 0);
		turn(fixture);
	}
}

static void a_leg_may_not_send_faster_than_its_rate(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_set request = {.session = ID, .mask = SLUICE_SET_RATE, .rate_pps = 10};
	struct frame frame[20], out;
	unsigned passed = 0;

	set(fixture, &request);
	for (unsigned i = 0; i < 20; i++)
		frame[i] = good_frame(fixture, &session, (uint16_t)i);
	feed(fixture, 0, frame, 20);
	while (sent(fixture, 1, &out))
		passed++;
	/* at 10 a second, half a second's worth may come at once */
	assert_in_range(passed, 5, 6);
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_RATE), 20 - passed);
}

static void what_the_port_does_not_take_is_dropped_as_tx_full(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);

	for (unsigned i = 0; i < 2 * RING_SLOTS; i++) {
		struct frame frame = good_frame(fixture, &session, (uint16_t)i);

		feed(fixture, 0, &frame, 1);
	}
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_TX_FULL), RING_SLOTS + 1);
}

/* Of a port with routes, which there are none of here, until it is a link again. */
static void a_peer_without_a_route_is_dropped_as_no_route(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply session;
	struct frame frame, out;

	fixture->port[1]->kind = PORT_AF_PACKET;
	session = plain_session(fixture, ID);
	frame = good_frame(fixture, &session, 1);
	feed(fixture, 0, &frame, 1);
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_NO_ROUTE), 1);
	assert_false(sent(fixture, 1, &out));
	fixture->port[1]->kind = PORT_RING;
	sessions_paths_stale(fixture->sessions);
	sessions_tick(fixture->sessions);
	turn(fixture);
	frame = good_frame(fixture, &session, 2);
	feed(fixture, 0, &frame, 1);
	assert_true(sent(fixture, 1, &out));
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_NO_ROUTE), 1);
}

static void rtcp_to_a_leg_that_takes_none_is_dropped_as_no_rtcp(void **state)
{
	static const uint8_t report[8] = {0x80, 201, 0, 1};
	struct fixture *fixture = *state;
	struct sluice_open_reply session = plain_session(fixture, ID);
	struct sluice_addr from = addr4(inside_peer, 4000), outside = addr4(outside_peer, 5000);
	struct sluice_set request = plain_leg(ID, 1, &outside);
	struct frame frame, out;

	request.rtcp_mux = 0;
	set(fixture, &request);
	frame = udp_frame(fixture, 0, &from, &session.local[0], report, sizeof(report));
	feed(fixture, 0, &frame, 1);
	assert_int_equal(leg_dropped(fixture, ID, 0, SLUICE_DROP_NO_RTCP), 1);
	assert_false(sent(fixture, 1, &out));
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, one_worker, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(a_spoiled_frame_is_dropped_under_its_reason),
	    CASE(every_packet_is_relayed_or_dropped_for_one_reason),
	    CASE(a_setting_stops_packets_under_its_reason),
	    CASE(a_leg_may_not_send_faster_than_its_rate),
	    CASE(what_the_port_does_not_take_is_dropped_as_tx_full),
	    CASE(a_peer_without_a_route_is_dropped_as_no_route),
	    CASE(rtcp_to_a_leg_that_takes_none_is_dropped_as_no_rtcp),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
