/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registrations that pass through: alice's phones register at bob, who is the PBX. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/registration/page.h"
#include "world.h"

#define PHONE_URI "sip:alice@10.0.0.9:5062;transport=tls"
#define CONTACT "Contact: \"Alice\" <" PHONE_URI ">;q=0.7\r\n"
#define CHALLENGE                                                                            \
	"WWW-Authenticate: Digest realm=\"pbx.example\", nonce=\"n,1\", algorithm=SHA-256, " \
	"qop=\"auth\"\r\n"                                                                   \
	"WWW-Authenticate: Digest realm=\"pbx.example\", nonce=\"n2\", qop=\"auth\"\r\n"
#define CREDENTIALS                                                                        \
	"Authorization: Digest username=\"alice\", realm=\"pbx.example\", nonce=\"n,1\", " \
	"uri=\"sip:pbx.example\", response=\"0123456789abcdef0123456789abcdef\", x=\"y\"\r\n"

static unsigned most_s, most_bindings;

static void prepare(struct config *config)
{
	config->peers[ALICE].registrar = &config->peers[BOB];
	config->peers[ALICE].phone_expires_s = most_s;
	config->peers[ALICE].max_registrations = most_bindings;
	config->max_registrations = 12;
}

static int setup(void **state)
{
	most_s = most_bindings = 0;
	return world_setup_with(state, prepare);
}

static int setup_brief(void **state)
{
	most_s = 60;
	return world_setup_with(state, prepare);
}

static int setup_few(void **state)
{
	most_bindings = 4;
	return world_setup_with(state, prepare);
}

static int teardown(void **state)
{
	struct world *world = *state;

	world->config.peers[ALICE].registrar = NULL;
	world->config.peers[ALICE].phone_expires_s = 0;
	world->config.peers[ALICE].max_registrations = 0;
	most_s = most_bindings = 0;
	return world_teardown(state);
}

static unsigned serial;

static void registers_as(struct world *world, enum phone_number phone, const char *user,
			 unsigned cseq, const char *headers)
{
	phone_says(world, phone,
		   "REGISTER sip:pbx.example SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKr%u\r\n"
		   "Max-Forwards: 70\r\nFrom: \"A\" <sip:%s@PBX.example>;tag=f\r\n"
		   "To: <sip:%s@PBX.example>\r\nCall-ID: of-%s\r\nCSeq: %u REGISTER\r\n"
		   "%sContent-Length: 0\r\n\r\n",
		   ++serial, user, user, user, cseq, headers);
}

static void registers(struct world *world, unsigned cseq, const char *headers)
{
	registers_as(world, ALICE, "alice", cseq, headers);
}

/* The token of the contact that the registrar was told last. */
static const char *token(const struct phone_message *request)
{
	static char user[32];

	snprintf(user, sizeof(user), "%.*s", STR_FMT(request->parsed.contact.uri.user));
	assert_int_equal(strlen(user), 17);
	return user;
}

/* The registrar says yes for so long, and shows other contacts too. */
static void grants(struct world *world, const struct phone_message *request, unsigned seconds)
{
	char headers[512];

	snprintf(headers, sizeof(headers),
		 "Contact: <sip:desk@192.0.2.99>;expires=77, "
		 "<sip:%s@relay.example:5061;transport=tls>;expires=%u\r\n",
		 token(request), seconds);
	phone_answers_with(world, BOB, "REGISTER", 200, headers, NULL);
}

static struct phone_message *registered(struct world *world, unsigned seconds)
{
	struct phone_message *request;

	registers(world, 1, CONTACT "Expires: 3600\r\n");
	request = phone_hears(world, BOB, "REGISTER");
	grants(world, request, seconds);
	phone_hears_status(world, ALICE, 200);
	return request;
}

/* How many there are in that state; NULL: in any. */
static size_t bindings_that_are(struct world *world, const char *state)
{
	const struct registration_filter filter = {.state = state};
	int status;
	json_t *page = b2bua_registration_page(world->b2bua, &filter, NULL, 100, &status);
	size_t count = json_array_size(json_object_get(page, "registrations"));

	assert_non_null(page);
	json_decref(page);
	return count;
}

static size_t bindings(struct world *world)
{
	return bindings_that_are(world, NULL);
}

static void the_registrar_is_told_a_contact_of_ours(void **state)
{
	struct world *world = *state;
	struct phone_message *request, *answer;

	registers(world, 1, CONTACT "Expires: 3600\r\n");
	request = phone_hears(world, BOB, "REGISTER");
	assert_int_equal(strncmp(request->text, "REGISTER sip:pbx.example SIP/2.0\r\n", 34), 0);
	message_has(request, "\r\nFrom: <sip:alice@PBX.example>;tag=");
	message_has(request, "\r\nTo: <sip:alice@PBX.example>\r\n");
	message_has(request, "@relay.example:5061;transport=tls>;expires=3600\r\n");
	message_has(request, "\r\nExpires: 3600\r\n");
	message_lacks(request, "10.0.0.9");
	message_lacks(request, "of-alice");
	message_lacks(request, "tag=f\r\n");
	assert_int_equal(bindings(world), 0); /* not before the registrar's word */
	grants(world, request, 1800);
	answer = phone_hears_status(world, ALICE, 200);
	message_has(answer, "\r\nContact: <" PHONE_URI ">;expires=1800\r\n");
	message_lacks(answer, "desk");
	message_lacks(answer, token(request));
	assert_int_equal(bindings(world), 1);
}

static void challenges_and_credentials_pass_untouched(void **state)
{
	struct world *world = *state;
	struct phone_message *first, *second;
	char told[32];

	registers(world, 1, CONTACT);
	first = phone_hears(world, BOB, "REGISTER");
	snprintf(told, sizeof(told), "%s", token(first));
	phone_answers_with(world, BOB, "REGISTER", 401, CHALLENGE, NULL);
	message_has(phone_hears_status(world, ALICE, 401), "\r\n" CHALLENGE);
	registers(world, 2, CONTACT CREDENTIALS);
	second = phone_hears(world, BOB, "REGISTER");
	message_has(second, "\r\n" CREDENTIALS);
	/* one binding: the same contact, the same Call-ID, the next CSeq (10.2.4) */
	assert_string_equal(token(second), told);
	assert_true(str_eq(first->parsed.call_id, second->parsed.call_id));
	assert_true(second->parsed.cseq == first->parsed.cseq + 1);
	grants(world, second, 3600);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(bindings(world), 1);
}

static void other_refusals_pass_with_what_they_say(void **state)
{
	static const struct {
		unsigned from, to;
		const char *headers, *shown;
	} facts[] = {
	    {403, 403, "", "SIP/2.0 403"},
	    {423, 423, "Min-Expires: 1200\r\n", "\r\nMin-Expires: 1200\r\n"},
	    {404, 404, "Retry-After: 9\r\n", "\r\nRetry-After: 9\r\n"},
	    {503, 500, "", "SIP/2.0 500"},
	    {302, 480, "", "SIP/2.0 480"},
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		registers(world, i + 1, CONTACT);
		phone_hears(world, BOB, "REGISTER");
		phone_answers_with(world, BOB, "REGISTER", facts[i].from, facts[i].headers, NULL);
		message_has(phone_hears_status(world, ALICE, facts[i].to), facts[i].shown);
	}
	assert_int_equal(bindings(world), 0);
}

static void a_call_to_the_token_reaches_the_phone_where_it_registered(void **state)
{
	struct world *world = *state;
	const char *user = token(registered(world, 3600));
	struct phone_message *invite;

	phone_invites(world, BOB, user, sdp_srtp_bob);
	invite = phone_hears(world, ALICE, "INVITE");
	assert_int_equal(strncmp(invite->text, "INVITE " PHONE_URI " SIP/2.0\r\n", 52), 0);
	message_has(invite, "\r\nTo: <sip:alice@pbx.example>\r\n");
	message_lacks(invite, user);
	phone_answers(world, ALICE, "INVITE", 200, sdp_srtp_alice);
	phone_hears_status(world, BOB, 200);
}

/* RFC 3261 8.1.1.8: who is called by a sips URI is told one to call back. */
static void a_phone_that_registered_a_sips_contact_is_called_by_it(void **state)
{
	struct world *world = *state;
	struct phone_message *request, *invite;

	registers(world, 1, "Contact: <sips:alice@192.0.2.11>\r\nExpires: 3600\r\n");
	request = phone_hears(world, BOB, "REGISTER");
	grants(world, request, 3600);
	phone_hears_status(world, ALICE, 200);
	phone_invites(world, BOB, token(request), sdp_srtp_bob);
	invite = phone_hears(world, ALICE, "INVITE");
	assert_int_equal(strncmp(invite->text, "INVITE sips:alice@192.0.2.11 SIP/2.0\r\n", 38), 0);
	message_has(invite, "\r\nContact: <sips:relay.example:5061>\r\n");
}

static void nobody_else_may_use_a_token(void **state)
{
	struct world *world = *state;
	const char *user = token(registered(world, 3600));

	phone_invites(world, DAVE, user, sdp_srtp_bob);
	phone_hears_status(world, DAVE, 480);
	phone_invites(world, ALICE, user, sdp_srtp_alice);
	phone_hears_status(world, ALICE, 480);
	phone_invites(world, BOB, "r0123456789abcdef", sdp_srtp_bob);
	phone_hears_status(world, BOB, 480);
	assert_int_equal(world_counter(world, "not-registered"), 3);
}

static void a_phone_whose_connection_is_lost_cannot_be_called(void **state)
{
	struct world *world = *state;
	const char *user = token(registered(world, 3600));

	world_disconnect(world, ALICE);
	assert_int_equal(bindings_that_are(world, "unreachable"), 1);
	assert_int_equal(bindings_that_are(world, "registered"), 0);
	assert_int_equal(world_counter(world, "phones-lost"), 1);
	phone_invites(world, BOB, user, sdp_srtp_bob);
	phone_hears_status(world, BOB, 480);
	assert_int_equal(world_counter(world, "flow-lost"), 1);
	/* nobody was called: a connection that is made for it would be another phone's */
	assert_true(phone_hears_nothing(world, ALICE));
	assert_true(world->phone[ALICE].connection == 0);
	/* it did not come back, and its time is over */
	world_advance(world, 3633000);
	assert_int_equal(bindings(world), 0);
}

static void a_phone_that_comes_back_has_its_token_again(void **state)
{
	struct world *world = *state;
	struct phone_message *request = registered(world, 3600);
	char user[32];

	snprintf(user, sizeof(user), "%s", token(request));
	world_disconnect(world, ALICE);
	world->phone[ALICE].connection = 777;
	registers(world, 2, CONTACT);
	request = phone_hears(world, BOB, "REGISTER");
	assert_string_equal(token(request), user);
	/* who it is the registrar must say first: until then it is where it was, nowhere */
	phone_invites(world, BOB, user, sdp_srtp_bob);
	phone_hears_status(world, BOB, 480);
	grants(world, request, 3600);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(bindings_that_are(world, "registered"), 1);
	assert_int_equal(world->phone[ALICE].held, 1);
	phone_invites(world, BOB, user, sdp_srtp_bob);
	phone_hears(world, ALICE, "INVITE");
}

static void the_connection_of_a_registration_is_held(void **state)
{
	struct world *world = *state;

	registers(world, 1, CONTACT);
	assert_int_equal(world->phone[ALICE].held, 0);
	grants(world, phone_hears(world, BOB, "REGISTER"), 120);
	assert_int_equal(world->phone[ALICE].held, 1);
	registers(world, 2, CONTACT);
	grants(world, phone_hears(world, BOB, "REGISTER"), 120);
	assert_int_equal(world->phone[ALICE].held, 1); /* not twice */
	world_advance(world, 153000);
	assert_int_equal(bindings(world), 0);
	assert_int_equal(world->phone[ALICE].held, 0);
}

/* connection_reuse is about a peer's connections; that of a REGISTER was made for calls. */
static void a_phone_is_called_where_it_registered_whatever_reuse_says(void **state)
{
	struct world *world = *state;
	const char *user = token(registered(world, 3600));

	world->no_reuse = true;
	world->refuses[ALICE] = true; /* no other connection can be made */
	phone_invites(world, BOB, user, sdp_srtp_bob);
	phone_hears(world, ALICE, "INVITE");
}

/* The INVITE was on its way: nobody will answer it. */
static void a_call_to_a_phone_that_is_lost_ends_at_once(void **state)
{
	struct world *world = *state;
	const char *user = token(registered(world, 3600));

	phone_invites(world, BOB, user, sdp_srtp_bob);
	phone_hears(world, ALICE, "INVITE");
	world_disconnect(world, ALICE);
	world_advance(world, 1);
	phone_hears_status(world, BOB, 480);
	assert_int_equal(world_counter(world, "flow-lost"), 1);
	assert_true(world->phone[ALICE].connection == 0);
}

/* A phone that called and is lost: another connection of its peer would be another phone's, and get
 * the keys of this call. */
static void a_phone_that_calls_and_is_lost_is_not_answered_by_another_connection(void **state)
{
	struct world *world = *state;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_hears(world, BOB, "INVITE");
	phone_answers(world, BOB, "INVITE", 180, NULL);
	phone_hears_status(world, ALICE, 180);
	world_disconnect(world, ALICE);
	world_advance(world, 1);
	assert_true(phone_hears_nothing(world, ALICE)); /* nor asked for another */
	assert_true(world->phone[ALICE].connection == 0);
	assert_int_equal(world_counter(world, "detours"), 0);
	phone_hears(world, BOB, "CANCEL");
	phone_answers(world, BOB, "INVITE", 487, NULL);
	assert_int_equal(world_calls(world), 0);
}

/* What belongs to the call follows the phone to the connection that it registers by next. */
static void a_call_follows_its_phone_to_another_connection(void **state)
{
	static const char contact[] =
	    "Contact: <sip:alice@192.0.2.11:5061>\r\n"; /* as in its 200 */
	struct world *world = *state;
	struct phone_message *request;

	registers(world, 1, contact);
	request = phone_hears(world, BOB, "REGISTER");
	grants(world, request, 3600);
	phone_hears_status(world, ALICE, 200);
	phone_invites(world, BOB, token(request), sdp_srtp_bob);
	phone_hears(world, ALICE, "INVITE");
	phone_answers(world, ALICE, "INVITE", 200, sdp_srtp_alice);
	phone_hears_status(world, BOB, 200);
	phone_acks(world, BOB, NULL);
	phone_hears(world, ALICE, "ACK");
	world_disconnect(world, ALICE);
	world->phone[ALICE].connection = 777;
	registers(world, 2, contact);
	grants(world, phone_hears(world, BOB, "REGISTER"), 3600);
	world->refuses[ALICE] = true; /* no other connection can be made */
	b2bua_end_calls(world->b2bua);
	phone_hears(world, ALICE, "BYE");
	world->refuses[ALICE] = false;
}

/* A phone with another port on each connection would run out of contacts. */
static void phones_that_cannot_be_reached_make_room(void **state)
{
	struct world *world = *state;
	char contact[96];

	for (unsigned i = 0; i < 14; i++) {
		snprintf(contact, sizeof(contact), "Contact: <sip:alice@10.0.0.9:%u>\r\n",
			 50000 + i);
		world->phone[ALICE].connection = 500 + i;
		world->phone[ALICE].received = world->phone[BOB].received = 0;
		memset(world->phone[ALICE].taken, 0, sizeof(world->phone[ALICE].taken));
		memset(world->phone[BOB].taken, 0, sizeof(world->phone[BOB].taken));
		registers(world, i + 1, contact);
		grants(world, phone_hears(world, BOB, "REGISTER"), 3600);
		phone_hears_status(world, ALICE, 200);
		world_disconnect(world, ALICE);
	}
	assert_int_equal(world_counter(world, "bindings"), 0);
	assert_int_equal(bindings_that_are(world, "unreachable"), 10);
}

static void bindings_are_listed_page_by_page(void **state)
{
	struct world *world = *state;
	struct registration_filter filter = {.peer = "alice"};
	char user[32], contact[96], cursor[64] = "";
	unsigned pages = 0, seen = 0;
	json_t *page;
	int status;

	for (unsigned i = 0; i < 7; i++) {
		snprintf(user, sizeof(user), "user%u", i);
		snprintf(contact, sizeof(contact), "Contact: <sip:%s@10.0.0.9>\r\n", user);
		registers_as(world, ALICE, user, 1, contact);
		grants(world, phone_hears(world, BOB, "REGISTER"), 3600);
	}
	do {
		const json_t *list;

		page = b2bua_registration_page(world->b2bua, &filter, cursor[0] ? cursor : NULL, 3,
					       &status);
		assert_non_null(page);
		list = json_object_get(page, "registrations");
		assert_int_equal(json_integer_value(json_object_get(page, "total")), 7);
		for (size_t i = 0; i < json_array_size(list); i++) {
			snprintf(user, sizeof(user), "sip:user%u@pbx.example", seen++);
			assert_string_equal(
			    json_string_value(json_object_get(json_array_get(list, i), "aor")),
			    user);
		}
		cursor[0] = '\0';
		if (json_object_get(page, "next"))
			snprintf(cursor, sizeof(cursor), "%s",
				 json_string_value(json_object_get(page, "next")));
		json_decref(page);
		pages++;
	} while (cursor[0]);
	assert_int_equal(seen, 7);
	assert_int_equal(pages, 3);
	filter.peer = "bob";
	page = b2bua_registration_page(world->b2bua, &filter, NULL, 3, &status);
	assert_int_equal(json_array_size(json_object_get(page, "registrations")), 0);
	json_decref(page);
	static const char *const wrong[] = {"",      "phone.", "phone.x", "phone.1x",
					    "trunk", "7",      "phone.-1"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_null(b2bua_registration_page(world->b2bua, &filter, wrong[i], 3, &status));
		assert_int_equal(status, -EINVAL);
	}
}

/* The phone's connection goes while the registrar thinks: its yes binds nothing. */
static void a_phone_that_left_meanwhile_is_not_bound(void **state)
{
	struct world *world = *state;
	struct phone_message *request;

	registers(world, 1, CONTACT);
	request = phone_hears(world, BOB, "REGISTER");
	world_disconnect(world, ALICE);
	grants(world, request, 3600);
	assert_int_equal(bindings(world), 0);
}

static void a_binding_that_is_not_refreshed_ends(void **state)
{
	struct world *world = *state;

	registered(world, 120);
	world_advance(world, 120000);
	assert_int_equal(bindings(world), 1); /* a refresh may be late */
	world_advance(world, 33000);
	assert_int_equal(bindings(world), 0);
}

static void a_phone_may_take_back_one_or_all(void **state)
{
	struct world *world = *state;
	struct phone_message *request = registered(world, 3600);
	char user[32];

	snprintf(user, sizeof(user), "%s", token(request));
	registers(world, 2, "Contact: <" PHONE_URI ">;expires=0\r\n");
	request = phone_hears(world, BOB, "REGISTER");
	assert_string_equal(token(request), user);
	message_has(request, ";expires=0\r\n");
	phone_answers_with(world, BOB, "REGISTER", 200, "Contact: <sip:desk@192.0.2.99>\r\n", NULL);
	message_lacks(phone_hears_status(world, ALICE, 200), "Contact");
	assert_int_equal(bindings(world), 0);
	/* what is not there is not there: nobody is asked */
	registers(world, 3, "Contact: <" PHONE_URI ">;expires=0\r\n");
	phone_hears_status(world, ALICE, 200);
	assert_true(phone_hears_nothing(world, BOB));
	registers(world, 4, CONTACT);
	grants(world, phone_hears(world, BOB, "REGISTER"), 3600);
	phone_hears_status(world, ALICE, 200);
	registers(world, 5, "Contact: *\r\nExpires: 0\r\n");
	message_has(phone_hears(world, BOB, "REGISTER"), "\r\nContact: *\r\nExpires: 0\r\n");
	phone_answers(world, BOB, "REGISTER", 200, NULL);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(bindings(world), 0);
}

static void a_query_shows_the_phones_of_that_address_only(void **state)
{
	struct world *world = *state;
	struct phone_message *request = registered(world, 3600), *answer;
	char headers[256];

	snprintf(headers, sizeof(headers), "Contact: <sip:%s@relay.example:5061>;expires=99\r\n",
		 token(request));
	registers(world, 2, "");
	request = phone_hears(world, BOB, "REGISTER");
	message_lacks(request, "Contact");
	message_lacks(request, "Expires");
	phone_answers_with(world, BOB, "REGISTER", 200, headers, NULL);
	answer = phone_hears_status(world, ALICE, 200);
	message_has(answer, "\r\nContact: <" PHONE_URI ">;expires=99\r\n");
	registers_as(world, ALICE, "mallory", 1, "");
	phone_hears(world, BOB, "REGISTER");
	phone_answers_with(world, BOB, "REGISTER", 200, headers, NULL);
	message_lacks(phone_hears_status(world, ALICE, 200), "Contact");
}

static void phones_behind_nat_come_often_and_the_registrar_is_asked_seldom(void **state)
{
	struct world *world = *state;
	unsigned asked = 0;

	registers(world, 1, CONTACT "Expires: 3600\r\n");
	grants(world, phone_hears(world, BOB, "REGISTER"), 600);
	message_has(phone_hears_status(world, ALICE, 200), ";expires=60\r\n");
	for (unsigned i = 2; i <= 11; i++) {
		world_advance(world, 50000);
		world->phone[BOB].received = world->phone[ALICE].received = 0;
		memset(world->phone[ALICE].taken, 0, sizeof(world->phone[ALICE].taken));
		memset(world->phone[BOB].taken, 0, sizeof(world->phone[BOB].taken));
		registers(world, i, CONTACT "Expires: 3600\r\n");
		if (world->phone[BOB].received) {
			asked++;
			grants(world, phone_hears(world, BOB, "REGISTER"), 600);
		}
		message_has(phone_hears_status(world, ALICE, 200), ";expires=60\r\n");
		assert_int_equal(bindings(world), 1);
	}
	assert_int_equal(asked, 1);
	assert_int_equal(world_counter(world, "phones-refreshed"), 9);
	world_advance(world, 93000);
	assert_int_equal(bindings(world), 0); /* silent: its way is closed */
}

/* From another address only the registrar can say who it is. */
static void a_phone_that_moved_is_asked_for_by_the_registrar(void **state)
{
	struct world *world = *state;

	registers(world, 1, CONTACT "Expires: 3600\r\n");
	grants(world, phone_hears(world, BOB, "REGISTER"), 600);
	phone_hears_status(world, ALICE, 200);
	world->phone[ALICE].connection = 777;
	registers(world, 2, CONTACT "Expires: 3600\r\n");
	phone_hears(world, BOB, "REGISTER");
	phone_answers_with(world, BOB, "REGISTER", 401, CHALLENGE, NULL);
	phone_hears_status(world, ALICE, 401);
	assert_int_equal(bindings(world), 1);
}

static void bindings_are_bounded_by_name(void **state)
{
	struct world *world = *state;
	char contact[96], user[32];

	for (unsigned i = 0; i < 10; i++) {
		snprintf(contact, sizeof(contact), "Contact: <sip:a%u@10.0.0.9>\r\n", i);
		registers(world, i + 1, contact);
	}
	registers(world, 11, "Contact: <sip:more@10.0.0.9>\r\n");
	phone_hears_status(world, ALICE, 403);
	assert_int_equal(world_counter(world, "bindings"), 1);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(user, sizeof(user), "other%u", i);
		registers_as(world, ALICE, user, 1, CONTACT);
	}
	message_has(phone_hears_status(world, ALICE, 503), "\r\nRetry-After: 60\r\n");
	assert_int_equal(world_counter(world, "registrations"), 1);
	/* contacts that the registrar never accepted make room again */
	world_advance(world, 61000);
	world->phone[BOB].received = world->phone[ALICE].received = 0;
	memset(world->phone[BOB].taken, 0, sizeof(world->phone[BOB].taken));
	registers(world, 12, "Contact: <sip:more@10.0.0.9>\r\n");
	phone_hears(world, BOB, "REGISTER");
}

static void a_peer_has_its_part_only(void **state)
{
	struct world *world = *state;
	char user[32];

	for (unsigned i = 0; i < 5; i++) {
		snprintf(user, sizeof(user), "other%u", i);
		registers_as(world, ALICE, user, 1, CONTACT);
	}
	phone_hears_status(world, ALICE, 403);
	assert_int_equal(world_counter(world, "peer-registrations"), 1);
}

static void what_is_no_registration_is_refused(void **state)
{
	static const struct {
		const char *headers;
		unsigned status;
		const char *name;
	} facts[] = {
	    {"Contact: <sip:a@h>, <sip:b@h>\r\n", 403, "contacts"},
	    {"Contact: *\r\n", 400, "malformed"},
	    {"Contact: *\r\nExpires: 60\r\n", 400, "malformed"},
	    {"Contact: <tel:123>\r\n", 400, "malformed"},
	    {"Require: frobnicate\r\n", 420, "extension"},
	};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		uint64_t before = world_counter(world, facts[i].name);

		registers(world, i + 1, facts[i].headers);
		phone_hears_status(world, ALICE, facts[i].status);
		assert_int_equal(world_counter(world, facts[i].name), before + 1);
	}
	registers_as(world, BOB, "bob", 1, CONTACT);
	phone_hears_status(world, BOB, 405);
	assert_true(phone_hears_nothing(world, BOB));
}

static void one_register_of_a_contact_at_a_time_and_in_order(void **state)
{
	struct world *world = *state;

	registers(world, 7, CONTACT);
	registers(world, 8, CONTACT);
	message_has(phone_hears_status(world, ALICE, 500), "\r\nRetry-After: 3\r\n");
	grants(world, phone_hears(world, BOB, "REGISTER"), 3600);
	phone_hears_status(world, ALICE, 200);
	registers(world, 6, CONTACT);
	phone_hears_status(world, ALICE, 500);
	assert_int_equal(world_counter(world, "registering"), 1);
	assert_int_equal(world_counter(world, "out-of-order"), 1);
}

static void a_silent_registrar_is_an_error_of_ours(void **state)
{
	struct world *world = *state;

	registers(world, 1, CONTACT);
	world_advance(world, 33000);
	phone_hears_status(world, ALICE, 500);
	assert_int_equal(bindings(world), 0);
}

static void a_challenged_call_to_the_registrar_passes_the_challenge(void **state)
{
	struct world *world = *state;
	struct phone_message *invite;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	invite = phone_hears(world, BOB, "INVITE");
	/* the credentials will be made of it */
	assert_int_equal(strncmp(invite->text, "INVITE sip:2002@relay.example SIP/2.0\r\n", 39), 0);
	phone_answers_with(world, BOB, "INVITE", 401, CHALLENGE, NULL);
	message_has(phone_hears_status(world, ALICE, 401), "\r\n" CHALLENGE);
	phone_acks(world, ALICE, NULL);
	phone_invites_with(world, ALICE, "2002", CREDENTIALS, sdp_srtp_alice);
	message_has(phone_hears(world, BOB, "INVITE"), "\r\n" CREDENTIALS);
	phone_answers(world, BOB, "INVITE", 200, sdp_srtp_bob);
	phone_hears_status(world, ALICE, 200);
}

/* To others they are nobody's. */
static void challenges_of_others_do_not_pass(void **state)
{
	struct world *world = *state;

	phone_invites_with(world, ALICE, "2004", CREDENTIALS, sdp_srtp_alice);
	message_lacks(phone_hears(world, DAVE, "INVITE"), "Authorization");
	phone_answers_with(world, DAVE, "INVITE", 401, CHALLENGE, NULL);
	message_lacks(phone_hears_status(world, ALICE, 502), "Authenticate");
}

static void options_to_a_token_tell_whether_the_phone_is_there(void **state)
{
	static const char text[] =
	    "OPTIONS sip:%s@relay.example SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKo%u\r\n"
	    "Max-Forwards: 70\r\nFrom: <sip:pbx@h>;tag=1\r\nTo: <sip:x@h>\r\nCall-ID: o%u\r\n"
	    "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
	struct world *world = *state;
	const char *user = token(registered(world, 3600));

	phone_says(world, BOB, text, user, 1, 1);
	phone_hears_status(world, BOB, 200);
	world_disconnect(world, ALICE);
	phone_says(world, BOB, text, user, 2, 2);
	phone_hears_status(world, BOB, 480);
}

static void proxies_before_the_phone_are_passed_again(void **state)
{
	struct world *world = *state;
	struct phone_message *request;

	registers(world, 1, CONTACT "Path: <sip:edge.example;lr>\r\n");
	request = phone_hears(world, BOB, "REGISTER");
	message_lacks(request, "edge");
	grants(world, request, 3600);
	message_has(phone_hears_status(world, ALICE, 200), "\r\nPath: <sip:edge.example;lr>\r\n");
	phone_invites(world, BOB, token(request), sdp_srtp_bob);
	message_has(phone_hears(world, ALICE, "INVITE"), "\r\nRoute: <sip:edge.example;lr>\r\n");
}

/* Another phone of the same peer names Alice's contact, and a way that leads past it. */
static void who_is_not_accepted_changes_nothing_of_a_binding(void **state)
{
	struct world *world = *state;
	struct phone_message *request, *invite;
	char user[32];

	registers(world, 1, CONTACT "Path: <sip:edge.example;lr>\r\n");
	request = phone_hears(world, BOB, "REGISTER");
	snprintf(user, sizeof(user), "%s", token(request));
	grants(world, request, 3600);
	phone_hears_status(world, ALICE, 200);
	registers(world, 900, CONTACT "Path: <sip:mallory.example;lr>\r\n");
	phone_hears(world, BOB, "REGISTER");
	phone_answers_with(world, BOB, "REGISTER", 401, CHALLENGE, NULL);
	phone_hears_status(world, ALICE, 401);
	phone_invites(world, BOB, user, sdp_srtp_bob);
	invite = phone_hears(world, ALICE, "INVITE");
	message_has(invite, "\r\nRoute: <sip:edge.example;lr>\r\n");
	message_lacks(invite, "mallory");
	/* and Alice's own next one is in order */
	registers(world, 2, CONTACT);
	grants(world, phone_hears(world, BOB, "REGISTER"), 3600);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(world_counter(world, "out-of-order"), 0);
}

/* Over an address that can be forged: what is new the registrar must hear of. */
static void a_refresh_with_another_path_is_no_known_one(void **state)
{
	struct world *world = *state;

	registers(world, 1, CONTACT "Expires: 3600\r\n");
	grants(world, phone_hears(world, BOB, "REGISTER"), 600);
	phone_hears_status(world, ALICE, 200);
	registers(world, 2, CONTACT "Expires: 3600\r\nPath: <sip:mallory.example;lr>\r\n");
	phone_hears(world, BOB, "REGISTER");
	phone_answers_with(world, BOB, "REGISTER", 401, CHALLENGE, NULL);
	phone_hears_status(world, ALICE, 401);
	registers(world, 3, CONTACT "Expires: 3600\r\n");
	message_lacks(phone_hears_status(world, ALICE, 200), "Path");
	assert_int_equal(world_counter(world, "phones-refreshed"), 1);
}

/* Ten made-up contacts would keep the phone itself out for a minute. */
static void contacts_that_were_not_accepted_make_room_for_others_of_the_same_address(void **state)
{
	struct world *world = *state;
	char contact[96];

	for (unsigned i = 0; i < 10; i++) {
		snprintf(contact, sizeof(contact), "Contact: <sip:a%u@10.0.0.66>\r\n", i);
		registers(world, i + 1, contact);
		phone_hears(world, BOB, "REGISTER");
		phone_answers_with(world, BOB, "REGISTER", 401, CHALLENGE, NULL);
		phone_hears_status(world, ALICE, 401);
	}
	registers(world, 100, CONTACT);
	grants(world, phone_hears(world, BOB, "REGISTER"), 3600);
	phone_hears_status(world, ALICE, 200);
	assert_int_equal(bindings_that_are(world, "registered"), 1);
	assert_int_equal(world_counter(world, "bindings"), 0);
}

/* Nor do made-up addresses use up what their peer may have. */
static void contacts_that_were_not_accepted_make_room_for_others_of_their_peer(void **state)
{
	struct world *world = *state;
	char user[32];

	for (unsigned i = 0; i < 6; i++) {
		snprintf(user, sizeof(user), "other%u", i);
		registers_as(world, ALICE, user, 1, CONTACT);
		phone_hears(world, BOB, "REGISTER");
		phone_answers_with(world, BOB, "REGISTER", 401, CHALLENGE, NULL);
		phone_hears_status(world, ALICE, 401);
	}
	assert_int_equal(world_counter(world, "peer-registrations"), 0);
}

int main(void)
{
#define TEST_WITH(name, before) cmocka_unit_test_setup_teardown(name, before, teardown)
#define TEST(name) TEST_WITH(name, setup)
	const struct CMUnitTest tests[] = {
	    TEST(the_registrar_is_told_a_contact_of_ours),
	    TEST(challenges_and_credentials_pass_untouched),
	    TEST(other_refusals_pass_with_what_they_say),
	    TEST(a_call_to_the_token_reaches_the_phone_where_it_registered),
	    TEST(a_phone_that_registered_a_sips_contact_is_called_by_it),
	    TEST(nobody_else_may_use_a_token),
	    TEST(a_phone_whose_connection_is_lost_cannot_be_called),
	    TEST(a_phone_that_comes_back_has_its_token_again),
	    TEST(the_connection_of_a_registration_is_held),
	    TEST(a_phone_is_called_where_it_registered_whatever_reuse_says),
	    TEST(a_call_to_a_phone_that_is_lost_ends_at_once),
	    TEST(a_phone_that_calls_and_is_lost_is_not_answered_by_another_connection),
	    TEST(a_call_follows_its_phone_to_another_connection),
	    TEST(phones_that_cannot_be_reached_make_room),
	    TEST(bindings_are_listed_page_by_page),
	    TEST(a_phone_that_left_meanwhile_is_not_bound),
	    TEST(a_binding_that_is_not_refreshed_ends),
	    TEST(a_phone_may_take_back_one_or_all),
	    TEST(a_query_shows_the_phones_of_that_address_only),
	    TEST_WITH(phones_behind_nat_come_often_and_the_registrar_is_asked_seldom, setup_brief),
	    TEST_WITH(a_phone_that_moved_is_asked_for_by_the_registrar, setup_brief),
	    TEST(bindings_are_bounded_by_name),
	    TEST_WITH(a_peer_has_its_part_only, setup_few),
	    TEST(what_is_no_registration_is_refused),
	    TEST(one_register_of_a_contact_at_a_time_and_in_order),
	    TEST(a_silent_registrar_is_an_error_of_ours),
	    TEST(a_challenged_call_to_the_registrar_passes_the_challenge),
	    TEST(challenges_of_others_do_not_pass),
	    TEST(options_to_a_token_tell_whether_the_phone_is_there),
	    TEST(proxies_before_the_phone_are_passed_again),
	    TEST(who_is_not_accepted_changes_nothing_of_a_binding),
	    TEST_WITH(a_refresh_with_another_path_is_no_known_one, setup_brief),
	    TEST(contacts_that_were_not_accepted_make_room_for_others_of_the_same_address),
	    TEST_WITH(contacts_that_were_not_accepted_make_room_for_others_of_their_peer,
		      setup_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
