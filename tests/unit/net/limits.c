/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include <string.h>

static void a_source_has_a_rate_and_a_burst_of_two_seconds(void **state)
{
	struct net_limits limits = net_limits_default;
	struct net_source source = {0};
	unsigned admitted = 0;

	(void)state;
	limits.rate = 5;
	limits.per_source = 1000;
	for (int i = 0; i < 100; i++)
		admitted += net_source_admit(&source, &limits, 1000);
	assert_int_equal(admitted, 10);
	assert_false(net_source_admit(&source, &limits, 1199));
	assert_true(net_source_admit(&source, &limits, 1200));
	assert_false(net_source_admit(&source, &limits, 1201));
	/* a long silence does not add up */
	for (int i = 0; i < 100; i++)
		admitted += net_source_admit(&source, &limits, 900000);
	assert_int_equal(admitted, 20);
}

static void a_source_has_a_number_of_connections(void **state)
{
	struct net_limits limits = net_limits_default;
	struct net_source source = {.connections = limits.per_source - 1};

	(void)state;
	assert_true(net_source_admit(&source, &limits, 5000));
	source.connections++;
	assert_false(net_source_admit(&source, &limits, 5000));
}

static void refusals_cannot_fill_the_log(void **state)
{
	struct net_log_gate gate = {0};
	unsigned suppressed = 99, lines = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		lines += net_log_gate_pass(&gate, 1000, &suppressed);
	assert_int_equal(lines, 20);
	assert_true(net_log_gate_pass(&gate, 2000, &suppressed));
	assert_int_equal(suppressed, 980);
}

static const struct {
	const char *a, *b;
	bool same_host, same_source;
} pairs[] = {
    {"192.0.2.1", "192.0.2.1", true, true},
    {"192.0.2.1", "192.0.2.2", false, false},
    {"2001:db8::1", "2001:db8::1", true, true},
    {"2001:db8::1", "2001:db8::2", false, true}, /* one site */
    {"2001:db8:0:1::1", "2001:db8:0:2::1", false, false},
    {"192.0.2.1", "2001:db8::1", false, false},
};

static void addresses_are_compared_by_host(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct sockaddr_storage a, b;
		const struct sockaddr *x = (struct sockaddr *)&a, *y = (struct sockaddr *)&b;

		assert_int_equal(net_address_parse(&a, pairs[i].a, 1), 0);
		assert_int_equal(net_address_parse(&b, pairs[i].b, 2), 0);
		assert_int_equal(net_address_compare_host(x, y) == 0, pairs[i].same_host);
		assert_int_equal(net_address_source(x) == net_address_source(y),
				 pairs[i].same_source);
	}
}

static void addresses_are_written_with_their_port(void **state)
{
	struct sockaddr_storage address;
	char text[NET_ADDRESS_TEXT];

	(void)state;
	assert_int_equal(net_address_parse(&address, "2001:db8::1", 5061), 0);
	net_address_format(text, (struct sockaddr *)&address);
	assert_string_equal(text, "[2001:db8::1]:5061");
	assert_int_equal(net_address_parse(&address, "192.0.2.1", 5060), 0);
	net_address_format(text, (struct sockaddr *)&address);
	assert_string_equal(text, "192.0.2.1:5060");
	assert_true(net_address_parse(&address, "relay.example", 5060) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_source_has_a_rate_and_a_burst_of_two_seconds),
	    cmocka_unit_test(a_source_has_a_number_of_connections),
	    cmocka_unit_test(refusals_cannot_fill_the_log),
	    cmocka_unit_test(addresses_are_compared_by_host),
	    cmocka_unit_test(addresses_are_written_with_their_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
