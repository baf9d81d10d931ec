/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    {0},
};

static int number(uint64_t *to, const char *text, uint64_t min, uint64_t max)
{
	char *end;

	errno = 0;
	*to = strtoull(text, &end, 10);
	if (errno == 0 && *text >= '0' && *text <= '9' && *end == '\0' && *to >= min && *to <= max)
		return 0;
	fprintf(stderr, "sluice-pktgen: '%s' is not a number from %lu to %lu\n", text, min, max);
	return -EINVAL;
}

static int number32(uint32_t *to, const char *text, uint32_t min, uint32_t max)
{
	uint64_t value;
	int result = number(&value, text, min, max);

	if (result == 0)
		*to = (uint32_t)value;
	return result;
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

static int suite(struct calls_side_options *side, const char *text)
{
	for (unsigned i = 0; i < SLUICE_SUITE_COUNT; i++) {
		if (strcmp(sluice_suite_name(i), text) != 0)
			continue;
		side->suite = (uint8_t)i;
		return 0;
	}
	fprintf(stderr, "sluice-pktgen: no crypto suite '%s'; there are:\n", text);
	for (unsigned i = 0; i < SLUICE_SUITE_COUNT; i++)
		fprintf(stderr, "  %s\n", sluice_suite_name(i));
	return -EINVAL;
}

static int take(struct options *options, enum option_id id, char *text)
{
	struct calls_options *calls = &options->calls;

	switch (id) {
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
		return number32(&calls->count, text, 1, CALLS_MAX);
	case OPTION_SEED:
		return number(&calls->seed, text, 0, UINT64_MAX);
	case OPTION_SESSION_FIRST:
		return number(&calls->session_first, text, 1, UINT64_MAX - CALLS_MAX);
	case OPTION_PAYLOAD:
		return number32(&options->payload_bytes, text, FRAME_PAYLOAD_MIN,
				FRAME_PAYLOAD_MAX);
	case OPTION_PACKETS:
		return number32(&options->packets, text, 1, 10000000);
	case OPTION_SEQUENCE_FIRST:
		return number32(&options->sequence_first, text, 0, UINT16_MAX);
	case OPTION_SEQUENCE_STEP:
		return number32(&options->sequence_step, text, 1, 16384);
	case OPTION_EXPECT:
		return number(&options->expect, text, 1, UINT64_MAX);
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
		return suite(&calls->side[CALLS_A], text);
	case OPTION_SUITE_B:
		return suite(&calls->side[CALLS_B], text);
	}
	return -EINVAL;
}

int options_parse(struct options *options, int argc, char **argv)
{
	int id;

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
	while ((id = getopt_long(argc, argv, "", names, NULL)) >= 0)
		if (id == '?' || take(options, (enum option_id)id, optarg) < 0)
			return -EINVAL;
	if (optind != argc) {
		fprintf(stderr, "sluice-pktgen: unexpected '%s'\n", argv[optind]);
		return -EINVAL;
	}
	return 0;
}
