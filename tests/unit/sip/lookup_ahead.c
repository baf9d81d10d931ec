/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message that is looked up while it is read: whatever is in it, the same happens as to one that
 * is read and then looked up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sip/lookup.h"
#include "sip/txn.h"
#include "world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { STEPS = 200, SEEDS = 60, TEXT_MAX = 2048 };

/* ---- messages: what a Via may look like, and where it may stand ---- */

static const struct {
	const char *before, *between, *after; /* the sent-by, the branch */
} vias[] = {
    {"Via: SIP/2.0/UDP ", ";branch=", "\r\n"},
    {"v:SIP/2.0/UDP ", ";branch=", "\r\n"},
    {"VIA \t:\r\n SIP / 2.0 / UDP ", " ;\r\n\tbranch = ", " ;rport\r\n"},
    {"Via: SIP/2.0/UDP ",
     ";branch=", ", SIP/2.0/TCP x.example;branch=z9hG4bK2\r\nVia: SIP/2.0/UDP y.example\r\n"},
    {"Via: SIP/2.0/UDP ", ";x=\"a;branch=z9hG4bK2,\";BRANCH=", "\r\n"},
    {"Via: SIP/2.0/UDP ", ";branch=", "\r\nv: SIP/2.0/UDP z.example;branch=z9hG4bK2\r\n"},
    {"Via: SIP/2.0/TLS ", ";rport;branch=", ";received=192.0.2.7\r\n"},
    /* refused */
    {"Via: , SIP/2.0/UDP ", ";branch=", "\r\n"},
    {"Via: SIP/2.0/UDP ", ";branch=", ";branch=z9hG4bK2\r\n"},
    {"Via: SIP/2.0/UDP ", ";branch=", " (\r\n"},
    {"Via: SIP/1.0/UDP ", ";branch=", "\r\n"},
    {"Via: SIP/2.0\r\nVia: SIP/2.0/UDP ", ";branch=", "\r\n"},
    {"X-Via: SIP/2.0/UDP ", ";branch=", "\r\n"},
};

static const char *const hosts[] = {"c.example", "C.Example", "c.example:5060", "192.0.2.9:5071",
				    "[2001:db8::1]"};
static const char *const branches[] = {"z9hG4bK1",    "z9hG4bK2", "Z9HG4BK1", "z9hg4bk",
				       "z9hG4bK1%41", "1",        ""};
static const char *const request_methods[] = {"INVITE", "ACK", "CANCEL", "OPTIONS", "invite"};
static const char *const starts[] = {"SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK",
				     "SIP/2.0 486 Busy Here", "SIP/2.0 99 None"};
static const char *const rests[] = {
    "\r\n",
    "Contact: <sip:a@c.example>\r\n\r\n",
    "Contact: <sip:a@c.example>\r\nSubject: a\r\nX-1: b\r\nX-2: c\r\nX-3: d\r\n\r\n",
    "Contact: <sip:a@c.example>\r\nContent-Length: 5\r\n\r\n", /* refused: no such body */
    "Contact: <sip:a@c.example>\r\nX: \001\r\n\r\n",
};

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *dice, size_t sides)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return (uint32_t)((dice->state >> 33) % sides);
}

/* Half of them the first, so that much finds something. */
static const char *one_of(struct dice *dice, const char *const *texts, size_t count)
{
	return texts[roll(dice, 2) ? 0 : roll(dice, count)];
}

/* Via first, in the middle, or last. */
static int write_message(char text[TEXT_MAX], struct dice *dice)
{
	const char *method = one_of(dice, request_methods, COUNT(request_methods));
	const char *host = one_of(dice, hosts, COUNT(hosts));
	const char *branch = one_of(dice, branches, COUNT(branches));
	const char *start = one_of(dice, starts, COUNT(starts));
	const char *rest = one_of(dice, rests, COUNT(rests));
	unsigned via = roll(dice, 2) ? 0 : roll(dice, COUNT(vias)), place = roll(dice, 5);
	unsigned number = roll(dice, 2), tag = roll(dice, 2);
	char line[256], request_line[64];

	snprintf(line, sizeof(line), "%s%s%s%s%s", vias[via].before, host, vias[via].between,
		 branch, vias[via].after);
	snprintf(request_line, sizeof(request_line), "%s sip:b@h.example SIP/2.0", method);
	return snprintf(text, TEXT_MAX,
			"%s\r\n%sFrom: <sip:a@c.example>;tag=f\r\nTo: <sip:b@h.example>%s\r\n"
			"%sCall-ID: call\r\nCSeq: %u %s\r\n%s%s",
			roll(dice, 2) ? start : request_line, place < 3 ? line : "",
			tag ? ";tag=t" : "", place == 3 ? line : "", number, method,
			place == 4 ? line : "", rest);
}

/* ---- both ways ---- */

enum way { READ_THEN_LOOKED_UP, LOOKED_UP_WHILE_READ };

static unsigned known; /* how many keys were made early */

/* What was made early is what would be made late. */
static void check_key(const struct sip_lookup *lookup, const struct sip_message *message)
{
	struct fingerprint key;

	if (!lookup->known)
		return;
	known++;
	key = server_key(lookup->table, message, lookup->flow);
	if (message->request)
		assert_true(fingerprint_equal(&key, &lookup->key));
	else
		assert_int_equal(client_place(lookup->table, message->via.branch), lookup->key.low);
}

/* What the table said, or what the parser did. */
static int receive(struct world *world, const struct sip_flow *flow, enum way way, const char *text,
		   size_t length)
{
	struct sip_parse_error error;
	struct sip_message message;
	struct sip_lookup lookup;
	int rc;

	if (way == READ_THEN_LOOKED_UP) {
		rc = sip_message_parse(&message, text, length, &error);
		return rc ? rc - (int)error.status
			  : sip_transactions_receive(world->table, &message, flow, world->now_ms);
	}
	rc = sip_lookup_parse(&lookup, world->table, flow, &message, text, length, &error);
	if (rc)
		return rc - (int)error.status;
	check_key(&lookup, &message);
	return sip_lookup_receive(&lookup, &message, world->now_ms);
}

/* What is done between two messages. */
static void act(struct world *world, struct dice *dice, const struct sip_flow *flow)
{
	static const char *const own[] = {"1", "2", "3"};
	const char *branch = one_of(dice, own, COUNT(own));
	unsigned what = roll(dice, 10), status = roll(dice, 2) ? 180 : 486;

	if (what == 0)
		(void)world_start(world, flow, roll(dice, 2) ? "INVITE" : "OPTIONS", branch);
	else if (what == 1 && world->server && sip_server_request(world->server))
		(void)world_respond(world, status);
	else if (what == 2)
		world_until(world, world->now_ms + roll(dice, 5000));
}

/* A server that is gone is not to be answered. */
static void forget(struct world *world, struct sip_server *server)
{
	if (world->server == server)
		world->server = NULL;
}

struct story {
	int result[STEPS];
	char diary[sizeof(((struct world *)0)->diary)];
	struct sip_transaction_counters counters;
};

static void live(struct story *story, uint64_t seed, enum way way)
{
	struct world *world = world_new(64);
	const struct sip_flow flows[] = {world_udp(), world_tls(),
					 world_flow(SIP_UDP, 0, "192.0.2.2", 5060)};
	struct dice dice = {seed};
	char text[TEXT_MAX];

	world->on_server_ended = forget;
	for (unsigned i = 0; i < STEPS; i++) {
		const struct sip_flow *flow = &flows[roll(&dice, COUNT(flows))];
		int length = write_message(text, &dice);

		assert_in_range(length, 1, TEXT_MAX - 1);
		story->result[i] = receive(world, flow, way, text, (size_t)length);
		/* only INVITEs say when they are gone */
		if (world->server && !world->server->txn.invite)
			world->server = NULL;
		act(world, &dice, flow);
	}
	memcpy(story->diary, world->diary, sizeof(story->diary));
	story->counters = world_counters(world);
	world_free(world);
}

static void whatever_comes_the_same_happens_as_without_looking_ahead(void **state)
{
	static struct story with, without;
	uint64_t found = 0, refused = 0;

	(void)state;
	known = 0;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		live(&with, seed * UINT64_C(0x9e3779b97f4a7c15), LOOKED_UP_WHILE_READ);
		live(&without, seed * UINT64_C(0x9e3779b97f4a7c15), READ_THEN_LOOKED_UP);
		assert_memory_equal(with.result, without.result, sizeof(with.result));
		assert_string_equal(with.diary, without.diary);
		assert_memory_equal(&with.counters, &without.counters, sizeof(with.counters));
		found += with.counters.retransmissions_received;
		for (unsigned i = 0; i < STEPS; i++)
			refused += with.result[i] != 0;
	}
	/* and all of it happens often */
	assert_true(known > SEEDS * STEPS / 4);
	assert_true(found > SEEDS);
	assert_true(refused > SEEDS * STEPS / 10);
}

/* ---- what is known when ---- */

static void read_one(struct world *world, struct sip_lookup *lookup, const char *head)
{
	static const struct sip_flow flow = {.transport = SIP_UDP};
	struct sip_message message;
	char text[TEXT_MAX];
	int length = snprintf(text, sizeof(text),
			      "%sFrom: <sip:a@c>;tag=f\r\nTo: <sip:b@h>\r\nCall-ID: c\r\n"
			      "CSeq: 1 INVITE\r\nContact: <sip:a@c>\r\n\r\n",
			      head);

	assert_in_range(length, 1, TEXT_MAX - 1);
	assert_int_equal(
	    sip_lookup_parse(lookup, world->table, &flow, &message, text, (size_t)length, NULL), 0);
}

static void a_key_is_made_early_of_what_has_a_unique_branch_and_of_nothing_else(void **state)
{
	static const struct {
		const char *head;
		bool known;
	} rows[] = {
	    {"INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bKa\r\n", true},
	    {"INVITE sip:b@h SIP/2.0\r\nv:SIP/2.0/UDP c;branch=Z9HG4BKa\r\n", true},
	    {"INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=a\r\n", false},
	    {"INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP c\r\n", false},
	    {"SIP/2.0 180 R\r\nVia: SIP/2.0/UDP c;branch=z9hG4bKa\r\n", true},
	    {"SIP/2.0 180 R\r\nVia: SIP/2.0/UDP c;branch=a\r\n", true}, /* nobody asks for it */
	    {"SIP/2.0 180 R\r\nVia: SIP/2.0/UDP c\r\n", false},
	};
	struct world *world = world_new(8);
	struct sip_lookup lookup;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		read_one(world, &lookup, rows[i].head);
		assert_int_equal(lookup.known, rows[i].known);
		assert_int_equal(lookup.step, SIP_LOOKUP_DONE);
	}
	world_free(world);
}

/* RFC 3261 9.1: a CANCEL has the branch of its INVITE; both stand at one place of the table. */
static void an_invite_and_its_cancel_of_ours_are_told_apart_by_the_method(void **state)
{
	struct world *w = world_new(8);
	struct sip_flow udp = world_udp();

	(void)state;
	assert_int_equal(world_start(w, &udp, "INVITE", "1"), 0);
	world_response(w, &udp, 180, "INVITE", "1");
	assert_int_equal(sip_client_cancel(w->client, NULL, 0), 0);
	world_response(w, &udp, 200, "CANCEL", "1");
	world_response(w, &udp, 200, "OPTIONS", "1");
	world_response(w, &udp, 487, "INVITE", "1");
	world_diary_is(w, "0 > INVITE\n0 response 180\n0 > CANCEL\n0 stray 200\n0 > ACK\n"
			  "0 response 487\n");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whatever_comes_the_same_happens_as_without_looking_ahead),
	    cmocka_unit_test(a_key_is_made_early_of_what_has_a_unique_branch_and_of_nothing_else),
	    cmocka_unit_test(an_invite_and_its_cancel_of_ours_are_told_apart_by_the_method),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
