/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <stdlib.h>

#include "../engine_under_test.h"
#include "fixture.h"

static void event_take(void *user, const struct sluice_event *event)
{
	struct fixture *fixture = user;

	fixture->event_count++;
	if (fixture->on_event)
		fixture->on_event(fixture->user, event);
}

static int interface_make(struct fixture *fixture, const char *name, const char *ip4,
			  unsigned addresses)
{
	struct port_address address[2] = {{.family = 4}, {.family = 6}};
	struct interface_config config = {.name = name,
					  .port = &fixture->port,
					  .address_count = addresses,
					  .address = address,
					  .media_port_first = 20000,
					  .media_port_last = 20000 + 2 * PAIRS - 1};

	inet_pton(AF_INET, ip4, address[0].ip);
	inet_pton(AF_INET6, "2001:db8::1", address[1].ip);
	return interfaces_add(&fixture->interfaces, &config);
}

int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	static struct worker_config worker;
	struct sessions_config config;
	int rc;

	if (!fixture)
		return -1;
	fixture->port.kind = PORT_RING;
	fixture->port.mtu = 1500;
	fixture->interfaces.worker_count = 1;
	rc = interface_make(fixture, "voice", "192.0.2.1", 2);
	rc = rc ? rc : interface_make(fixture, "trunk", "198.51.100.1", 1);
	worker = (struct worker_config){.engine = engine_under_test(), .srtp_spares = 8};
	interfaces_describe(&fixture->interfaces, &worker);
	rc = rc ? rc : worker_new(&fixture->worker, &worker);
	config = (struct sessions_config){.max_sessions = MAX_SESSIONS,
					  .worker_count = 1,
					  .workers = &fixture->worker,
					  .interfaces = &fixture->interfaces,
					  .engine = engine_under_test(),
					  .on_event = event_take,
					  .user = fixture};
	rc = rc ? rc : sessions_new(&fixture->sessions, &config);
	*state = fixture;
	return rc;
}

int teardown(void **state)
{
	struct fixture *fixture = *state;

	sessions_free(fixture->sessions);
	worker_free(fixture->worker);
	interfaces_free(&fixture->interfaces);
	free(fixture);
	return 0;
}
