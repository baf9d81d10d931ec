/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A load generator and checker of voice: see options.c for what it can do. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "report.h"
#include "run.h"

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static void signals_take(void)
{
	/* the second one ends us at once, whatever we are at */
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int traffic_measure(struct traffic *traffic, struct flood *flood)
{
	struct phones_relay relay;
	int rc;

	if (flood && flood_open(flood, traffic, &stopped))
		return 1;
	run_calls(traffic, flood, &stopped);
	relay = phones_ask(traffic->phones);
	rc = report_print(traffic, flood, &relay) ? 1 : 0;
	if (traffic->making_failed) {
		fprintf(stderr, "sluice-mediagen: a phone could not encrypt\n");
		rc = 1;
	}
	if (flood)
		flood_close(flood);
	return rc;
}

static int calls_run(const struct options *options, struct wire *wire)
{
	struct traffic *traffic = malloc(sizeof(*traffic));
	struct flood *flood = options->flood.on ? malloc(sizeof(*flood)) : NULL;
	struct phones phones;
	int rc = 1;

	if (!traffic || (options->flood.on && !flood))
		goto no_phones;
	if (phones_open(&phones, options, wire, &stopped))
		goto no_phones;
	if (traffic_open(traffic, &phones, wire) == 0) {
		rc = traffic_measure(traffic, flood);
		traffic_close(traffic);
	}
	phones_close(&phones);
no_phones:
	free(flood);
	free(traffic);
	return rc;
}

int main(int argc, char **argv)
{
	struct options options;
	struct wire wire;
	int rc = options_parse(&options, argc, argv);

	if (rc)
		return rc < 0 ? 2 : 0;
	signals_take();
	if (wire_open(&wire, &options))
		return 1;
	if (options.far == FAR_NOTHING) {
		fprintf(stderr, "sluice-mediagen: mirror: READY\n");
		traffic_mirror(&options, &wire, &stopped);
	} else {
		rc = calls_run(&options, &wire);
	}
	wire_close(&wire);
	return rc;
}
