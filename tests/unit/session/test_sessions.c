/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "fixture.h"

static struct sluice_addr addr4(const char *ip, uint16_t port)
{
	struct sluice_addr addr = {.family = 4, .port = port};

	assert_int_equal(inet_pton(AF_INET, ip, addr.ip), 1);
	return addr;
}

static struct sluice_open open_of(uint64_t id)
{
	return (struct sluice_open){
	    .session = id,
	    .leg = {{.interface = "voice", .family = 4}, {.interface = "trunk", .family = 4}}};
}

static int opened(struct fixture *fixture, uint64_t id, struct sluice_open_reply *reply)
{
	struct sluice_open request = open_of(id);

	return sessions_open(fixture->sessions, &request, reply);
}

static int closed(struct fixture *fixture, uint64_t id)
{
	struct sluice_session_info info;
	int rc = sessions_close(fixture->sessions, id, &info);

	worker_mail_run(fixture->worker);
	sessions_tick(fixture->sessions);
	return rc;
}

static unsigned pairs_used(const struct fixture *fixture)
{
	return interfaces_used(&fixture->interfaces, 0) + interfaces_used(&fixture->interfaces, 1);
}

/* ---- OPEN ---- */

static void open_gives_an_even_port_of_each_interface(void **state)
{
	struct sluice_open_reply reply;
	struct sluice_addr voice = addr4("192.0.2.1", 0), trunk = addr4("198.51.100.1", 0);

	assert_int_equal(opened(*state, 1, &reply), 0);
	assert_int_equal(reply.session, 1);
	assert_memory_equal(reply.local[0].ip, voice.ip, 16);
	assert_memory_equal(reply.local[1].ip, trunk.ip, 16);
	for (unsigned i = 0; i < 2; i++) {
		assert_in_range(reply.local[i].port, 20000, 20014);
		assert_int_equal(reply.local[i].port % 2, 0);
	}
}

static void open_again_answers_the_same(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply first, again;
	struct sluice_open request = open_of(1);

	assert_int_equal(opened(fixture, 1, &first), 0);
	assert_int_equal(opened(fixture, 1, &again), 0);
	assert_memory_equal(&first, &again, sizeof(first));
	request.leg[0].wanted = first.local[0];
	assert_int_equal(sessions_open(fixture->sessions, &request, &again), 0);
	request.leg[0].wanted.port ^= 2;
	assert_int_equal(sessions_open(fixture->sessions, &request, &again), -EEXIST);
	request = open_of(1);
	request.leg[1].family = 6;
	assert_int_equal(sessions_open(fixture->sessions, &request, &again), -EEXIST);
	assert_int_equal(pairs_used(fixture), 2);
	assert_int_equal(sessions_count(fixture->sessions), 1);
}

static void a_bad_open_is_refused_and_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply reply, taken;
	struct sluice_open request;

	assert_int_equal(opened(fixture, 1, &taken), 0);
#define REFUSED(change, rc)                                                               \
	do {                                                                              \
		request = open_of(2);                                                     \
		change;                                                                   \
		assert_int_equal(sessions_open(fixture->sessions, &request, &reply), rc); \
		assert_int_equal(pairs_used(fixture), 2);                                 \
		assert_int_equal(sessions_count(fixture->sessions), 1);                   \
	} while (0)
	REFUSED(request.session = 0, -EINVAL);
	REFUSED(request.leg[0].family = 5, -EINVAL);
	REFUSED(memset(request.leg[0].interface, 'x', SLUICE_NAME_MAX), -EINVAL);
	REFUSED(request.leg[1].wanted.family = 6, -EINVAL);
	REFUSED(strcpy(request.leg[1].interface, "nowhere"), -ENODEV);
	REFUSED(request.leg[1].family = 6, -EADDRNOTAVAIL); /* trunk has no IPv6 */
	REFUSED(request.leg[1].wanted = taken.local[1], -EADDRINUSE);
	REFUSED(request.leg[1].wanted = taken.local[0], -EADDRNOTAVAIL); /* of voice */
	REFUSED(request.leg[1].wanted = addr4("198.51.100.1", 20001), -EADDRNOTAVAIL);
	REFUSED(request.leg[1].wanted = addr4("198.51.100.1", 30000), -EADDRNOTAVAIL);
}

static void a_full_table_is_enospc_and_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply reply;

	for (uint64_t id = 1; id <= MAX_SESSIONS; id++)
		assert_int_equal(opened(fixture, id, &reply), 0);
	assert_int_equal(opened(fixture, 99, &reply), -ENOSPC);
	assert_int_equal(sessions_count(fixture->sessions), MAX_SESSIONS);
	assert_int_equal(pairs_used(fixture), 2 * MAX_SESSIONS);
	assert_int_equal(closed(fixture, 3), 0);
	assert_int_equal(opened(fixture, 99, &reply), 0);
}

static void a_full_port_range_is_enospc_and_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply reply;
	struct sluice_open request;

	for (uint64_t id = 1; id <= PAIRS / 2; id++) {
		request = open_of(id);
		strcpy(request.leg[1].interface, "voice"); /* both legs on one address */
		assert_int_equal(sessions_open(fixture->sessions, &request, &reply), 0);
		assert_int_not_equal(reply.local[0].port, reply.local[1].port);
	}
	assert_int_equal(opened(fixture, 99, &reply), -ENOSPC);
	/* the other way round the first leg would have had its port */
	request = open_of(99);
	strcpy(request.leg[0].interface, "trunk");
	strcpy(request.leg[1].interface, "voice");
	assert_int_equal(sessions_open(fixture->sessions, &request, &reply), -ENOSPC);
	assert_int_equal(pairs_used(fixture), PAIRS);
	request.leg[1].family = 6; /* another address of the same interface */
	assert_int_equal(sessions_open(fixture->sessions, &request, &reply), 0);
}

static void a_session_can_be_installed_again_on_its_ports(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply first, again;
	struct sluice_open request = open_of(5);

	assert_int_equal(opened(fixture, 1, &first), 0);
	assert_int_equal(closed(fixture, 1), 0);
	request.leg[0].wanted = first.local[0];
	request.leg[1].wanted = first.local[1];
	assert_int_equal(sessions_open(fixture->sessions, &request, &again), 0);
	assert_memory_equal(first.local, again.local, sizeof(first.local));
}

/* ---- CLOSE, LIST ---- */

static void close_twice_is_enoent(void **state)
{
	struct sluice_open_reply reply;

	assert_int_equal(opened(*state, 1, &reply), 0);
	assert_int_equal(closed(*state, 1), 0);
	assert_int_equal(closed(*state, 1), -ENOENT);
	assert_int_equal(pairs_used(*state), 0);
}

static void list_is_in_ascending_order(void **state)
{
	static const uint64_t ids[] = {900, UINT64_MAX, 3, 70000000000, 4};
	static const uint64_t sorted[] = {3, 4, 900, 70000000000, UINT64_MAX};
	struct fixture *fixture = *state;
	static struct sluice_list_reply list;
	struct sluice_open_reply reply;

	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(opened(fixture, ids[i], &reply), 0);
	sessions_list(fixture->sessions, 0, &list);
	assert_int_equal(list.count, 5);
	assert_memory_equal(list.session, sorted, sizeof(sorted));
	sessions_list(fixture->sessions, 4, &list);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.session[0], 900);
	sessions_list(fixture->sessions, UINT64_MAX, &list);
	assert_int_equal(list.count, 0);
}

/* ---- SET ---- */

#define GOOD_KEY                                                                                 \
	{                                                                                        \
		.suite = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, .key_len = 30, .key = { 1, 2, 3 } \
	}

/* A second receive key; MKIs 1 and 2 of these lengths. */
static void mkis_set(struct sluice_set *set, uint8_t first_length, uint8_t second_length)
{
	set->rx[1] = set->rx[0];
	set->rx[1].key[0] ^= 1;
	set->rx[0].mki_len = first_length;
	set->rx[0].mki = 1;
	set->rx[1].mki_len = second_length;
	set->rx[1].mki = 2;
}

/* One of that kind, and a good one of type 9. */
static void payloads_set(struct sluice_set *set, uint8_t type, uint8_t other, uint32_t clock_hz)
{
	set->payload_count = 2;
	set->payload[0] = (struct sluice_payload){type, other, 0, 0, clock_hz};
	set->payload[1] = (struct sluice_payload){9, 9, 0, 0, 8000};
}

static void a_bad_set_is_refused_and_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply reply;
	struct sluice_session_info info;
	const struct sluice_set good = {.session = 1,
					.mask = SLUICE_SET_ALL,
					.remote_rtp = addr4("192.0.2.10", 4000),
					.direction = 3,
					.rx = {GOOD_KEY},
					.tx = GOOD_KEY};
	struct sluice_set set;

	assert_int_equal(opened(fixture, 1, &reply), 0);
#define SET_REFUSED(change, rc)                                                 \
	do {                                                                    \
		set = good;                                                     \
		change;                                                         \
		assert_int_equal(sessions_set(fixture->sessions, &set), rc);    \
		assert_int_equal(sessions_get(fixture->sessions, 1, &info), 0); \
		assert_int_equal(info.leg[0].remote_rtp.family, 0);             \
		assert_int_equal(info.leg[0].direction, 0);                     \
		assert_int_equal(info.leg[0].rx_suite, 0);                      \
	} while (0)
	SET_REFUSED(set.session = 2, -ENOENT);
	SET_REFUSED(set.leg = 2, -EINVAL);
	SET_REFUSED(set.mask = 1U << 10, -EINVAL);
	SET_REFUSED(set.silence_timeout_ms = 6553501, -EINVAL);
	SET_REFUSED(set.media_timeout_ms = 6553501, -EINVAL);
	SET_REFUSED(set.payload_count = 9, -EINVAL);
	SET_REFUSED(set.payload_count = 1, -EINVAL);          /* without a clock */
	SET_REFUSED(set.payload[0].clock_hz = 8000, -EINVAL); /* behind the last */
	SET_REFUSED(payloads_set(&set, 128, 0, 8000), -EINVAL);
	SET_REFUSED(payloads_set(&set, 0, 128, 8000), -EINVAL);
	SET_REFUSED(payloads_set(&set, 0, 0, 8001), -EINVAL);
	SET_REFUSED(payloads_set(&set, 0, 0, 384025), -EINVAL);
	SET_REFUSED(payloads_set(&set, 9, 0, 8000), -EINVAL); /* twice */
	SET_REFUSED(set.direction = 4, -EINVAL);
	SET_REFUSED(set.latch = 3, -EINVAL);
	SET_REFUSED(set.dscp = 64, -EINVAL);
	SET_REFUSED(set.rtcp_mux = 2, -EINVAL);
	SET_REFUSED(set.remote_rtp.family = 6, -EINVAL);
	SET_REFUSED(set.remote_rtp.family = 0, -EINVAL); /* with the rest not zero */
	SET_REFUSED(set.remote_rtp.ip[0] = 239, -EINVAL);
	SET_REFUSED(set.remote_rtp.ip[5] = 1, -EINVAL);
	SET_REFUSED(set.rx[0].suite = SLUICE_SUITE_COUNT, -EINVAL);
	SET_REFUSED(set.rx[0].suite = SLUICE_SUITE_AEAD_AES_128_GCM,
		    -EINVAL);                                      /* its salt is shorter */
	SET_REFUSED(set.rx[0].suite = SLUICE_SUITE_NONE, -EINVAL); /* with a key */
	SET_REFUSED(set.tx.key_len = 29, -EINVAL);
	SET_REFUSED(set.tx.key_len = 255, -EINVAL);
	SET_REFUSED(set.rx[0].mki_len = 5, -EINVAL);
	SET_REFUSED(set.rx[0].mki_len = 1; set.rx[0].mki = 256, -EINVAL);
	SET_REFUSED(set.rx[0].mki = 1, -EINVAL);                       /* without a length */
	SET_REFUSED(set.rx[1] = (struct sluice_key)GOOD_KEY, -EINVAL); /* several without MKI */
	SET_REFUSED(mkis_set(&set, 1, 1); set.rx[1].mki = 1, -EINVAL); /* the same MKI */
	SET_REFUSED(mkis_set(&set, 1, 2), -EINVAL);                    /* of two lengths */
	SET_REFUSED(mkis_set(&set, 1, 1); set.rx[0].mki_len = 0; set.rx[0].mki = 0, -EINVAL);
	SET_REFUSED(mkis_set(&set, 1, 1);
		    set.rx[1].suite = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32, -EINVAL);
	SET_REFUSED(mkis_set(&set, 1, 1); set.rx[3] = set.rx[1]; set.rx[3].mki = 4, -EINVAL);
	SET_REFUSED(mkis_set(&set, 1, 1); set.rx[0] = (struct sluice_key){0}, -EINVAL);
	SET_REFUSED(mkis_set(&set, 1, 1); set.rx[1].key_len = 29, -EINVAL);
	assert_int_equal(sessions_set(fixture->sessions, &good), 0);
	assert_int_equal(sessions_set(fixture->sessions, &good), 0); /* again */
	assert_int_equal(sessions_get(fixture->sessions, 1, &info), 0);
	assert_int_equal(info.leg[0].rx_suite, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	assert_memory_equal(&info.leg[0].remote_rtp, &good.remote_rtp, sizeof(good.remote_rtp));
}

static void only_what_the_mask_names_is_changed(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply reply;
	struct sluice_session_info info;
	struct sluice_set set = {.session = 1, .leg = 1, .mask = SLUICE_SET_DIRECTION, .latch = 2};

	set.direction = SLUICE_DIR_RX;
	set.remote_rtp = addr4("192.0.2.10", 4000);
	assert_int_equal(opened(fixture, 1, &reply), 0);
	assert_int_equal(sessions_set(fixture->sessions, &set), 0);
	assert_int_equal(sessions_get(fixture->sessions, 1, &info), 0);
	assert_int_equal(info.leg[1].direction, SLUICE_DIR_RX);
	assert_int_equal(info.leg[1].latch, 0);
	assert_int_equal(info.leg[1].remote_rtp.family, 0);
	assert_int_equal(info.leg[0].direction, 0);
}

/* What the mask does not name is not checked either: it must not be looked at. */
static void what_the_mask_does_not_name_may_be_anything(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply reply;
	struct sluice_session_info info;
	struct sluice_set set;

	memset(&set, 0xff, sizeof(set));
	set.session = 1;
	set.leg = 0;
	set.mask = SLUICE_SET_DIRECTION;
	set.direction = SLUICE_DIR_RX;
	assert_int_equal(opened(fixture, 1, &reply), 0);
	assert_int_equal(sessions_set(fixture->sessions, &set), 0);
	assert_int_equal(sessions_get(fixture->sessions, 1, &info), 0);
	assert_int_equal(info.leg[0].direction, SLUICE_DIR_RX);
	assert_int_equal(info.leg[0].rx_suite, 0);
	assert_int_equal(info.leg[0].remote_rtp.family, 0);
	set.mask = 0;
	assert_int_equal(sessions_set(fixture->sessions, &set), 0);
}

static void suites_that_hello_offers_can_be_set(void **state)
{
	static const uint8_t lengths[SLUICE_SUITE_COUNT] = {0, 30, 30, 38, 38, 46, 46, 28, 44};
	struct fixture *fixture = *state;
	uint32_t suites = sessions_suites(fixture->sessions);
	struct sluice_open_reply reply;

	assert_int_equal(opened(fixture, 1, &reply), 0);
	assert_true(suites & 1U << SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80);
	for (unsigned suite = 0; suite < SLUICE_SUITE_COUNT; suite++) {
		struct sluice_set set = {.session = 1, .mask = SLUICE_SET_RX_KEY};

		set.rx[0].suite = (uint8_t)suite;
		set.rx[0].key_len = lengths[suite];
		assert_int_equal(sessions_set(fixture->sessions, &set),
				 suites & 1U << suite ? 0 : -ENOTSUP);
	}
}

/* More than the worker's mailbox holds, while the worker does not look at it. */
static void requests_go_on_while_a_worker_is_slow(void **state)
{
	struct fixture *fixture = *state;
	struct sluice_open_reply reply;

	for (unsigned i = 0; i < 5000; i++) {
		struct sluice_session_info info;

		assert_int_equal(opened(fixture, 1, &reply), 0);
		assert_int_equal(sessions_close(fixture->sessions, 1, &info), 0);
	}
	assert_int_equal(sessions_count(fixture->sessions), 0);
	assert_int_equal(pairs_used(fixture), 0);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(open_gives_an_even_port_of_each_interface),
	    CASE(open_again_answers_the_same),
	    CASE(a_bad_open_is_refused_and_changes_nothing),
	    CASE(a_full_table_is_enospc_and_changes_nothing),
	    CASE(a_full_port_range_is_enospc_and_changes_nothing),
	    CASE(a_session_can_be_installed_again_on_its_ports),
	    CASE(close_twice_is_enoent),
	    CASE(list_is_in_ascending_order),
	    CASE(a_bad_set_is_refused_and_changes_nothing),
	    CASE(only_what_the_mask_names_is_changed),
	    CASE(what_the_mask_does_not_name_may_be_anything),
	    CASE(suites_that_hello_offers_can_be_set),
	    CASE(requests_go_on_while_a_worker_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
