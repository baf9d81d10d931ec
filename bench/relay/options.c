/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <stdio.h>

#include "../common/suites.h"
#include "sluice_client.h"

static const struct option names[] = {
    {"mix", required_argument, NULL, 'm'},
    {"suite", required_argument, NULL, 's'},
    {"calls", required_argument, NULL, 'n'},
    {"rounds", required_argument, NULL, 'r'},
    {"round-ms", required_argument, NULL, 't'},
    {"warm-ms", required_argument, NULL, 'w'},
    {"verify-every", required_argument, NULL, 'v'},
    {"soak", required_argument, NULL, 'k'},
    {"cpu", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void usage(FILE *to)
{
	fputs("usage: sluice-bench-relay [--mix rtp-rtp,rtp-srtp,srtp-srtp] [--suite A,B]\n"
	      "       [--calls N,N] [--rounds N] [--round-ms N] [--warm-ms N]\n"
	      "       [--verify-every N] [--soak SECONDS] [--cpu N]\n"
	      "One line of JSON a measurement on standard output; bench/run relay makes sense of "
	      "them.\n",
	      to);
}

static int option_take(void *user, int option, char *text)
{
	static const char *const mixes[] = {"rtp-rtp", "rtp-srtp", "srtp-srtp"};
	struct options *options = user;

	switch (option) {
	case 'm':
		return arguments_words(&options->mixes, "mix", text, mixes, MIX_COUNT);
	case 's':
		return suites_several(&options->suites, text);
	case 'n':
		return arguments_numbers(&options->calls, text, 1, 100000);
	case 'r':
		return arguments_number(&options->rounds, text, 1, 1000);
	case 't':
		return arguments_number(&options->round_ms, text, 1, 10000);
	case 'w':
		return arguments_number(&options->warm_ms, text, 0, 10000);
	case 'v':
		return arguments_number(&options->verify_every, text, 1, 1000000);
	case 'k':
		return arguments_number(&options->soak_s, text, 1, 86400);
	case 'c':
		return arguments_cpu(&options->cpu, text);
	default:
		return -EINVAL;
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	static const struct arguments_program program = {names, usage, NULL, option_take};
	int result;

	*options = (struct options){
	    .mixes = (1U << MIX_COUNT) - 1U,
	    .suites = 1U << SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80,
	    .calls = {4, {100, 1000, 10000, 50000}},
	    .rounds = 5,
	    .round_ms = 30,
	    .warm_ms = 150,
	    .verify_every = 61, /* a prime, so that it meets calls of every kind */
	    .cpu = arguments_core(),
	};
	result = arguments_take(&program, options, argc, argv);
	if (result == 0 && options->cpu < 0) {
		fputs("sluice-bench-relay: which core? give --cpu\n", stderr);
		return -EINVAL;
	}
	return result;
}
