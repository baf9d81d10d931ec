/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sluice-bench-signalling: both ends of calls through a relay, over persistent connections. See
 * command.h for what it is told, and bench/run signalling for who tells it.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "command.h"
#include "lookup.h"

static int pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return 0;
	CPU_ZERO(&set);
	CPU_SET((unsigned)cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static int calls_run(const struct options *options)
{
	static struct endpoints endpoints;
	static struct calls calls;
	int result = calls_new(&calls, &endpoints, options);

	if (result == 0)
		result = endpoints_open(&endpoints, options);
	if (result == 0)
		result = commands_run(&calls);
	endpoints_close(&endpoints);
	calls_free(&calls);
	return result;
}

int main(int argc, char **argv)
{
	struct options options;
	char error[256];
	int result = options_parse(&options, argc, argv);

	if (result)
		return result < 0 ? 2 : 0;
	signal(SIGPIPE, SIG_IGN);
	if (pin(options.cpu) < 0) {
		fprintf(stderr, "signalling: this process may not run on core %d\n", options.cpu);
		return 1;
	}
	if (options.lookup.count)
		return lookup_run(&options.lookup) < 0 ? 1 : 0;
	if (options.transport == SIP_TLS && tls_start(error, sizeof(error)) < 0) {
		fprintf(stderr, "signalling: %s\n", error);
		return 1;
	}
	return calls_run(&options) < 0 ? 1 : 0;
}
