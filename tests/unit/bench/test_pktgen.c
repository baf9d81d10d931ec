/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files and addresses of sluice-pktgen (bench/pktgen). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calls.h"
#include "pcap.h"

static void packets_are_read_as_they_were_written(void **state)
{
	const uint8_t packet[] = {1, 2, 3, 4, 5};
	uint8_t got[4];
	uint32_t length;
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_int_equal(pcap_begin(file), 0);
	assert_int_equal(pcap_add(file, packet, sizeof(packet), 20), 0);
	assert_int_equal(pcap_add(file, packet, 2, 40), 0);
	rewind(file);
	assert_int_equal(pcap_check(file), 0);
	assert_int_equal(pcap_next(file, got, sizeof(got), &length), 1);
	assert_int_equal(length, sizeof(got)); /* as much as there is room for */
	assert_memory_equal(got, packet, sizeof(got));
	assert_int_equal(pcap_next(file, got, sizeof(got), &length), 1);
	assert_int_equal(length, 2);
	assert_int_equal(pcap_next(file, got, sizeof(got), &length), 0);
	fclose(file);
}

static void a_file_that_ends_within_a_packet_is_refused(void **state)
{
	const uint8_t packet[60] = {0};
	const long ends[] = {24 + 8, 24 + 16 + 59}; /* in its head, before its last byte */
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(pcap_begin(out), 0);
	assert_int_equal(pcap_add(out, packet, sizeof(packet), 0), 0);
	fclose(out);
	for (unsigned i = 0; i < 2; i++) {
		FILE *file = fmemopen(text, (size_t)ends[i], "r");
		uint8_t got[64];
		uint32_t length;

		assert_int_equal(pcap_check(file), 0);
		assert_int_equal(pcap_next(file, got, sizeof(got), &length), -EPROTO);
		fclose(file);
	}
	free(text);
}

static void a_file_that_is_no_capture_is_refused(void **state)
{
	char text[] = "this is not a capture at all, is it?";
	FILE *file = fmemopen(text, sizeof(text), "r");

	(void)state;
	assert_int_equal(pcap_check(file), -EPROTO);
	fclose(file);
}

static void each_call_has_an_address_and_port_of_its_own(void **state)
{
	static const struct {
		struct plan_end first;
		uint32_t number;
		struct plan_end end;
	} facts[] = {
	    {{{192, 0, 2, 10}, 10000}, 0, {{192, 0, 2, 10}, 10000}},
	    {{{192, 0, 2, 10}, 10000}, 1, {{192, 0, 2, 10}, 10002}},
	    {{{192, 0, 2, 10}, 65534}, 1, {{192, 0, 2, 11}, 65534}},
	    {{{192, 0, 2, 255}, 65532}, 3, {{192, 0, 3, 0}, 65534}},
	};
	const struct plan_end last = {{223, 255, 255, 255}, 65534};
	struct plan_end end;

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		memset(&end, 0, sizeof(end));
		assert_int_equal(calls_end(&facts[i].first, facts[i].number, &end), 0);
		assert_memory_equal(end.ip, facts[i].end.ip, sizeof(end.ip));
		assert_int_equal(end.port, facts[i].end.port);
	}
	assert_int_equal(calls_end(&last, 1, &end), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_are_read_as_they_were_written),
	    cmocka_unit_test(a_file_that_ends_within_a_packet_is_refused),
	    cmocka_unit_test(a_file_that_is_no_capture_is_refused),
	    cmocka_unit_test(each_call_has_an_address_and_port_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
