/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../common/arguments.h"
#include "../common/suites.h"

enum option_id {
	OPTION_SOCKET = 1,
	OPTION_PLAN,
	OPTION_PLAN_BACK,
	OPTION_PCAP,
	OPTION_CALLS,
	OPTION_SEED,
	OPTION_SESSION_FIRST,
	OPTION_PAYLOAD,
	OPTION_PACKETS,
	OPTION_SEQUENCE_FIRST,
	OPTION_SEQUENCE_STEP,
	OPTION_EXPECT,
	OPTION_SOURCE_MAC,
	OPTION_DESTINATION_MAC,
	OPTION_PEER_A,
	OPTION_PEER_B,
	OPTION_INTERFACE_A,
	OPTION_INTERFACE_B,
	OPTION_SUITE_A,
	OPTION_SUITE_B,
};

static const struct option names[] = {
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"plan", required_argument, NULL, OPTION_PLAN},
    {"plan-back", required_argument, NULL, OPTION_PLAN_BACK},
    {"pcap", required_argument, NULL, OPTION_PCAP},
    {"calls", required_argument, NULL, OPTION_CALLS},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"session-first", required_argument, NULL, OPTION_SESSION_FIRST},
    {"payload", required_argument, NULL, OPTION_PAYLOAD},
    {"packets", required_argument, NULL, OPTION_PACKETS},
    {"sequence-first", required_argument, NULL, OPTION_SEQUENCE_FIRST},
    {"sequence-step", required_argument, NULL, OPTION_SEQUENCE_STEP},
    {"expect", required_argument, NULL, OPTION_EXPECT},
    {"source-mac", required_argument, NULL, OPTION_SOURCE_MAC},
    {"destination-mac", required_argument, NULL, OPTION_DESTINATION_MAC},
    {"peer-a", required_argument, NULL, OPTION_PEER_A},
    {"peer-b", required_argument, NULL, OPTION_PEER_B},
    {"interface-a", required_argument, NULL, OPTION_INTERFACE_A},
    {"interface-b", required_argument, NULL, OPTION_INTERFACE_B},
    {"suite-a", required_argument, NULL, OPTION_SUITE_A},
    {"suite-b", required_argument, NULL, OPTION_SUITE_B},
    {"help", no_argument, NULL, 'h'},
    {0},
};

void options_usage(FILE *to)
{
	fputs(
	    "usage: sluice-pktgen install --plan FILE --peer-a ADDRESS:PORT --peer-b ADDRESS:PORT\n"
	    "           [--plan-back FILE] [--calls N] [--seed N] [--suite-a SUITE] [--suite-b "
	    "SUITE]\n"
	    "           [--interface-a NAME] [--interface-b NAME] [--session-first ID] [--socket "
	    "PATH]\n"
	    "       sluice-pktgen pcap --plan FILE --pcap FILE --source-mac MAC --destination-mac "
	    "MAC\n"
	    "           [--packets N] [--payload BYTES] [--sequence-first N] [--sequence-step N]\n"
	    "       sluice-pktgen check --plan FILE --pcap FILE [--expect N] [--payload BYTES]\n"
	    "       sluice-pktgen close [--calls N] [--session-first ID] [--socket PATH]\n"
	    "\n"
	    "install  opens calls in a running sluice-dataplane; their streams go into the plan\n"
	    "pcap     writes the packets of a plan's streams: --packets of each, one after "
	    "another\n"
	    "check    says whether a capture holds what the relay should have sent; 1: it does "
	    "not\n"
	    "close    closes the calls\n",
	    to);
}

static int mac(uint8_t to[FRAME_MAC], const char *text, bool *has)
{
	*has = frame_mac_parse(to, text) == 0;
	if (!*has)
		fprintf(stderr, "sluice-pktgen: '%s' is not a MAC address\n", text);
	return *has ? 0 : -EINVAL;
}

static int peer(struct options *options, enum calls_side side, char *text)
{
	char shown[64];
	struct plan_end *end = &options->calls.side[side].first;

	snprintf(shown, sizeof(shown), "%s", text);
	options->has_peer[side] = plan_end_parse(end, text) == 0 && end->port % 2 == 0;
	if (!options->has_peer[side])
		fprintf(
		    stderr,
		    "sluice-pktgen: '%s' is not an IPv4 address and even port, as 192.0.2.1:4000\n",
		    shown);
	return options->has_peer[side] ? 0 : -EINVAL;
}

static int interface(struct calls_side_options *side, const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length >= sizeof(side->interface)) {
		fprintf(stderr, "sluice-pktgen: '%s' is not an interface's name\n", text);
		return -EINVAL;
	}
	memset(side->interface, 0, sizeof(side->interface));
	memcpy(side->interface, text, length);
	return 0;
}

static int take(void *user, int option, char *text)
{
	struct options *options = user;
	struct calls_options *calls = &options->calls;

	switch ((enum option_id)option) {
	case OPTION_SOCKET:
		options->socket = text;
		return 0;
	case OPTION_PLAN:
		options->plan = text;
		return 0;
	case OPTION_PLAN_BACK:
		options->plan_back = text;
		return 0;
	case OPTION_PCAP:
		options->pcap = text;
		return 0;
	case OPTION_CALLS:
		return arguments_number(&calls->count, text, 1, CALLS_MAX);
	case OPTION_SEED:
		return arguments_number64(&calls->seed, text, 0, UINT64_MAX);
	case OPTION_SESSION_FIRST:
		return arguments_number64(&calls->session_first, text, 1, UINT64_MAX - CALLS_MAX);
	case OPTION_PAYLOAD:
		return arguments_number(&options->payload_bytes, text, FRAME_PAYLOAD_MIN,
					FRAME_PAYLOAD_MAX);
	case OPTION_PACKETS:
		return arguments_number(&options->packets, text, 1, 10000000);
	case OPTION_SEQUENCE_FIRST:
		return arguments_number(&options->sequence_first, text, 0, UINT16_MAX);
	case OPTION_SEQUENCE_STEP:
		return arguments_number(&options->sequence_step, text, 1, 16384);
	case OPTION_EXPECT:
		return arguments_number64(&options->expect, text, 1, UINT64_MAX);
	case OPTION_SOURCE_MAC:
		return mac(options->link.source, text, &options->has_source_mac);
	case OPTION_DESTINATION_MAC:
		return mac(options->link.destination, text, &options->has_destination_mac);
	case OPTION_PEER_A:
		return peer(options, CALLS_A, text);
	case OPTION_PEER_B:
		return peer(options, CALLS_B, text);
	case OPTION_INTERFACE_A:
		return interface(&calls->side[CALLS_A], text);
	case OPTION_INTERFACE_B:
		return interface(&calls->side[CALLS_B], text);
	case OPTION_SUITE_A:
		return suites_one(&calls->side[CALLS_A].suite, text);
	case OPTION_SUITE_B:
		return suites_one(&calls->side[CALLS_B].suite, text);
	}
	return -EINVAL;
}

int options_parse(struct options *options, int argc, char **argv)
{
	static const struct arguments_program program = {names, options_usage,
							 "sluice-pktgen: see --help\n", take};

	*options = (struct options){
	    .socket = SLUICE_MEDIA_SOCKET,
	    .calls = {.count = 1000,
		      .seed = 1,
		      .session_first = 1,
		      .side = {{.interface = "voice"}, {.interface = "voice"}}},
	    .payload_bytes = 160,
	    .packets = 50,
	    .sequence_first = 1,
	    .sequence_step = 1,
	};
	return arguments_take(&program, options, argc, argv);
}
