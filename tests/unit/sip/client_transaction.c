/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 3261 17.1 with RFC 6026: the diary of each path through the machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "world.h"

/* Nobody answers: when is it sent again, when given up? */
static void an_unanswered_request_is_sent_again_and_given_up(void **state)
{
	static const struct {
		const char *method;
		enum sip_transport transport;
		const char *diary;
	} row[] = {
	    {"INVITE", SIP_UDP,
	     "0 > INVITE\n500 > INVITE\n1500 > INVITE\n3500 > INVITE\n7500 > INVITE\n"
	     "15500 > INVITE\n31500 > INVITE\n32000 client ended: timeout\n"},
	    {"INVITE", SIP_TCP, "0 > INVITE\n32000 client ended: timeout\n"},
	    {"INVITE", SIP_TLS, "0 > INVITE\n32000 client ended: timeout\n"},
	    {"BYE", SIP_UDP,
	     "0 > BYE\n500 > BYE\n1500 > BYE\n3500 > BYE\n7500 > BYE\n11500 > BYE\n"
	     "15500 > BYE\n19500 > BYE\n23500 > BYE\n27500 > BYE\n31500 > BYE\n"
	     "32000 client ended: timeout\n"},
	    {"BYE", SIP_TLS, "0 > BYE\n32000 client ended: timeout\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct world *w = world_new(10);
		struct sip_flow flow = world_flow(row[i].transport, i, "192.0.2.1", 5060);

		assert_int_equal(world_start(w, &flow, row[i].method, "1"), 0);
		world_until(w, 200000);
		world_diary_is(w, row[i].diary);
		assert_int_equal(world_counters(w).clients, 0);
		assert_int_equal(world_counters(w).timeouts, 1);
		world_free(w);
	}
}

static void a_provisional_response_ends_the_repeating_of_invite(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	assert_int_equal(world_start(w, &udp, "INVITE", "1"), 0);
	world_until(w, 1000);
	world_response(w, &udp, 100, "INVITE", "1");
	world_until(w, 60000);
	world_response(w, &udp, 180, "INVITE", "1");
	world_response(w, &udp, 183, "INVITE", "1");
	world_until(w, 100000);
	world_diary_is(w, "0 > INVITE\n500 > INVITE\n1000 response 100\n60000 response 180\n"
			  "60000 response 183\n");
	world_free(w);
}

static void a_refusal_is_acknowledged_each_time_and_told_once(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	assert_int_equal(world_start(w, &udp, "INVITE", "1"), 0);
	world_response(w, &udp, 486, "INVITE", "1");
	world_until(w, 20000);
	world_response(w, &udp, 486, "INVITE", "1");
	world_response(w, &udp, 180, "INVITE", "1"); /* late and void */
	world_response(w, &udp, 200, "INVITE", "1");
	world_until(w, 32000); /* timer D */
	world_response(w, &udp, 486, "INVITE", "1");
	world_diary_is(w, "0 > INVITE\n0 > ACK\n0 response 486\n20000 > ACK\n32000 stray 486\n");
	assert_int_equal(world_counters(w).stray_responses, 1);
	world_free(w);
}

static void the_ack_of_a_refusal_is_made_from_the_invite(void **state)
{
	static const char expected[] =
	    "ACK sip:b@h.example SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP us.example;branch=z9hG4bK1;rport\r\n"
	    "Max-Forwards: 70\r\n"
	    "Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\nRoute: <sip:p3;lr>\r\n"
	    "From: <sip:a@us.example>;tag=f\r\n"
	    "Call-ID: ours\r\n"
	    "CSeq: 17 ACK\r\n"
	    "To: Bob <sip:b@h.example>;tag=theirs\r\n"
	    "Content-Length: 0\r\n\r\n";
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	world_response(w, &tls, 603, "INVITE", "1");
	assert_string_equal(w->last_sent, expected);
	world_until(w, 0); /* no timer D on a reliable transport */
	assert_int_equal(world_counters(w).clients, 0);
	world_free(w);
}

static void a_2xx_is_told_each_time_for_64_t1(void **state)
{
	static const enum sip_transport transport[] = {SIP_UDP, SIP_TCP, SIP_TLS};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct world *w = world_new(10);
		struct sip_flow flow = world_flow(transport[i], i, "192.0.2.1", 5060);

		assert_int_equal(world_start(w, &flow, "INVITE", "1"), 0);
		world_response(w, &flow, 200, "INVITE", "1");
		world_until(w, 500);
		world_response(w, &flow, 200, "INVITE", "1");
		world_response(w, &flow, 180, "INVITE", "1"); /* of a fork that lost */
		world_response(w, &flow, 486, "INVITE", "1");
		assert_int_equal(sip_client_cancel(w->client, NULL, w->now_ms), -EALREADY);
		world_until(w, 31999);
		world_response(w, &flow, 200, "INVITE", "1");
		world_until(w, 32000); /* timer M */
		world_response(w, &flow, 200, "INVITE", "1");
		world_diary_is(w, "0 > INVITE\n0 response 200\n500 response 200\n"
				  "31999 response 200\n32000 stray 200\n");
		world_free(w);
	}
}

static void another_method_gets_one_final_response(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	assert_int_equal(world_start(w, &udp, "BYE", "1"), 0);
	world_until(w, 600);
	world_response(w, &udp, 100, "BYE", "1"); /* timer E goes on, now by T2 */
	world_until(w, 10000);
	world_response(w, &udp, 200, "BYE", "1");
	world_response(w, &udp, 200, "BYE", "1");
	world_until(w, 14999);
	world_response(w, &udp, 200, "BYE", "1");
	world_until(w, 15000); /* timer K */
	world_response(w, &udp, 200, "BYE", "1");
	world_diary_is(w, "0 > BYE\n500 > BYE\n600 response 100\n1500 > BYE\n5500 > BYE\n"
			  "9500 > BYE\n10000 response 200\n15000 stray 200\n");

	world_start(w, &udp, "INFO", "2"); /* 100 alone does not save it: timer F */
	world_until(w, 44000);
	world_response(w, &udp, 100, "INFO", "2");
	w->length = 0;
	world_until(w, 60000);
	world_diary_is(w, "46500 > INFO\n47000 client ended: timeout\n");
	world_free(w);
}

static void another_method_is_over_at_once_over_tls(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "OPTIONS", "1"), 0);
	world_response(w, &tls, 404, "OPTIONS", "1");
	world_until(w, 0);
	assert_int_equal(world_counters(w).clients, 0);
	world_diary_is(w, "0 > OPTIONS\n0 response 404\n");
	world_free(w);
}

static void cancel_is_made_from_the_invite(void **state)
{
	static const char expected[] =
	    "CANCEL sip:b@h.example SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP us.example;branch=z9hG4bK1;rport\r\n"
	    "Max-Forwards: 70\r\n"
	    "Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\nRoute: <sip:p3;lr>\r\n"
	    "From: <sip:a@us.example>;tag=f\r\n"
	    "Call-ID: ours\r\n"
	    "CSeq: 17 CANCEL\r\n"
	    "To: Bob <sip:b@h.example>\r\n"
	    "Reason: SIP;cause=200;text=\"elsewhere\"\r\n"
	    "X-Second: 2\r\n"
	    "Content-Length: 0\r\n\r\n";
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	world_response(w, &tls, 180, "INVITE", "1"); /* its tag is not the CANCEL's */
	assert_int_equal(sip_client_cancel(w->client, "Reason: a\nb\r\n", w->now_ms), -EINVAL);
	assert_int_equal(sip_client_cancel(w->client, "no colon\r\n", w->now_ms), -EINVAL);
	assert_int_equal(sip_client_cancel(w->client,
					   "Reason: SIP;cause=200;text=\"elsewhere\"\r\n"
					   "X-Second: 2\r\n",
					   w->now_ms),
			 0);
	assert_string_equal(w->last_sent, expected);
	world_free(w);
}

static void cancel_waits_for_a_provisional_response(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	assert_int_equal(world_start(w, &udp, "INVITE", "1"), 0);
	assert_int_equal(sip_client_cancel(w->client, NULL, w->now_ms), 0);
	assert_int_equal(sip_client_cancel(w->client, NULL, w->now_ms), 0); /* once */
	world_until(w, 700);
	world_response(w, &udp, 100, "INVITE", "1");
	world_until(w, 1300);
	world_response(w, &udp, 200, "CANCEL", "1");
	world_response(w, &udp, 487, "INVITE", "1");
	world_until(w, 100000);
	world_diary_is(w, "0 > INVITE\n500 > INVITE\n700 > CANCEL\n700 response 100\n"
			  "1200 > CANCEL\n1300 > ACK\n1300 response 487\n");
	assert_int_equal(world_counters(w).clients, 0);
	world_free(w);
}

static void a_200_may_win_against_the_cancel(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	world_response(w, &tls, 180, "INVITE", "1");
	sip_client_cancel(w->client, NULL, w->now_ms);
	world_response(w, &tls, 200, "INVITE", "1");
	world_response(w, &tls, 481, "CANCEL", "1");
	world_diary_is(w, "0 > INVITE\n0 response 180\n0 > CANCEL\n0 response 200\n");

	world_start(w, &tls, "INVITE", "2"); /* not sent at all then */
	sip_client_cancel(w->client, NULL, w->now_ms);
	world_response(w, &tls, 200, "INVITE", "2");
	world_diary_is(w, "0 > INVITE\n0 response 200\n");
	world_free(w);
}

static void a_cancelled_invite_without_final_response_ends(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	world_response(w, &tls, 180, "INVITE", "1");
	world_until(w, 1000);
	sip_client_cancel(w->client, NULL, w->now_ms);
	world_until(w, 20000);
	world_response(w, &tls, 180, "INVITE", "1"); /* does not prolong it */
	world_until(w, 100000);
	world_diary_is(w, "0 > INVITE\n0 response 180\n1000 > CANCEL\n20000 response 180\n"
			  "33000 client ended: timeout\n");
	world_free(w);
}

static void timer_c_cancels_a_call_that_rings_for_three_minutes(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	world_response(w, &tls, 100, "INVITE", "1");
	world_until(w, 100000);
	world_response(w, &tls, 180, "INVITE", "1"); /* prolongs it */
	world_until(w, 150000);
	world_response(w, &tls, 100, "INVITE", "1"); /* does not */
	world_until(w, 281000);
	world_response(w, &tls, 200, "CANCEL", "1");
	world_response(w, &tls, 487, "INVITE", "1");
	world_diary_is(w, "0 > INVITE\n0 response 100\n100000 response 180\n150000 response 100\n"
			  "280000 > CANCEL\n281000 > ACK\n281000 response 487\n");

	w->now_ms = 300000;
	world_start(w, &tls, "INVITE", "2"); /* and nobody hears the CANCEL */
	world_response(w, &tls, 180, "INVITE", "2");
	world_until(w, 900000);
	world_diary_is(w, "300000 > INVITE\n300000 response 180\n480000 > CANCEL\n"
			  "512000 client ended: timeout\n");
	assert_int_equal(world_counters(w).clients, 0);
	world_free(w);
}

static void what_cannot_be_sent_ends_in_the_next_run(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	w->send_result = -EPIPE;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	world_diary_is(w, "0 > INVITE\n"); /* not from within the start */
	assert_int_equal(sip_client_cancel(w->client, NULL, 0), -EALREADY);
	world_until(w, 10);
	world_diary_is(w, "0 client ended: transport\n");

	w->send_result = 0;
	w->lost_in_send = 7; /* the connection goes in the midst of sending */
	assert_int_equal(world_start(w, &tls, "BYE", "2"), 0);
	world_until(w, 20);
	world_diary_is(w, "10 > BYE\n10 client ended: transport\n");
	world_free(w);
}

static void a_lost_connection_ends_what_waits_for_an_answer(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls(), other = world_tls(), udp = world_udp();

	(void)state;
	other.connection = 8;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	world_response(w, &tls, 180, "INVITE", "1");
	world_start(w, &tls, "INVITE", "2"); /* has its final response */
	world_response(w, &tls, 200, "INVITE", "2");
	assert_int_equal(world_start(w, &other, "BYE", "3"), 0);
	assert_int_equal(world_start(w, &udp, "BYE", "4"), 0);
	w->length = 0;
	sip_transactions_connection_lost(w->table, 7, w->now_ms);
	sip_transactions_connection_lost(w->table, 0, w->now_ms);
	world_until(w, 0);
	world_diary_is(w, "0 client ended: transport\n");
	assert_int_equal(world_counters(w).clients, 2);
	world_free(w);
}

static void a_final_response_is_told_even_if_its_ack_kills_the_connection(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	w->lost_in_send = 7;
	world_response(w, &tls, 486, "INVITE", "1");
	world_until(w, 100);
	world_diary_is(w, "0 > INVITE\n0 > ACK\n0 response 486\n");
	world_free(w);
}

/* branch, method, transport, connection -> told or stray */
static void only_its_own_response_reaches_a_client(void **state)
{
	static const struct {
		const char *method, *branch;
		enum sip_transport transport;
		uint64_t connection;
		const char *diary;
	} row[] = {
	    {"INVITE", "2", SIP_TLS, 7, "0 stray 180\n"},
	    {"BYE", "1", SIP_TLS, 7, "0 stray 180\n"},
	    {"INVITE", "1", SIP_TLS, 8, "0 stray 180\n"},
	    {"INVITE", "1", SIP_TCP, 7, "0 stray 180\n"},
	    {"INVITE", "1", SIP_UDP, 0, "0 stray 180\n"},
	    {"INVITE", "1", SIP_TLS, 7, "0 response 180\n"},
	};
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	w->length = 0;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct sip_flow flow =
		    world_flow(row[i].transport, row[i].connection, "192.0.2.1", 5061);

		world_response(w, &flow, 180, row[i].method, row[i].branch);
		world_diary_is(w, row[i].diary);
	}
	world_receive(w, &tls,
		      "SIP/2.0 200 X\r\nVia: SIP/2.0/TLS us;branch=z9hG4bK1, SIP/2.0/TLS more\r\n"
		      "From: <sip:a@us>;tag=f\r\nTo: <sip:b@h>;tag=t\r\nCall-ID: ours\r\n"
		      "CSeq: 17 INVITE\r\n\r\n");
	world_diary_is(w, "0 stray 200\n");
	world_free(w);
}

static void a_client_that_is_detached_finishes_in_silence(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	assert_int_equal(world_start(w, &tls, "INVITE", "1"), 0);
	world_response(w, &tls, 180, "INVITE", "1");
	sip_client_cancel(w->client, NULL, w->now_ms);
	sip_client_detach(w->client);
	world_response(w, &tls, 487, "INVITE", "1");
	assert_int_equal(world_start(w, &tls, "BYE", "2"), 0);
	sip_client_detach(w->client);
	world_until(w, 100000);
	world_diary_is(w, "0 > INVITE\n0 response 180\n0 > CANCEL\n0 > ACK\n0 > BYE\n");
	assert_int_equal(world_counters(w).clients, 0);
	world_free(w);
}

static void bad_requests_are_not_started(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();
	struct sip_client *client;

	(void)state;
	assert_int_equal(world_start(w, &tls, "ACK", "1"), -EINVAL);
	assert_int_equal(world_start(w, &tls, "BYE", "1"), 0);
	assert_int_equal(world_start(w, &tls, "BYE", "1"), -EINVAL); /* the branch is in use */
	assert_int_equal(sip_client_start(w->table, &client, "BYE", 3, &tls, w, 0), -EINVAL);
	assert_int_equal(sip_client_start(w->table, &client, "", 0, &tls, w, 0), -EINVAL);
	assert_int_equal(sip_client_cancel(w->client, NULL, 0), -EINVAL); /* no INVITE */
	assert_int_equal(world_counters(w).clients, 1);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_unanswered_request_is_sent_again_and_given_up),
	    cmocka_unit_test(a_provisional_response_ends_the_repeating_of_invite),
	    cmocka_unit_test(a_refusal_is_acknowledged_each_time_and_told_once),
	    cmocka_unit_test(the_ack_of_a_refusal_is_made_from_the_invite),
	    cmocka_unit_test(a_2xx_is_told_each_time_for_64_t1),
	    cmocka_unit_test(another_method_gets_one_final_response),
	    cmocka_unit_test(another_method_is_over_at_once_over_tls),
	    cmocka_unit_test(cancel_is_made_from_the_invite),
	    cmocka_unit_test(cancel_waits_for_a_provisional_response),
	    cmocka_unit_test(a_200_may_win_against_the_cancel),
	    cmocka_unit_test(a_cancelled_invite_without_final_response_ends),
	    cmocka_unit_test(timer_c_cancels_a_call_that_rings_for_three_minutes),
	    cmocka_unit_test(what_cannot_be_sent_ends_in_the_next_run),
	    cmocka_unit_test(a_lost_connection_ends_what_waits_for_an_answer),
	    cmocka_unit_test(a_final_response_is_told_even_if_its_ack_kills_the_connection),
	    cmocka_unit_test(only_its_own_response_reaches_a_client),
	    cmocka_unit_test(a_client_that_is_detached_finishes_in_silence),
	    cmocka_unit_test(bad_requests_are_not_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
