/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane with its real threads: main thread, workers, the writer of captures, and phones
 * that send to all of it. Mailboxes, events, hand-off, counters, stream table, latches and captures
 * are used by all at once. Built with -Db_sanitize=thread it finds what is shared without order;
 * without, it is a test of churn, and what went in must come out or be counted.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <rte_cycles.h>

#include "capture/captures.h"
#include "churn.h"
#include "crypto/engine.h"
#include "phones.h"
#include "session/session.h"

#define WORKERS 2U
#define RUN_MS 1500U /* SLUICE_THREADS_MS: another */
#define SETTLE_MS 20000U

struct house {
	struct wire wire[2];
	struct interfaces interfaces;
	struct worker *worker[WORKERS];
	char capture_path[32];
	struct capture_directory directory;
	struct captures *captures;
	struct sessions *sessions;
	struct phones phones;
	uint64_t events;
};

static void event_count(void *user, const struct sluice_event *event)
{
	struct house *house = user;

	(void)event;
	house->events++;
}

static void interface_make(struct house *house, unsigned i)
{
	struct sluice_addr local = i ? phones_outside_local : phones_inside_local;
	struct port_address address = {.family = 4};
	struct interface_config config = {.name = i ? "outside" : "inside",
					  .port = &house->wire[i].port,
					  .address = &address,
					  .address_count = 1,
					  .media_port_first = PHONES_PORT_FIRST,
					  .media_port_last = PHONES_PORT_LAST};

	memcpy(address.ip, local.ip, 4);
	assert_int_equal(wire_make(&house->wire[i], i, WORKERS), 0);
	assert_int_equal(interfaces_add(&house->interfaces, &config), 0);
}

static void captures_make(struct house *house)
{
	struct captures_config config = {.file_bytes = 256U << 10,
					 .total_bytes = 16U << 20,
					 .time_s = 1,
					 .most = SLUICE_CAPTURE_DECRYPTED,
					 .tsc_hz = rte_get_tsc_hz()};
	char error[256];

	strcpy(house->capture_path, "/tmp/sluice-threads-XXXXXX");
	assert_non_null(mkdtemp(house->capture_path));
	assert_int_equal(
	    capture_directory_open(&house->directory, house->capture_path, error, sizeof(error)),
	    0);
	config.directory = house->directory;
	assert_int_equal(captures_new(&house->captures, &config), 0);
}

static void captures_end_all(struct house *house)
{
	DIR *files = opendir(house->capture_path);
	const struct dirent *entry;

	captures_free(house->captures);
	while (files && (entry = readdir(files)))
		unlinkat(house->directory.fd, entry->d_name, 0);
	closedir(files);
	capture_directory_close(&house->directory);
	rmdir(house->capture_path);
}

static int house_open(void **state)
{
	static struct worker_config worker;
	struct house *house = calloc(1, sizeof(*house));
	struct sessions_config config = {.max_sessions = CHURN_CALLS,
					 .worker_count = WORKERS,
					 .engine = &crypto_engine_ipsec_mb,
					 .on_event = event_count};

	assert_non_null(house);
	house->interfaces.worker_count = WORKERS;
	for (unsigned i = 0; i < 2; i++)
		interface_make(house, i);
	for (unsigned i = 0; i < WORKERS; i++) {
		worker = (struct worker_config){.number = i,
						.core = WORKER_NO_CORE,
						.idle = WORKER_IDLE_SLEEP,
						.engine = &crypto_engine_ipsec_mb,
						.srtp_spares = 16};
		interfaces_describe(&house->interfaces, &worker);
		assert_int_equal(worker_new(&house->worker[i], &worker), 0);
	}
	assert_int_equal(workers_connect(house->worker, WORKERS), 0);
	captures_make(house);
	config.workers = house->worker;
	config.interfaces = &house->interfaces;
	config.captures = house->captures;
	config.user = house;
	assert_int_equal(sessions_new(&house->sessions, &config), 0);
	for (unsigned i = 0; i < WORKERS; i++)
		assert_int_equal(worker_start(house->worker[i]), 0);
	house->phones = (struct phones){
	    .inside = &house->wire[0], .outside = &house->wire[1], .workers = WORKERS};
	assert_int_equal(phones_start(&house->phones), 0);
	*state = house;
	return 0;
}

static int house_close(void **state)
{
	struct house *house = *state;

	sessions_free(house->sessions);
	captures_end_all(house);
	for (unsigned i = 0; i < WORKERS; i++)
		worker_free(house->worker[i]);
	interfaces_free(&house->interfaces);
	for (unsigned i = 0; i < 2; i++)
		wire_free(&house->wire[i]);
	free(house);
	return wire_buffers_free() == WIRE_BUFFERS ? 0 : -1;
}

static uint64_t now_ms(void)
{
	return rte_rdtsc() / (rte_get_tsc_hz() / 1000);
}

static uint64_t counted(const struct house *house, size_t offset)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < WORKERS; i++)
		sum += counter_get((const uint64_t *)(const void *)((const char *)worker_counters(
									house->worker[i]) +
								    offset));
	return sum;
}
#define COUNTED(house, field) counted(house, offsetof(struct worker_counters, field))

static uint64_t all_drops(const struct house *house)
{
	uint64_t sum = 0;

	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		sum +=
		    counted(house, offsetof(struct worker_counters, drops) + i * sizeof(uint64_t));
	return sum;
}

/* Until every packet that was sent has come to its end. */
static void packets_settle(struct house *house)
{
	uint64_t end = now_ms() + SETTLE_MS;

	while (COUNTED(house, relayed) + all_drops(house) < house->phones.sent && now_ms() < end) {
		phones_drain(&house->phones);
		sessions_tick(house->sessions);
		rte_delay_us_sleep(1000);
	}
	phones_drain(&house->phones);
}

static void mail_settle(struct house *house)
{
	uint64_t end = now_ms() + SETTLE_MS;

	while (pool_used(house->sessions->mails) && now_ms() < end) {
		sessions_tick(house->sessions);
		rte_delay_us_sleep(1000);
	}
}

static void nothing_is_left(struct house *house)
{
	const struct sessions *sessions = house->sessions;

	assert_int_equal(sessions_count(sessions), 0);
	assert_int_equal(pool_used(sessions->mails), 0);
	assert_int_equal(pool_used(sessions->calls), 0);
	assert_int_equal(pool_used(sessions->keys), 0);
	for (unsigned i = 0; i <= CONTEXT_LINES_MAX; i++)
		if (sessions->contexts[i])
			assert_int_equal(pool_used(sessions->contexts[i]), 0);
	for (unsigned i = 0; i < house->interfaces.address_count; i++)
		for (unsigned pair = 0; pair < PHONES_PAIRS; pair++)
			assert_true(house->interfaces.address[i].streams[pair] == 0);
}

static void churn_under_traffic_loses_count_of_nothing(void **state)
{
	struct house *house = *state;
	struct churn churn = {.sessions = house->sessions, .random = 1};
	const char *asked = getenv("SLUICE_THREADS_MS");
	uint64_t end = now_ms() + (asked ? strtoul(asked, NULL, 10) : RUN_MS);

	while (now_ms() < end) {
		/* in gusts, so that calls also live a while */
		for (unsigned i = 0; i < 200; i++)
			churn_step(&churn);
		rte_delay_us_sleep(2000);
	}
	phones_stop(&house->phones);
	packets_settle(house);
	churn_end(&churn);
	mail_settle(house);
	for (unsigned i = 0; i < WORKERS; i++)
		worker_stop(house->worker[i]);
	phones_drain(&house->phones);
	printf("%lu requests, %lu calls, %lu events; %lu packets sent, %lu relayed, %lu decrypted, "
	       "%lu handed over\n",
	       churn.asked, churn.opened, house->events, house->phones.sent,
	       COUNTED(house, relayed), COUNTED(house, decrypted), COUNTED(house, handed_off));
	assert_int_equal(COUNTED(house, received), house->phones.sent);
	assert_int_equal(COUNTED(house, relayed) + all_drops(house), house->phones.sent);
	assert_int_equal(COUNTED(house, relayed), house->phones.taken);
	/* that something of each kind has happened */
	assert_true(COUNTED(house, handed_off) && COUNTED(house, decrypted));
	assert_true(COUNTED(house, encrypted) && house->events && churn.received);
	nothing_is_left(house);
}

static int group_setup(void **state)
{
	(void)state;
	return wires_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(churn_under_traffic_loses_count_of_nothing, house_open,
					    house_close),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
