/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets that failed are avoided for a while (RFC 3263 4.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "net/internal.h"

struct lab {
	uv_loop_t loop;
	struct config_peer config;
	struct config whole;
	struct net net;
	struct net_peer peer;
};

static struct sockaddr_storage target(unsigned host)
{
	struct sockaddr_storage address;
	char text[32];

	snprintf(text, sizeof(text), "192.0.2.%u", host);
	assert_int_equal(net_address_parse(&address, text, 5061), 0);
	return address;
}

static void lab_open(struct lab *lab, unsigned targets)
{
	memset(lab, 0, sizeof(*lab));
	assert_int_equal(uv_loop_init(&lab->loop), 0);
	lab->whole.peers = &lab->config;
	lab->net.loop = &lab->loop;
	lab->net.config = &lab->whole;
	lab->net.peers = &lab->peer;
	lab->peer.net = &lab->net;
	for (unsigned i = 0; i < targets; i++)
		lab->peer.candidates[lab->peer.candidate_count++] = target(i + 1);
}

static void lab_close(struct lab *lab)
{
	assert_int_equal(uv_loop_close(&lab->loop), 0);
}

static bool fails(struct lab *lab, unsigned host, uint32_t retry_after_ms)
{
	struct sip_flow flow = {.transport = SIP_TLS, .remote = target(host)};

	return net_target_failed(&lab->net, &lab->config, &flow, retry_after_ms);
}

static void assert_order(struct lab *lab, const char *hosts)
{
	net_target_order(&lab->peer);
	for (unsigned i = 0; hosts[i]; i++) {
		struct sockaddr_storage wanted = target((unsigned)(hosts[i] - '0'));

		assert_true(net_address_same(&lab->peer.candidates[i], &wanted));
	}
}

static void a_failed_target_comes_last_and_another_is_told(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 3);
	assert_order(&lab, "123");
	assert_true(fails(&lab, 1, 0));
	assert_order(&lab, "231");
	assert_true(fails(&lab, 2, 0));
	assert_order(&lab, "321");
	assert_false(fails(&lab, 3, 0)); /* nobody is left */
	lab_close(&lab);
}

static void the_only_target_has_no_other(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, 1);
	assert_false(fails(&lab, 1, 0));
	lab_close(&lab);
}

static void a_target_is_avoided_as_long_as_it_asked_for(void **state)
{
	struct lab lab;
	struct sockaddr_storage first = target(1);

	(void)state;
	lab_open(&lab, 2);
	assert_true(fails(&lab, 1, 20));
	assert_true(net_target_avoided(&lab.peer, &first));
	uv_sleep(30);
	uv_update_time(&lab.loop);
	assert_false(net_target_avoided(&lab.peer, &first));
	fails(&lab, 1, UINT32_MAX); /* an hour at most */
	assert_in_range(lab.peer.avoided[0].until_ms - uv_now(&lab.loop), 1, 3600000);
	lab_close(&lab);
}

static void the_list_of_the_avoided_is_bounded(void **state)
{
	struct lab lab;
	struct sockaddr_storage last = target(200);

	(void)state;
	lab_open(&lab, 2);
	for (unsigned host = 1; host <= 200; host++)
		fails(&lab, host, 1000 + host);
	assert_true(net_target_avoided(&lab.peer, &last));
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_failed_target_comes_last_and_another_is_told),
	    cmocka_unit_test(the_only_target_has_no_other),
	    cmocka_unit_test(a_target_is_avoided_as_long_as_it_asked_for),
	    cmocka_unit_test(the_list_of_the_avoided_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
