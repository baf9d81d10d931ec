/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 3261 17.2 with RFC 6026 and RFC 4320: the diary of each path through the machines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>

#include "world.h"

static void an_invite_that_takes_long_gets_100_after_200_ms(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	assert_int_equal(world_request(w, &udp, "INVITE", "1", 1), 0);
	world_until(w, 100);
	world_request(w, &udp, "INVITE", "1", 1); /* nothing to repeat yet */
	world_until(w, 300);
	world_request(w, &udp, "INVITE", "1", 1);
	world_respond(w, 180);
	world_until(w, 400);
	world_request(w, &udp, "INVITE", "1", 1);
	world_until(w, 500000); /* it may ring for long */
	world_diary_is(w, "0 request INVITE\n"
			  "200 > 100 INVITE\n"
			  "300 > 100 INVITE\n"
			  "300 > 180 INVITE\n"
			  "400 > 180 INVITE\n");
	assert_int_equal(world_counters(w).retransmissions_received, 3);
	world_free(w);
}

static void an_invite_that_is_answered_at_once_gets_no_100(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	world_request(w, &tls, "INVITE", "1", 1);
	world_until(w, 199);
	world_respond(w, 183);
	world_until(w, 10000);
	world_diary_is(w, "0 request INVITE\n199 > 183 INVITE\n");
	world_free(w);
}

static void a_refusal_over_udp_is_repeated_until_its_ack(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	world_request(w, &udp, "INVITE", "1", 1);
	world_respond(w, 486);
	assert_int_equal(world_respond(w, 200), -EALREADY);
	assert_int_equal(world_respond(w, 180), -EALREADY);
	world_until(w, 2000);
	world_request(w, &udp, "INVITE", "1", 1); /* the client has not heard it */
	world_until(w, 5000);
	world_request(w, &udp, "ACK", "1", 1);
	world_request(w, &udp, "ACK", "1", 1);
	world_request(w, &udp, "INVITE", "1", 1); /* Confirmed absorbs both */
	world_until(w, 9999);
	assert_int_equal(world_counters(w).servers, 1);
	world_until(w, 20000);
	world_diary_is(w, "0 request INVITE\n"
			  "0 > 486 INVITE\n"
			  "500 > 486 INVITE\n"
			  "1500 > 486 INVITE\n"
			  "2000 > 486 INVITE\n"
			  "3500 > 486 INVITE\n"
			  "10000 server ended: acknowledged\n"); /* timer I: T4 */
	assert_int_equal(world_counters(w).servers, 0);
	world_free(w);
}

static void a_refusal_without_ack_ends_after_64_t1(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	world_request(w, &udp, "INVITE", "1", 1);
	world_respond(w, 603);
	world_until(w, 100000);
	world_diary_is(w, "0 request INVITE\n"
			  "0 > 603 INVITE\n"
			  "500 > 603 INVITE\n"
			  "1500 > 603 INVITE\n"
			  "3500 > 603 INVITE\n"
			  "7500 > 603 INVITE\n"
			  "11500 > 603 INVITE\n"
			  "15500 > 603 INVITE\n"
			  "19500 > 603 INVITE\n"
			  "23500 > 603 INVITE\n"
			  "27500 > 603 INVITE\n"
			  "31500 > 603 INVITE\n"
			  "32000 server ended: no ACK\n");
	assert_int_equal(world_counters(w).unacknowledged, 1);
	world_free(w);
}

static void a_refusal_over_tls_is_sent_once(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	world_request(w, &tls, "INVITE", "1", 1);
	world_respond(w, 404);
	world_until(w, 3000);
	world_request(w, &tls, "ACK", "1", 1);
	world_until(w, 3000);
	world_diary_is(w, "0 request INVITE\n"
			  "0 > 404 INVITE\n"
			  "3000 server ended: acknowledged\n");

	world_request(w, &tls, "INVITE", "2", 2);
	world_respond(w, 404);
	world_until(w, 100000);
	world_diary_is(w, "3000 request INVITE\n"
			  "3000 > 404 INVITE\n"
			  "35000 server ended: no ACK\n");
	world_free(w);
}

static void a_2xx_is_repeated_on_each_transport_until_acknowledged(void **state)
{
	static const struct {
		enum sip_transport transport;
		const char *end;
	} row[] = {
	    /* UDP keeps it to absorb what is delayed: timer L */
	    {SIP_UDP, "32000 server ended: acknowledged\n"},
	    {SIP_TCP, "5000 server ended: acknowledged\n"},
	    {SIP_TLS, "5000 server ended: acknowledged\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct world *w = world_new(10);
		struct sip_flow flow = world_flow(row[i].transport, i, "192.0.2.1", 5060);

		world_request(w, &flow, "INVITE", "1", 1);
		world_respond(w, 200);
		world_until(w, 4000);
		world_request(w, &flow, "INVITE", "1", 1); /* absorbed: RFC 6026 */
		world_request(w, &flow, "ACK", "2", 1);    /* another branch: the dialog's */
		world_request(w, &flow, "ACK", "1", 1);    /* so is one with the same */
		world_until(w, 5000);
		world_diary_is(w, "0 request INVITE\n"
				  "0 > 200 INVITE\n"
				  "500 > 200 INVITE\n"
				  "1500 > 200 INVITE\n"
				  "3500 > 200 INVITE\n"
				  "4000 loose ACK\n"
				  "4000 loose ACK\n");
		assert_int_equal(sip_server_request(w->server)->cseq, 1);
		sip_server_acknowledged(w->server, w->now_ms);
		assert_null(sip_server_request(w->server)); /* its text is not kept */
		world_until(w, 100000);
		world_diary_is(w, row[i].end);
		world_free(w);
	}
}

static void a_2xx_that_nobody_acknowledges_ends_after_64_t1(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	world_request(w, &tls, "INVITE", "1", 1);
	world_respond(w, 200);
	world_until(w, 100000);
	world_diary_is(w, "0 request INVITE\n"
			  "0 > 200 INVITE\n"
			  "500 > 200 INVITE\n"
			  "1500 > 200 INVITE\n"
			  "3500 > 200 INVITE\n"
			  "7500 > 200 INVITE\n"
			  "11500 > 200 INVITE\n"
			  "15500 > 200 INVITE\n"
			  "19500 > 200 INVITE\n"
			  "23500 > 200 INVITE\n"
			  "27500 > 200 INVITE\n"
			  "31500 > 200 INVITE\n"
			  "32000 server ended: no ACK\n");
	world_free(w);
}

static void another_method_is_answered_again_for_64_t1_over_udp(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	world_request(w, &udp, "OPTIONS", "1", 1);
	world_until(w, 500);
	world_request(w, &udp, "OPTIONS", "1", 1); /* Trying absorbs */
	world_until(w, 5000);                      /* RFC 4320: 100 when timer E has grown to T2 */
	world_request(w, &udp, "OPTIONS", "1", 1);
	assert_int_equal(world_respond(w, 180), -EINVAL); /* RFC 4320 4.1 */
	world_respond(w, 200);
	world_until(w, 36999);
	world_request(w, &udp, "OPTIONS", "1", 1);
	world_until(w, 37000); /* timer J */
	assert_int_equal(world_counters(w).servers, 0);
	world_request(w, &udp, "OPTIONS", "1", 1);
	world_diary_is(w, "0 request OPTIONS\n"
			  "3500 > 100 OPTIONS\n"
			  "5000 > 100 OPTIONS\n"
			  "5000 > 200 OPTIONS\n"
			  "36999 > 200 OPTIONS\n"
			  "37000 request OPTIONS\n");
	world_free(w);
}

static void another_method_is_over_at_once_over_tls(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	world_request(w, &tls, "BYE", "1", 1);
	world_respond(w, 200);
	assert_int_equal(sip_transactions_next(w->table, w->now_ms), 0);
	assert_int_equal(sip_transactions_run(w->table, w->now_ms), -1);
	assert_int_equal(world_counters(w).servers, 0);
	world_diary_is(w, "0 request BYE\n0 > 200 BYE\n");
	world_free(w);
}

static void a_408_to_another_method_is_never_sent(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	world_request(w, &udp, "INFO", "1", 1);
	assert_int_equal(world_respond(w, 408), 0);
	world_request(w, &udp, "INFO", "1", 1);
	assert_int_equal(world_respond(w, 200), -EALREADY);
	world_until(w, 40000);
	world_diary_is(w, "0 request INFO\n");
	assert_int_equal(world_counters(w).servers, 0);
	world_free(w);
}

static void an_unanswered_request_waits_for_its_answer(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	world_request(w, &tls, "INFO", "1", 1);
	world_until(w, 500000);
	assert_int_equal(world_respond(w, 200), 0);
	world_diary_is(w, "0 request INFO\n3500 > 100 INFO\n500000 > 200 INFO\n");
	world_free(w);
}

static void cancel_is_answered_and_told_once(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	world_request(w, &udp, "INVITE", "1", 1);
	world_respond(w, 180);
	world_request(w, &udp, "CANCEL", "1", 1);
	assert_non_null(strstr(w->last_sent, "tag=t\r\n")); /* the tag of the 180 */
	world_request(w, &udp, "CANCEL", "1", 1);
	world_respond(w, 487);
	world_request(w, &udp, "CANCEL", "1", 1); /* too late: no effect, still 200 */
	world_request(w, &udp, "ACK", "1", 1);
	world_until(w, 100000);
	world_request(w, &udp, "CANCEL", "1", 1);
	world_diary_is(w, "0 request INVITE\n"
			  "0 > 180 INVITE\n"
			  "0 > 200 CANCEL\n"
			  "0 cancel\n"
			  "0 > 200 CANCEL\n"
			  "0 > 487 INVITE\n"
			  "0 > 200 CANCEL\n"
			  "5000 server ended: acknowledged\n"
			  "100000 > 481 CANCEL\n");
	assert_int_equal(world_counters(w).stray_cancels, 1);
	world_free(w);
}

static void answer_487(struct world *world, struct sip_server *invite)
{
	assert_int_equal(world_respond_to(world, invite, 487), 0);
}

static void cancel_and_200_may_cross(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	w->on_cancel = answer_487; /* from inside the callback */
	world_request(w, &tls, "INVITE", "1", 1);
	world_respond(w, 200);
	world_request(w, &tls, "CANCEL", "1", 1); /* after the 200: the call stands */
	world_diary_is(w, "0 request INVITE\n0 > 200 INVITE\n0 > 200 CANCEL\n");

	world_request(w, &tls, "INVITE", "2", 2);
	world_request(w, &tls, "CANCEL", "2", 2); /* before */
	assert_int_equal(world_respond(w, 200), -EALREADY);
	world_diary_is(w, "0 request INVITE\n0 > 200 CANCEL\n0 cancel\n0 > 487 INVITE\n");
	world_free(w);
}

/* Same branch, but not the same transaction. */
static void transactions_differ_by_all_of_their_key(void **state)
{
	static const struct {
		const char *method, *branch;
		struct {
			enum sip_transport transport;
			const char *address;
			unsigned port;
		} from;
		const char *diary;
	} row[] = {
	    {"INVITE", "A", {SIP_UDP, "192.0.2.1", 5060}, ""}, /* again */
	    {"INVITE", "A", {SIP_UDP, "192.0.2.1", 9999}, ""}, /* behind a NAT */
	    {"INVITE", "a", {SIP_UDP, "192.0.2.1", 5060}, "0 > 482 INVITE\n"},
	    {"INVITE", "A", {SIP_UDP, "192.0.2.2", 5060}, "0 > 482 INVITE\n"},
	    {"INVITE", "A", {SIP_TCP, "192.0.2.1", 5060}, "0 > 482 INVITE\n"},
	    {"OPTIONS", "A", {SIP_UDP, "192.0.2.1", 5060}, "0 request OPTIONS\n"},
	    {"CANCEL", "A", {SIP_UDP, "192.0.2.2", 5060}, "0 > 481 CANCEL\n"},
	    {"CANCEL", "A", {SIP_TLS, "192.0.2.1", 5060}, "0 > 481 CANCEL\n"},
	    {"CANCEL", "A", {SIP_UDP, "192.0.2.1", 5060}, "0 > 200 CANCEL\n0 cancel\n"},
	    {"ACK", "A", {SIP_UDP, "192.0.2.2", 5060}, "0 loose ACK\n"},
	    {"ACK", "A", {SIP_UDP, "192.0.2.1", 5060}, ""}, /* of nothing: counted */
	};
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	world_request(w, &udp, "INVITE", "A", 1);
	world_diary_is(w, "0 request INVITE\n");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct sip_flow flow =
		    world_flow(row[i].from.transport, 9, row[i].from.address, row[i].from.port);

		if (flow.transport == SIP_UDP)
			flow.connection = 0;
		world_request(w, &flow, row[i].method, row[i].branch, 1);
		world_diary_is(w, row[i].diary);
	}
	assert_int_equal(world_counters(w).stray_acks, 1);
	assert_int_equal(world_counters(w).merged, 3);
	world_free(w);
}

/* Of RFC 2543: no branch, or one that says nothing. */
static int old_request(struct world *world, const char *method, const char *via_params,
		       const char *call_id, const char *to_params)
{
	struct sip_flow udp = world_udp();

	return world_receive(world, &udp,
			     "%s sip:b@h.example SIP/2.0\r\nVia: SIP/2.0/UDP c.example%s\r\n"
			     "From: <sip:a@c.example>;tag=f\r\nTo: <sip:b@h.example>%s\r\n"
			     "Call-ID: %s\r\nCSeq: 1 %s\r\nContact: <sip:a@c.example>\r\n\r\n",
			     method, via_params, to_params, call_id, method);
}

/* RFC 3261 17.2.3, second half */
static void without_a_unique_branch_transactions_are_found_by_their_headers(void **state)
{
	struct world *w = world_new(10);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		const char *params = i ? ";branch=1" : "";
		const char *call_id = i ? "two" : "one";

		old_request(w, "INVITE", params, call_id, "");
		world_respond(w, 180);
		old_request(w, "INVITE", params, call_id, ""); /* again: absorbed, answered again */
		old_request(w, "CANCEL", params, call_id, "");
		world_respond(w, 487);
		old_request(w, "ACK", params, call_id, ";tag=other"); /* not of our answer */
		old_request(w, "ACK", params, call_id, ";tag=t");
		world_until(w, (i + 1) * 40000);
	}
	world_diary_is(w, "0 request INVITE\n"
			  "0 > 180 INVITE\n"
			  "0 > 180 INVITE\n"
			  "0 > 200 CANCEL\n"
			  "0 cancel\n"
			  "0 > 487 INVITE\n"
			  "0 loose ACK\n"
			  "5000 server ended: acknowledged\n"
			  "40000 request INVITE\n"
			  "40000 > 180 INVITE\n"
			  "40000 > 180 INVITE\n"
			  "40000 > 200 CANCEL\n"
			  "40000 cancel\n"
			  "40000 > 487 INVITE\n"
			  "40000 loose ACK\n"
			  "45000 server ended: acknowledged\n");
	world_free(w);
}

static void the_answer_to_a_merged_request_is_always_the_same(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();
	char first[sizeof(w->last_sent)];

	(void)state;
	world_request(w, &udp, "INVITE", "1", 1);
	world_request(w, &udp, "INVITE", "2", 1);
	memcpy(first, w->last_sent, sizeof(first));
	assert_non_null(strstr(first, "482 Loop Detected"));
	assert_non_null(strstr(first, "To: <sip:b@h.example>;tag="));
	world_until(w, 1000);
	world_request(w, &udp, "INVITE", "2", 1);
	assert_string_equal(first, w->last_sent);
	world_request(w, &udp, "INVITE", "3", 2); /* the next CSeq is a new request */
	assert_int_equal(world_counters(w).servers, 2);
	world_free(w);
}

/* Via, source port -> port of the answer */
static void answers_over_udp_go_where_the_via_says(void **state)
{
	static const struct {
		const char *via;
		unsigned port;
	} row[] = {
	    {"c.example;branch=z9hG4bKa", 5060},
	    {"c.example:5070;branch=z9hG4bKb", 5070},
	    {"c.example:5070;rport;branch=z9hG4bKc", 40000},
	    {"c.example:5070;maddr=203.0.113.1;branch=z9hG4bKd", 5070},
	};
	struct sip_flow udp = world_flow(SIP_UDP, 0, "192.0.2.1", 40000);
	struct sip_flow tls = world_tls();
	struct world *w = world_new(10);

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct sockaddr_in *to = (const struct sockaddr_in *)&w->last_flow.remote;
		struct in_addr source;

		world_receive(w, &udp,
			      "OPTIONS sip:b@h.example SIP/2.0\r\nVia: SIP/2.0/UDP %s\r\n"
			      "From: <sip:a@c>;tag=%zu\r\nTo: <sip:b@h>\r\nCall-ID: call\r\n"
			      "CSeq: 1 OPTIONS\r\n\r\n",
			      row[i].via, i);
		world_respond(w, 200);
		inet_pton(AF_INET, "192.0.2.1", &source);
		assert_int_equal(to->sin_addr.s_addr, source.s_addr);
		assert_int_equal(ntohs(to->sin_port), row[i].port);
	}
	world_request(w, &tls, "BYE", "x", 1);
	world_respond(w, 200);
	assert_int_equal(w->last_flow.connection, 7);
	world_free(w);
}

static void a_lost_connection_ends_what_waits_for_it(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls(), other = world_tls();
	struct sip_server *info;

	(void)state;
	other.connection = 8;
	world_request(w, &tls, "INVITE", "1", 1); /* unanswered */
	world_request(w, &tls, "INVITE", "2", 2); /* 200 without ACK */
	world_respond(w, 200);
	world_request(w, &tls, "INFO", "3", 3);
	info = w->server;
	world_request(w, &other, "INVITE", "4", 4);
	world_diary_is(w, "0 request INVITE\n0 request INVITE\n0 > 200 INVITE\n"
			  "0 request INFO\n0 request INVITE\n");
	sip_transactions_connection_lost(w->table, 7, w->now_ms);
	sip_transactions_connection_lost(w->table, 7, w->now_ms);
	world_diary_is(w, ""); /* nothing is called from in there */
	world_until(w, 100);
	world_diary_is(w, "0 server ended: no ACK\n0 server ended: no ACK\n");
	assert_int_equal(world_respond_to(w, info, 200), -ENOTCONN); /* to nobody, then gone */
	world_until(w, 150);
	assert_int_equal(world_counters(w).servers, 1);
	world_diary_is(w, "");
	world_free(w);
}

static void an_answer_that_cannot_be_sent_ends_its_transaction(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow tls = world_tls();

	(void)state;
	w->send_result = -EPIPE;
	world_request(w, &tls, "INVITE", "1", 1);
	assert_int_equal(world_respond(w, 180), -EPIPE);
	world_until(w, 0);
	world_request(w, &tls, "INFO", "2", 2);
	assert_int_equal(world_respond(w, 100), -EPIPE);
	assert_int_equal(world_respond(w, 200), -EPIPE);
	world_until(w, 0);
	w->send_result = 0;
	world_request(w, &tls, "INVITE", "3", 3);
	w->lost_in_send = 7; /* the connection goes in the midst of it */
	assert_int_equal(world_respond(w, 200), 0);
	world_until(w, 0);
	world_diary_is(w, "0 request INVITE\n0 > 180 INVITE\n0 server ended: no ACK\n"
			  "0 request INFO\n0 > 100 INFO\n0 > 200 INFO\n"
			  "0 request INVITE\n0 > 200 INVITE\n0 server ended: no ACK\n");
	assert_int_equal(world_counters(w).servers, 0);
	assert_int_equal(world_counters(w).transport_failures, 3);
	world_free(w);
}

static void what_is_detached_runs_on_in_silence(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();

	(void)state;
	world_request(w, &udp, "INVITE", "1", 1);
	world_respond(w, 486);
	sip_server_detach(w->server);
	world_request(w, &udp, "INVITE", "2", 2); /* never answered */
	sip_server_detach(w->server);
	world_request(w, &udp, "CANCEL", "2", 2);
	world_until(w, 600);
	world_diary_is(w, "0 request INVITE\n0 > 486 INVITE\n0 request INVITE\n0 > 200 CANCEL\n"
			  "200 > 100 INVITE\n500 > 486 INVITE\n");
	w->length = 0;
	world_until(w, 32000);
	assert_null(strstr(w->diary, "ended"));
	assert_int_equal(world_counters(w).servers, 0);
	world_free(w);
}

/* What is known by its fingerprint alone is still known. */
static void a_request_that_is_not_kept_any_more_is_still_found(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();
	struct sip_flow elsewhere = world_flow(SIP_UDP, 0, "192.0.2.9", 5060);

	(void)state;
	world_request(w, &udp, "INVITE", "1", 1);
	world_respond(w, 200);
	sip_server_acknowledged(w->server, w->now_ms);
	assert_null(sip_server_request(w->server));
	world_request(w, &udp, "INVITE", "1", 1);       /* absorbed */
	world_request(w, &udp, "CANCEL", "1", 1);       /* too late, but of a call that there is */
	world_request(w, &udp, "CANCEL", "1", 2);       /* of none */
	world_request(w, &elsewhere, "INVITE", "1", 1); /* the same on another way */
	world_diary_is(w, "0 request INVITE\n0 > 200 INVITE\n0 > 200 CANCEL\n0 > 481 CANCEL\n"
			  "0 > 482 INVITE\n");
	world_request(w, &udp, "OPTIONS", "2", 3);
	world_respond(w, 200);
	assert_non_null(sip_server_request(w->server)); /* who answers may have it in hand */
	world_until(w, 10);
	assert_null(sip_server_request(w->server));
	world_request(w, &udp, "OPTIONS", "2", 3);
	world_request(w, &elsewhere, "OPTIONS", "2", 3);
	world_diary_is(w, "0 request OPTIONS\n0 > 200 OPTIONS\n10 > 200 OPTIONS\n"
			  "10 > 482 OPTIONS\n");
	world_free(w);
}

static void the_users_pointer_is_kept(void **state)
{
	struct world *w = world_new(10);
	struct sip_flow udp = world_udp();
	int mine;

	(void)state;
	world_request(w, &udp, "INVITE", "1", 1);
	assert_null(sip_server_user(w->server));
	sip_server_set_user(w->server, &mine);
	assert_ptr_equal(sip_server_user(w->server), &mine);
	assert_int_equal(sip_server_flow(w->server)->transport, SIP_UDP);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_invite_that_takes_long_gets_100_after_200_ms),
	    cmocka_unit_test(an_invite_that_is_answered_at_once_gets_no_100),
	    cmocka_unit_test(a_refusal_over_udp_is_repeated_until_its_ack),
	    cmocka_unit_test(a_refusal_without_ack_ends_after_64_t1),
	    cmocka_unit_test(a_refusal_over_tls_is_sent_once),
	    cmocka_unit_test(a_2xx_is_repeated_on_each_transport_until_acknowledged),
	    cmocka_unit_test(a_2xx_that_nobody_acknowledges_ends_after_64_t1),
	    cmocka_unit_test(another_method_is_answered_again_for_64_t1_over_udp),
	    cmocka_unit_test(another_method_is_over_at_once_over_tls),
	    cmocka_unit_test(a_408_to_another_method_is_never_sent),
	    cmocka_unit_test(an_unanswered_request_waits_for_its_answer),
	    cmocka_unit_test(cancel_is_answered_and_told_once),
	    cmocka_unit_test(cancel_and_200_may_cross),
	    cmocka_unit_test(transactions_differ_by_all_of_their_key),
	    cmocka_unit_test(without_a_unique_branch_transactions_are_found_by_their_headers),
	    cmocka_unit_test(the_answer_to_a_merged_request_is_always_the_same),
	    cmocka_unit_test(answers_over_udp_go_where_the_via_says),
	    cmocka_unit_test(a_lost_connection_ends_what_waits_for_it),
	    cmocka_unit_test(an_answer_that_cannot_be_sent_ends_its_transaction),
	    cmocka_unit_test(what_is_detached_runs_on_in_silence),
	    cmocka_unit_test(a_request_that_is_not_kept_any_more_is_still_found),
	    cmocka_unit_test(the_users_pointer_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
