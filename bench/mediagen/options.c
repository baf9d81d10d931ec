/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/arguments.h"
#include "../common/suites.h"
#include "mark.h"
#include "net/vlan.h"
#include "sluice_client.h"
#include "wire.h"

static const struct {
	const char *name;
	uint32_t payload; /* bytes in 20 ms */
} codecs[] = {
    {"g711", 160}, /* 64 kbit/s */
    {"g729", 20},  /* 8 kbit/s, RFC 3551 4.5.6 */
    {"opus", 80},  /* 32 kbit/s, in the middle of what RFC 7587 3.1.1 advises for speech */
};

static const struct option names[] = {
    {"port", required_argument, NULL, 'p'},
    {"mirror", no_argument, NULL, 'm'},
    {"to-mirror", no_argument, NULL, 'M'},
    {"media-socket", required_argument, NULL, 's'},
    {"calls", required_argument, NULL, 'n'},
    {"suites", required_argument, NULL, 'S'},
    {"codec", required_argument, NULL, 'c'},
    {"payload", required_argument, NULL, 'b'},
    {"pps", required_argument, NULL, 'r'},
    {"window", required_argument, NULL, 'w'},
    {"seconds", required_argument, NULL, 't'},
    {"cpu", required_argument, NULL, 'C'},
    {"ahead", required_argument, NULL, 'a'},
    {"verify-every", required_argument, NULL, 'v'},
    {"realtime", no_argument, NULL, 'T'},
    {"json", required_argument, NULL, 'j'},
    {"flood", required_argument, NULL, 'f'},
    {"flood-port", required_argument, NULL, 'F'},
    {"flood-pps", required_argument, NULL, 'R'},
    {"flood-count", required_argument, NULL, 'N'},
    {"version", no_argument, NULL, 'V'},
    {"vlan", required_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static void usage(FILE *to)
{
	fputs(
	    "usage: sluice-mediagen --port PORT [--port PORT] [OPTION...]\n"
	    "Calls of voice through a running sluice-dataplane: sends, receives, verifies.\n\n"
	    "  --port KIND:WHERE,INTERFACE,ADDRESS  where the phones are; a second: those of leg "
	    "1\n"
	    "                 memif:SOCKET | af_xdp:DEVICE | af_packet:DEVICE; the name of the\n"
	    "                 data plane's interface at the other end; the phones' address\n"
	    "  --media-socket PATH  of the data plane [" SLUICE_MEDIA_SOCKET "]\n"
	    "  --calls N      [100]\n"
	    "  --suites A,B   of leg 0 and leg 1: rtp, or an SRTP suite [rtp,rtp]\n"
	    "  --codec NAME   g711, g729, opus [g711]; --payload BYTES: another size\n"
	    "  --pps N|max    packets a second in all, instead of one a stream every 20 ms\n"
	    "  --window N     packets under way at most; 0: no limit [0; with --pps max 512]\n"
	    "  --vlan N       packets are tagged, and must be (IEEE 802.1Q) [untagged]\n"
	    "  --seconds N    [10]\n"
	    "  --ahead N      packets made before the first is sent; with --pps max they are all\n"
	    "                 that is sent [0: they are made while others are sent]\n"
	    "  --verify-every N  decrypt one packet of so many, later [1: each, as it comes]\n"
	    "  --cpu N        core to run on [the last]\n"
	    "  --realtime     before all else on that core (SCHED_FIFO), where that is allowed\n"
	    "  --json FILE    results as JSON; -: on standard output\n"
	    "  --flood KIND   bad packets at the port of one call, beside the calls: see below\n"
	    "  --flood-port KIND:WHERE,INTERFACE,ADDRESS  the attacked call and the flood have a "
	    "port\n"
	    "                 of their own; else one of the calls is attacked\n"
	    "  --flood-pps N|max, --flood-count N  a second [max], and in all [no limit]\n"
	    "  --to-mirror    no data plane: the other end sends every frame back (noise floor)\n"
	    "  --mirror       be that other end, until SIGINT; --port memif:SOCKET alone\n"
	    "Exit code 0: every packet came back right; 1: not; 2: usage.\n\nFloods:\n",
	    to);
	for (unsigned kind = 0; kind < FORGE_KIND_COUNT; kind++)
		fprintf(to, "  %-14s %s\n", forge_name(kind), forge_text(kind));
}

static int refuse(const char *what, const char *value, const char *allowed)
{
	fprintf(stderr, "sluice-mediagen: %s: '%s'; allowed: %s\n", what, value, allowed);
	return -EINVAL;
}

static int address_parse(struct port_address *address, const char *text)
{
	*address = (struct port_address){.family = 4};
	if (inet_pton(AF_INET, text, address->ip) == 1)
		return 0;
	address->family = 6;
	if (inet_pton(AF_INET6, text, address->ip) == 1)
		return 0;
	return refuse("--port", text, "an IPv4 or IPv6 address");
}

static int where_parse(struct options_port *port, const char *where)
{
	static const struct {
		const char *prefix;
		enum port_kind kind;
	} kinds[] = {
	    {"memif:", PORT_MEMIF}, {"af_xdp:", PORT_AF_XDP}, {"af_packet:", PORT_AF_PACKET}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].prefix);
		char *to = kinds[i].kind == PORT_MEMIF ? port->socket : port->device;
		size_t size =
		    kinds[i].kind == PORT_MEMIF ? sizeof(port->socket) : sizeof(port->device);

		if (strncmp(where, kinds[i].prefix, length) != 0)
			continue;
		port->kind = kinds[i].kind;
		if (where[length] && snprintf(to, size, "%s", where + length) < (int)size)
			return 0;
		break;
	}
	return refuse("--port", where, "memif:SOCKET, af_xdp:DEVICE, af_packet:DEVICE");
}

/* KIND:WHERE[,INTERFACE,ADDRESS]; number: of the port, for a name of its own. */
static int port_describe(struct options_port *port, char *text, unsigned number)
{
	char *rest, *where = strtok_r(text, ",", &rest);
	char *interface = strtok_r(NULL, ",", &rest);
	char *address = strtok_r(NULL, ",", &rest);
	int rc;

	if (!where)
		return refuse("--port", text, "KIND:WHERE,INTERFACE,ADDRESS");
	rc = where_parse(port, where);
	if (rc)
		return rc;
	if (port->kind == PORT_MEMIF)
		snprintf(port->device, sizeof(port->device), "phones%u", number);
	if (!interface)
		return 0;
	if (snprintf(port->interface, sizeof(port->interface), "%s", interface) >=
	    (int)sizeof(port->interface))
		return refuse("--port", interface, "an interface name of 15 characters at most");
	return address ? address_parse(&port->address, address) : 0;
}

static int port_parse(struct options *options, char *text)
{
	unsigned number = options->port_count;

	if (number == 2)
		return refuse("--port", text, "two ports at most");
	options->port_count++;
	return port_describe(&options->port[number], text, number);
}

static int flood_parse(struct options_flood *flood, const char *name)
{
	int kind = forge_find(name);

	if (kind < 0)
		return refuse("--flood", name, "one of the kinds that --help shows");
	flood->on = true;
	flood->kind = (enum forge_kind)kind;
	return 0;
}

static int suites_parse(struct options *options, char *text)
{
	char *rest, *first = strtok_r(text, ",", &rest), *second = strtok_r(NULL, ",", &rest);

	if (!first || !second)
		return refuse("--suites", text, "two, with a comma");
	if (suites_one(&options->suite[0], first))
		return -EINVAL;
	return suites_one(&options->suite[1], second);
}

static int codec_parse(struct options *options, const char *name)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (!strcmp(codecs[i].name, name)) {
			options->payload = codecs[i].payload;
			return 0;
		}
	return refuse("--codec", name, "g711, g729, opus");
}

static int pps_parse(struct options *options, const char *text)
{
	options->as_fast_as_can = !strcmp(text, "max");
	return options->as_fast_as_can ? 0 : arguments_number(&options->pps, text, 1, 50000000);
}

static int flood_option_take(struct options_flood *flood, int option, char *text)
{
	switch (option) {
	case 'f':
		return flood_parse(flood, text);
	case 'F':
		return port_describe(&flood->port, text, 2);
	case 'R':
		flood->pps = 0;
		return strcmp(text, "max") ? arguments_number(&flood->pps, text, 1, 50000000) : 0;
	case 'N':
		return arguments_number(&flood->count, text, 1, UINT32_MAX);
	default:
		return -EINVAL;
	}
}

static int option_take(void *user, int option, char *text)
{
	struct options *options = user;

	switch (option) {
	case 'p':
		return port_parse(options, text);
	case 'm':
		options->far = FAR_NOTHING;
		return 0;
	case 'M':
		options->far = FAR_MIRROR;
		return 0;
	case 's':
		snprintf(options->media_socket, sizeof(options->media_socket), "%s", text);
		return 0;
	case 'q': /* IEEE 802.1Q */
		return arguments_number(&options->vlan, text, 1, VLAN_ID_MAX);
	case 'n':
		return arguments_number(&options->calls, text, 1, 4 * PHONES_PER_ADDRESS);
	case 'S':
		return suites_parse(options, text);
	case 'c':
		return codec_parse(options, text);
	case 'b':
		return arguments_number(&options->payload, text, MARK_BYTES, 1300);
	case 'r':
		return pps_parse(options, text);
	case 'w':
		return arguments_number(&options->window, text, 0, 1000000);
	case 't':
		return arguments_number(&options->seconds, text, 1, 86400);
	case 'C':
		return arguments_cpu(&options->cpu, text);
	case 'a':
		return arguments_number(&options->ahead, text, 0, 50000000);
	case 'v':
		return arguments_number(&options->verify_every, text, 1, 1000000);
	case 'T':
		options->realtime = true;
		return 0;
	case 'j':
		options->json = text;
		return 0;
	default:
		return flood_option_take(&options->flood, option, text);
	}
}

static int flood_check(const struct options *options)
{
	const struct options_flood *flood = &options->flood;
	bool any = flood->port.device[0] || flood->pps || flood->count;

	if (any && !flood->on)
		return refuse("--flood", "",
			      "a kind, with --flood-port, --flood-pps, --flood-count");
	if (flood->port.device[0] && (!flood->port.interface[0] || !flood->port.address.family))
		return refuse("--flood-port", "", "KIND:WHERE,INTERFACE,ADDRESS");
	if (flood->on && options->vlan)
		return refuse("--flood", forge_name(flood->kind), "only without --vlan");
	if (flood->on && options->far != FAR_RELAY)
		return refuse("--flood", forge_name(flood->kind), "only with a data plane");
	return 0;
}

/* What only shows when all is read. */
static int options_check(struct options *options)
{
	if (options->port_count == 0)
		return refuse("--port", "", "at least one");
	for (unsigned i = 0; i < options->port_count; i++) {
		if (options->far == FAR_NOTHING)
			continue;
		if (!options->port[i].interface[0] || !options->port[i].address.family)
			return refuse("--port", "", "KIND:WHERE,INTERFACE,ADDRESS");
	}
	if (options->port_count == 1)
		options->port[1] = options->port[0];
	if (options->as_fast_as_can && !options->window)
		options->window = 512;
	return flood_check(options);
}

int options_parse(struct options *options, int argc, char **argv)
{
	static const struct arguments_program program = {
	    names, usage, "sluice-mediagen: see --help\n", option_take};
	int rc;

	*options = (struct options){
	    .media_socket = SLUICE_MEDIA_SOCKET,
	    .calls = 100,
	    .payload = codecs[0].payload,
	    .period_us = 20000,
	    .seconds = 10,
	    .verify_every = 1,
	    .cpu = arguments_core(),
	};
	rc = arguments_take(&program, options, argc, argv);
	if (rc || options->cpu >= 0)
		return rc ? rc : options_check(options);
	return refuse("--cpu", "", "a core, as the kernel does not say which there are");
}
