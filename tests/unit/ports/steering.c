/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Toeplitz hash against the vectors that Microsoft publishes for RSS, and what is made of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "net/pci_steering.h"
#include "net/steering.h"

static const uint8_t key[40] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
				0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
				0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
				0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

static const struct {
	int family;
	const char *source, *destination;
	uint16_t source_port, destination_port;
	uint32_t of_addresses, with_ports;
} vectors[] = {
    {AF_INET, "66.9.149.187", "161.142.100.80", 2794, 1766, 0x323e8fc2, 0x51ccc178},
    {AF_INET, "199.92.111.2", "65.69.140.83", 14230, 4739, 0xd718262a, 0xc626b0ea},
    {AF_INET, "24.19.198.95", "12.22.207.184", 12898, 38024, 0xd2d0a5de, 0x5c2b394a},
    {AF_INET, "38.27.205.30", "209.142.163.6", 48228, 2217, 0x82989176, 0xafc7327f},
    {AF_INET, "153.39.163.191", "202.188.127.2", 44251, 1303, 0x5d1809c5, 0x10e828a2},
    {AF_INET6, "3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x2cc18cd5, 0x40207d3d},
};

static void the_hash_is_that_of_the_published_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t size = vectors[i].family == AF_INET ? 4 : 16;
		uint16_t ports[2] = {htons(vectors[i].source_port),
				     htons(vectors[i].destination_port)};
		uint8_t bytes[36];

		assert_int_equal(inet_pton(vectors[i].family, vectors[i].source, bytes), 1);
		assert_int_equal(inet_pton(vectors[i].family, vectors[i].destination, bytes + size),
				 1);
		memcpy(bytes + 2 * size, ports, sizeof(ports));
		assert_int_equal(toeplitz_hash(key, bytes, 2 * size), vectors[i].of_addresses);
		assert_int_equal(toeplitz_hash(key, bytes, 2 * size + 4), vectors[i].with_ports);
	}
}

/* The hash is linear: that of a port is the sum of those of its bits. */
static void every_port_has_one_queue_and_all_are_used(void **state)
{
	struct steering steering = {.key_size = sizeof(key), .table_size = 128};
	unsigned of[4] = {0};

	(void)state;
	memcpy(steering.key, key, sizeof(key));
	for (unsigned i = 0; i < steering.table_size; i++)
		steering.table[i] = i % 4;
	for (unsigned port = 20000; port < 30000; port += 2)
		of[steering_queue(&steering, (uint16_t)port)]++;
	for (unsigned queue = 0; queue < 4; queue++)
		assert_in_range(of[queue], 1000, 1500);
}

static void a_device_that_does_not_say_is_not_steered_by(void **state)
{
	struct steering steering;

	(void)state;
	assert_int_equal(steering_read(&steering, "lo", 4), -ENOTSUP);
	assert_true(steering_read(&steering, "no-such-dev", 4) < 0);
}

/* A rule looks at bits, of which there are twice as many values as queues, or fewer. */
static void rules_of_port_bits_reach_every_queue_and_keep_pairs_together(void **state)
{
	(void)state;
	for (uint16_t queues = 1; queues <= 16; queues++) {
		struct steering steering = {.table_size = pci_steering_buckets(queues)};
		unsigned of[16] = {0};

		assert_true(steering.table_size >= queues && steering.table_size < 2U * queues);
		for (unsigned i = 0; i < steering.table_size; i++)
			steering.table[i] = i % queues;
		for (unsigned port = 20000; port < 20128; port++) {
			unsigned queue = steering_queue(&steering, (uint16_t)port);

			assert_true(queue < queues);
			/* the rule's own reading: value under mask */
			assert_int_equal(queue,
					 (port & (steering.table_size - 1) << 1) / 2 % queues);
			assert_int_equal(queue, steering_queue(&steering, (uint16_t)(port ^ 1)));
			of[queue]++;
		}
		for (unsigned i = 0; i < queues; i++)
			assert_true(of[i] > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_hash_is_that_of_the_published_vectors),
	    cmocka_unit_test(rules_of_port_bits_reach_every_queue_and_keep_pairs_together),
	    cmocka_unit_test(every_port_has_one_queue_and_all_are_used),
	    cmocka_unit_test(a_device_that_does_not_say_is_not_steered_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
