/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 3263: where a name leads, as tables of what DNS says and what is tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name_server.h"
#include "net/address.h"
#include "net/locate.h"
#include "net/srv_order.h"

struct lab {
	uv_loop_t loop;
	struct name_server server;
	struct resolver *resolver;
	bool done, closed;
	int status;
	char text[256]; /* the addresses in order, or what went wrong */
};

static void on_done(void *user, const struct locate_answer *answer)
{
	struct lab *lab = user;
	size_t at = 0;

	assert_false(lab->done);
	lab->done = true;
	lab->status = answer->status;
	lab->text[0] = '\0';
	if (answer->status)
		snprintf(lab->text, sizeof(lab->text), "%s", answer->text);
	for (unsigned i = 0; i < answer->count; i++) {
		char address[NET_ADDRESS_TEXT];

		net_address_format(address, (const struct sockaddr *)&answer->address[i]);
		at += (size_t)snprintf(lab->text + at, sizeof(lab->text) - at, "%s%s", i ? " " : "",
				       address);
	}
}

static void on_closed(void *user)
{
	struct lab *lab = user;

	lab->closed = true;
}

static struct lab *lab_new(const struct name_record *zone)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	assert_non_null(lab);
	assert_int_equal(uv_loop_init(&lab->loop), 0);
	name_server_open(&lab->server, &lab->loop, zone);
	assert_int_equal(resolver_new(&lab->resolver, &lab->loop, lab->server.address), 0);
	return lab;
}

static void lab_free(struct lab *lab)
{
	resolver_close(lab->resolver, on_closed, lab);
	name_server_close(&lab->server);
	assert_int_equal(uv_run(&lab->loop, UV_RUN_DEFAULT), 0);
	assert_true(lab->closed);
	assert_int_equal(uv_loop_close(&lab->loop), 0);
	free(lab);
}

static void locate(struct lab *lab, const struct locate_question *question)
{
	struct locate *started;

	lab->done = false;
	assert_int_equal(locate_start(&started, lab->resolver, question, on_done, lab), 0);
	while (!lab->done)
		uv_run(&lab->loop, UV_RUN_ONCE);
}

static const struct name_record zone[] = {
    /* a carrier that uses all there is */
    {"carrier.test", NAME_NAPTR, "20 10 s SIPS+D2T _sips._tcp.second.test"},
    {"carrier.test", NAME_NAPTR, "10 50 s SIP+D2U _sip._udp.carrier.test"},
    {"carrier.test", NAME_NAPTR, "10 90 s SIPS+D2T _sips._tcp.later.test"},
    {"carrier.test", NAME_NAPTR, "10 60 s sips+d2t _sips._tcp.edge.test"},
    {"_sips._tcp.edge.test", NAME_SRV, "20 0 5071 b.edge.test"},
    {"_sips._tcp.edge.test", NAME_SRV, "10 0 5081 a.edge.test"},
    {"_sip._udp.carrier.test", NAME_SRV, "10 0 5062 a.edge.test"},
    {"a.edge.test", NAME_A, "192.0.2.1"},
    {"a.edge.test", NAME_AAAA, "2001:db8::1"},
    {"b.edge.test", NAME_A, "192.0.2.2"},
    /* no NAPTR */
    {"srv.test", NAME_A, "192.0.2.9"},
    {"_sips._tcp.srv.test", NAME_SRV, "1 0 5099 a.edge.test"},
    {"_sip._tcp.srv.test", NAME_SRV, "1 0 5060 gone.test"},
    {"_sip._tcp.srv.test", NAME_SRV, "2 0 5065 b.edge.test"},
    /* a name only */
    {"plain.test", NAME_A, "192.0.2.7"},
    {"plain.test", NAME_A, "192.0.2.8"},
    /* NAPTR of another service only, then the SRV records of the name */
    {"other.test", NAME_NAPTR, "1 1 s SIP+D2T _sip._tcp.edge.test"},
    {"_sips._tcp.other.test", NAME_SRV, "1 0 5098 b.edge.test"},
    /* a NAPTR that is not terminal, or a rule, is not followed */
    {"rule.test", NAME_NAPTR, "1 1 u SIPS+D2T _sips._tcp.edge.test"},
    {"rule.test", NAME_A, "192.0.2.5"},
    {"nothing.test", NAME_A, "192.0.2.6"},
    {"_sips._tcp.nothing.test", NAME_SRV, "0 0 0 ."},
    {"broken.test", NAME_A, "192.0.2.6"},
    {"_sips._tcp.broken.test", NAME_SRV, "SERVFAIL"},
    {"strange.test", NAME_NAPTR, "SERVFAIL"},
    {"strange.test", NAME_A, "192.0.2.4"},
    {NULL, NAME_A, NULL},
};

static void dns_leads_to_these_addresses(void **state)
{
	static const struct {
		struct locate_question question;
		int status;
		const char *text;
	} facts[] = {
	    {{"carrier.test", 0, SIP_TLS, AF_INET}, 0, "192.0.2.1:5081 192.0.2.2:5071"},
	    {{"carrier.test", 0, SIP_TLS, AF_INET6}, 0, "[2001:db8::1]:5081"},
	    {{"carrier.test", 0, SIP_UDP, AF_INET}, 0, "192.0.2.1:5062"},
	    {{"srv.test", 0, SIP_TLS, AF_INET}, 0, "192.0.2.1:5099"},
	    {{"srv.test", 0, SIP_TCP, AF_INET}, 0, "192.0.2.2:5065"},
	    {{"srv.test", 0, SIP_UDP, AF_INET}, 0, "192.0.2.9:5060"},
	    {{"srv.test", 7000, SIP_TLS, AF_INET}, 0, "192.0.2.9:7000"},
	    {{"plain.test", 0, SIP_TLS, AF_INET}, 0, "192.0.2.7:5061 192.0.2.8:5061"},
	    {{"other.test", 0, SIP_TLS, AF_INET}, 0, "192.0.2.2:5098"},
	    {{"rule.test", 0, SIP_TLS, AF_INET}, 0, "192.0.2.5:5061"},
	    {{"strange.test", 0, SIP_TLS, AF_INET}, 0, "192.0.2.4:5061"},
	    {{"localhost", 0, SIP_TLS, AF_INET}, 0, "127.0.0.1:5061"},
	    {{"nothing.test", 0, SIP_TLS, AF_INET}, -EHOSTUNREACH, "does not offer this"},
	    {{"absent.test", 0, SIP_TLS, AF_INET}, -EHOSTUNREACH, "absent.test: no address"},
	    {{"broken.test", 0, SIP_TLS, AF_INET}, -EAGAIN, "broken.test: SRV"},
	};
	struct lab *lab = lab_new(zone);

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		locate(lab, &facts[i].question);
		if (lab->status != facts[i].status || !strstr(lab->text, facts[i].text) ||
		    (lab->status == 0 && strcmp(lab->text, facts[i].text) != 0))
			fail_msg("%s: %d \"%s\", not %d \"%s\"", facts[i].question.name,
				 lab->status, lab->text, facts[i].status, facts[i].text);
	}
	lab_free(lab);
}

static void a_name_in_the_hosts_file_is_not_asked_for(void **state)
{
	struct lab *lab = lab_new(zone);

	(void)state;
	locate(lab, &(struct locate_question){"localhost", 0, SIP_TLS, AF_INET});
	assert_int_equal(lab->server.asked, 0);
	lab_free(lab);
}

static void a_cancelled_lookup_says_nothing(void **state)
{
	static const struct name_record silent[] = {{"a.test", NAME_NAPTR, "SILENT"},
						    {NULL, NAME_A, NULL}};
	static const struct locate_question question = {"a.test", 0, SIP_TLS, AF_INET};
	struct lab *lab = lab_new(silent);
	struct locate *started;

	(void)state;
	assert_int_equal(locate_start(&started, lab->resolver, &question, on_done, lab), 0);
	while (!lab->server.asked)
		uv_run(&lab->loop, UV_RUN_ONCE);
	locate_cancel(started);
	lab_free(lab);
}

static void a_server_that_is_silent_is_given_up(void **state)
{
	static const struct name_record silent[] = {{"a.test", NAME_A, "SILENT"},
						    {NULL, NAME_A, NULL}};
	struct lab *lab = lab_new(silent);
	uint64_t began = uv_now(&lab->loop);

	(void)state;
	locate(lab, &(struct locate_question){"a.test", 5061, SIP_TLS, AF_INET});
	assert_int_equal(lab->status, -EAGAIN);
	assert_in_range(uv_now(&lab->loop) - began, 1000, 8000);
	lab_free(lab);
}

static uint32_t lot; /* what the next draw gives */

static uint32_t drawn(void *user)
{
	(void)user;
	return lot;
}

static void the_first_target_is_drawn_by_weight(void **state)
{
	static const struct {
		uint32_t lot; /* 0 to 40: the weights together */
		const char *first;
	} facts[] = {{0, "z"}, {1, "a"}, {10, "a"}, {11, "b"}, {40, "b"}, {41, "z"}};

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct srv_target targets[] = {
		    {20, 5, 1, "c"}, {10, 10, 1, "a"}, {10, 30, 1, "b"}, {10, 0, 1, "z"}};

		lot = facts[i].lot;
		assert_int_equal(srv_order(targets, 4, drawn, NULL), 0);
		assert_string_equal(targets[0].host, facts[i].first);
		assert_string_equal(targets[3].host, "c"); /* a priority never mixes with another */
	}
}

static void weights_are_shares(void **state)
{
	unsigned first_b = 0;

	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 10000; i++) {
		struct srv_target targets[] = {{10, 10, 1, "a"}, {10, 30, 1, "b"}};

		lot = (uint32_t)random();
		assert_int_equal(srv_order(targets, 2, drawn, NULL), 0);
		first_b += targets[0].host[0] == 'b';
	}
	assert_in_range(first_b, 7100, 7900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dns_leads_to_these_addresses),
	    cmocka_unit_test(a_name_in_the_hosts_file_is_not_asked_for),
	    cmocka_unit_test(a_cancelled_lookup_says_nothing),
	    cmocka_unit_test(a_server_that_is_silent_is_given_up),
	    cmocka_unit_test(the_first_target_is_drawn_by_weight),
	    cmocka_unit_test(weights_are_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
