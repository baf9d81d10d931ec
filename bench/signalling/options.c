/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct option names[] = {
    {"transport", required_argument, NULL, 't'},
    {"net", required_argument, NULL, 'n'},
    {"pki", required_argument, NULL, 'k'},
    {"port", required_argument, NULL, 'p'},
    {"pairs", required_argument, NULL, 'a'},
    {"slots", required_argument, NULL, 's'},
    {"patience", required_argument, NULL, 'w'},
    {"cpu", required_argument, NULL, 'c'},
    {"lookup", required_argument, NULL, 'l'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void usage(FILE *to)
{
	fputs("usage: sluice-bench-signalling --transport tls|tcp|udp --net A.B.C --port N\n"
	      "       [--pki DIR] [--pairs N] [--slots N] [--patience SECONDS] [--cpu N]\n"
	      "       sluice-bench-signalling --lookup N,N... [--cpu N]\n"
	      "Both ends of calls through a relay at A.B.C.1; see bench/run signalling.\n",
	      to);
}

static int transport_parse(enum sip_transport *to, const char *text)
{
	static const struct {
		const char *name;
		enum sip_transport transport;
	} known[] = {{"tls", SIP_TLS}, {"tcp", SIP_TCP}, {"udp", SIP_UDP}};

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(known[i].name, text) != 0)
			continue;
		*to = known[i].transport;
		return 0;
	}
	fprintf(stderr, "signalling: no transport '%s'\n", text);
	return -EINVAL;
}

static int take(void *user, int option, char *text)
{
	struct options *options = user;

	switch (option) {
	case 't':
		return transport_parse(&options->transport, text);
	case 'n':
		options->net = text;
		return 0;
	case 'k':
		options->pki = text;
		return 0;
	case 'p':
		return arguments_number(&options->port, text, 1, UINT16_MAX);
	case 'a':
		return arguments_number(&options->pairs, text, 1, OPTIONS_PAIRS_MAX);
	case 's':
		return arguments_number(&options->slots, text, 1, OPTIONS_SLOTS_MAX);
	case 'w':
		return arguments_number(&options->patience_s, text, 1, 60);
	case 'c':
		return arguments_cpu(&options->cpu, text);
	case 'l':
		return arguments_numbers(&options->lookup, text, 1, 1000000);
	default:
		return -EINVAL;
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	static const struct arguments_program program = {names, usage, NULL, take};
	int result;

	*options = (struct options){.pairs = 4, .slots = 32768, .patience_s = 10, .cpu = -1};
	result = arguments_take(&program, options, argc, argv);
	if (result != 0 || options->lookup.count)
		return result;
	if (options->net && options->port && (options->transport != SIP_TLS || options->pki))
		return 0;
	usage(stderr);
	return -EINVAL;
}
