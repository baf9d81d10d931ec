/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "net/rtnl.h"

static _Alignas(struct nlmsghdr) char buffer[512];

static const uint8_t ip4[16] = {192, 0, 2, 1};
static const uint8_t ip6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t mac[6] = {2, 0, 0, 0, 0, 7};

static struct nlmsghdr *route(uint8_t family, uint8_t type)
{
	struct nlmsghdr *message;
	struct rtmsg *rt;

	memset(buffer, 0, sizeof(buffer));
	message = mnl_nlmsg_put_header(buffer);
	rt = mnl_nlmsg_put_extra_header(message, sizeof(*rt));
	message->nlmsg_type = RTM_NEWROUTE;
	rt->rtm_family = family;
	rt->rtm_type = type;
	return message;
}

static struct nlmsghdr *neighbour(uint16_t message_type, uint8_t family, uint16_t state)
{
	struct nlmsghdr *message;
	struct ndmsg *nd;

	memset(buffer, 0, sizeof(buffer));
	message = mnl_nlmsg_put_header(buffer);
	nd = mnl_nlmsg_put_extra_header(message, sizeof(*nd));
	message->nlmsg_type = message_type;
	nd->ndm_family = family;
	nd->ndm_ifindex = 5;
	nd->ndm_state = state;
	return message;
}

static void a_route_on_the_link_has_no_gateway(void **state)
{
	struct nlmsghdr *message = route(AF_INET, RTN_UNICAST);
	struct rtnl_route answer;

	(void)state;
	mnl_attr_put_u32(message, RTA_OIF, 5);
	assert_int_equal(rtnl_route_parse(message, &answer), 0);
	assert_int_equal(answer.ifindex, 5);
	assert_false(answer.has_gateway);
}

static void a_gateway_is_read_in_both_families(void **state)
{
	struct nlmsghdr *message = route(AF_INET, RTN_UNICAST);
	struct rtnl_route answer;

	(void)state;
	mnl_attr_put_u32(message, RTA_OIF, 5);
	mnl_attr_put(message, RTA_GATEWAY, 4, ip4);
	assert_int_equal(rtnl_route_parse(message, &answer), 0);
	assert_true(answer.has_gateway);
	assert_int_equal(answer.gateway_family, 4);
	assert_memory_equal(answer.gateway, ip4, 16);

	message = route(AF_INET6, RTN_UNICAST);
	mnl_attr_put_u32(message, RTA_OIF, 5);
	mnl_attr_put(message, RTA_GATEWAY, 16, ip6);
	assert_int_equal(rtnl_route_parse(message, &answer), 0);
	assert_int_equal(answer.gateway_family, 6);
	assert_memory_equal(answer.gateway, ip6, 16);
}

static void an_ipv4_route_may_have_an_ipv6_gateway(void **state)
{
	struct nlmsghdr *message = route(AF_INET, RTN_UNICAST);
	struct rtnl_route answer;
	char via[18];
	uint16_t family = AF_INET6;

	(void)state;
	memcpy(via, &family, sizeof(family));
	memcpy(via + 2, ip6, 16);
	mnl_attr_put_u32(message, RTA_OIF, 5);
	mnl_attr_put(message, RTA_VIA, sizeof(via), via);
	assert_int_equal(rtnl_route_parse(message, &answer), 0);
	assert_true(answer.has_gateway);
	assert_int_equal(answer.gateway_family, 6);
	assert_memory_equal(answer.gateway, ip6, 16);
}

static void a_route_that_is_not_unicast_leads_nowhere(void **state)
{
	static const uint8_t types[] = {RTN_LOCAL,     RTN_BROADCAST,   RTN_MULTICAST,
					RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT};
	struct rtnl_route answer;

	(void)state;
	for (size_t i = 0; i < sizeof(types); i++) {
		struct nlmsghdr *message = route(AF_INET, types[i]);

		mnl_attr_put_u32(message, RTA_OIF, 1);
		assert_int_equal(rtnl_route_parse(message, &answer), -EHOSTUNREACH);
	}
	assert_int_equal(rtnl_route_parse(route(AF_INET, RTN_UNICAST), &answer), -EHOSTUNREACH);
}

static void attributes_of_a_wrong_length_count_as_absent(void **state)
{
	struct nlmsghdr *message = route(AF_INET, RTN_UNICAST);
	struct rtnl_route answer;
	struct rtnl_neighbour news;

	(void)state;
	mnl_attr_put_u32(message, RTA_OIF, 5);
	mnl_attr_put(message, RTA_GATEWAY, 16, ip6);
	mnl_attr_put(message, RTA_VIA, 1, ip6);
	assert_int_equal(rtnl_route_parse(message, &answer), 0);
	assert_false(answer.has_gateway);

	message = neighbour(RTM_NEWNEIGH, AF_INET6, NUD_REACHABLE);
	mnl_attr_put(message, NDA_DST, 4, ip4);
	assert_int_equal(rtnl_neighbour_parse(message, &news), -EBADMSG);

	message = neighbour(RTM_NEWNEIGH, AF_INET, NUD_REACHABLE);
	mnl_attr_put(message, NDA_DST, 4, ip4);
	mnl_attr_put(message, NDA_LLADDR, 4, mac);
	assert_int_equal(rtnl_neighbour_parse(message, &news), 0);
	assert_false(news.has_mac);
}

static void a_neighbour_is_read_and_a_deleted_one_has_no_state(void **state)
{
	struct nlmsghdr *message = neighbour(RTM_NEWNEIGH, AF_INET6, NUD_STALE);
	struct rtnl_neighbour news;

	(void)state;
	mnl_attr_put(message, NDA_DST, 16, ip6);
	mnl_attr_put(message, NDA_LLADDR, 6, mac);
	assert_int_equal(rtnl_neighbour_parse(message, &news), 0);
	assert_int_equal(news.ifindex, 5);
	assert_int_equal(news.family, 6);
	assert_memory_equal(news.address, ip6, 16);
	assert_int_equal(news.state, NUD_STALE);
	assert_true(news.has_mac);
	assert_memory_equal(&news.mac, mac, 6);

	message->nlmsg_type = RTM_DELNEIGH;
	assert_int_equal(rtnl_neighbour_parse(message, &news), 0);
	assert_int_equal(news.state, 0);
}

static void other_families_and_short_messages_are_refused(void **state)
{
	struct nlmsghdr *message = neighbour(RTM_NEWNEIGH, AF_BRIDGE, NUD_REACHABLE);
	struct rtnl_neighbour news;
	struct rtnl_route answer;

	(void)state;
	mnl_attr_put(message, NDA_DST, 4, ip4);
	assert_int_equal(rtnl_neighbour_parse(message, &news), -EBADMSG);
	assert_int_equal(rtnl_route_parse(route(AF_BRIDGE, RTN_UNICAST), &answer), -EBADMSG);
	message = mnl_nlmsg_put_header(buffer);
	assert_int_equal(rtnl_neighbour_parse(message, &news), -EBADMSG);
	assert_int_equal(rtnl_route_parse(message, &answer), -EBADMSG);
}

/* In memory of just its length, so that the sanitizer sees any read beyond it. Netlink rounds up to
 * four bytes, and so do its buffers. */
static void a_message_cut_anywhere_is_not_read_beyond_its_end(void **state)
{
	struct nlmsghdr *message = neighbour(RTM_NEWNEIGH, AF_INET6, NUD_STALE);

	(void)state;
	mnl_attr_put(message, NDA_DST, 16, ip6);
	mnl_attr_put(message, NDA_LLADDR, 6, mac);
	for (uint32_t length = sizeof(*message); length < message->nlmsg_len; length++) {
		struct nlmsghdr *cut = calloc(1, (length + 3U) / 4U * 4U);
		struct rtnl_neighbour news;
		struct rtnl_route answer;

		assert_non_null(cut);
		memcpy(cut, message, length);
		cut->nlmsg_len = length;
		(void)rtnl_neighbour_parse(cut, &news);
		(void)rtnl_route_parse(cut, &answer);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_route_on_the_link_has_no_gateway),
	    cmocka_unit_test(a_gateway_is_read_in_both_families),
	    cmocka_unit_test(an_ipv4_route_may_have_an_ipv6_gateway),
	    cmocka_unit_test(a_route_that_is_not_unicast_leads_nowhere),
	    cmocka_unit_test(attributes_of_a_wrong_length_count_as_absent),
	    cmocka_unit_test(a_neighbour_is_read_and_a_deleted_one_has_no_state),
	    cmocka_unit_test(other_families_and_short_messages_are_refused),
	    cmocka_unit_test(a_message_cut_anywhere_is_not_read_beyond_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
