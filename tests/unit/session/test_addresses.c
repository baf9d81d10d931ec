/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An interface with as many addresses and media ports as there may be: more than a million. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "session/interfaces.h"

#define ADDRESSES PORT_ADDRESSES_MAX
#define FIRST 1024U
#define PAIRS ((UINT16_MAX + 1U - FIRST) / 2)

static struct interfaces interfaces;
static struct port port;

static int add(const char *name, unsigned count)
{
	struct port_address address[ADDRESSES + 1] = {0};
	struct interface_config config = {.name = name,
					  .port = &port,
					  .address = address,
					  .address_count = count,
					  .media_port_first = FIRST,
					  .media_port_last = UINT16_MAX};

	for (unsigned i = 0; i < count; i++)
		address[i] = (struct port_address){
		    .family = 4, .ip = {10, 0, (uint8_t)interfaces.count, (uint8_t)(1 + i)}};
	return interfaces_add(&interfaces, &config);
}

static int setup(void **state)
{
	(void)state;
	port.kind = PORT_RING;
	interfaces = (struct interfaces){.worker_count = 1};
	return add("voice", ADDRESSES);
}

static int teardown(void **state)
{
	(void)state;
	interfaces_free(&interfaces);
	return 0;
}

static const struct sluice_addr any;

static void a_million_media_ports_are_given_out_once_each(void **state)
{
	uint8_t *seen = calloc(ADDRESSES, PAIRS);
	uint16_t media_port;
	unsigned count = 0;
	int address;

	(void)state;
	assert_true(2 * ADDRESSES * PAIRS > 1000000);
	assert_non_null(seen);
	while ((address = interfaces_reserve(&interfaces, 0, 4, &any, 0, &media_port)) >= 0) {
		uint8_t *mark = &seen[(unsigned)address * PAIRS + (media_port - FIRST) / 2];

		assert_int_equal(media_port % 2, 0);
		assert_int_equal(*mark, 0);
		*mark = 1;
		count++;
	}
	assert_int_equal(address, -ENOSPC);
	assert_int_equal(count, ADDRESSES * PAIRS);
	assert_int_equal(interfaces_used(&interfaces, 0), count);
	for (unsigned a = 0; a < ADDRESSES; a++)
		for (unsigned pair = 0; pair < PAIRS; pair++)
			interfaces_release(&interfaces, a, (uint16_t)(FIRST + 2 * pair));
	assert_int_equal(interfaces_used(&interfaces, 0), 0);
	free(seen);
}

static void the_last_address_can_be_asked_for(void **state)
{
	struct sluice_addr wanted = {.family = 4, .port = 65534, .ip = {10, 0, 0, ADDRESSES}};
	uint16_t media_port;

	(void)state;
	assert_int_equal(interfaces_reserve(&interfaces, 0, 4, &wanted, 0, &media_port),
			 ADDRESSES - 1);
	assert_int_equal(media_port, 65534);
	assert_int_equal(interfaces_reserve(&interfaces, 0, 4, &wanted, 0, &media_port),
			 -EADDRINUSE);
	wanted.ip[3]++;
	assert_int_equal(interfaces_reserve(&interfaces, 0, 4, &wanted, 0, &media_port),
			 -EADDRNOTAVAIL);
	interfaces_release(&interfaces, ADDRESSES - 1, 65534);
}

static void sixteen_interfaces_have_sixteen_addresses_each(void **state)
{
	char name[] = "a";

	(void)state;
	for (unsigned i = 1; i < WORKER_PORTS_MAX; i++, name[0]++)
		assert_int_equal(add(name, ADDRESSES), 0);
	assert_int_equal(interfaces.address_count, WORKER_ADDRESSES_MAX);
	assert_int_equal(add("one more", 1), -ENOSPC);
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
	    CASE(a_million_media_ports_are_given_out_once_each),
	    CASE(the_last_address_can_be_asked_for),
	    CASE(sixteen_interfaces_have_sixteen_addresses_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
