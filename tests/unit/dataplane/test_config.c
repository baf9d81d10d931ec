/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

#define SIXTEEN                                                                         \
	"192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, 192.0.2.5, 192.0.2.6, 192.0.2.7, " \
	"192.0.2.8, 192.0.2.9, 192.0.2.10, 192.0.2.11, 192.0.2.12, 192.0.2.13, "        \
	"192.0.2.14, 192.0.2.15, 192.0.2.16"
#define INTERFACE       \
	"interfaces:\n" \
	"  - {name: voice, device: veth0, addresses: [192.0.2.1], media_ports: 20000-20099}\n"

/* Loads a text; errors (to be freed) takes what was written of it. */
static int load(const char *text, struct config *config, char **errors)
{
	char path[] = "/tmp/sluice-config-XXXXXX";
	int fd = mkstemp(path);
	size_t size;
	FILE *file;
	int rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	file = open_memstream(errors, &size);
	rc = config_load(config, path, file);
	fclose(file);
	unlink(path);
	return rc;
}

static void a_whole_configuration_is_read(void **state)
{
	struct config config;
	char *errors;

	(void)state;
	assert_int_equal(load("media_socket: /run/x.sock\n"
			      "workers: {count: 2, cores: [1, 3], idle: poll}\n"
			      "max_sessions: 500\n"
			      "engine: ipsec_mb\n"
			      "capture: {directory: /var/lib/sluice, file_mib: 8, total_mib: 80, "
			      "time_s: 60, allow: decrypted}\n"
			      "interfaces:\n"
			      "  - name: voice\n"
			      "    device: veth0\n"
			      "    kind: af_packet\n"
			      "    fallback: af_packet\n"
			      "    vlan: 4094\n"
			      "    vlan_priority: 6\n"
			      "    addresses: [192.0.2.1, \"2001:db8::1\"]\n"
			      "    media_ports: 20000-29999\n",
			      &config, &errors),
			 0);
	assert_string_equal(errors, "");
	assert_string_equal(config.media_socket, "/run/x.sock");
	assert_int_equal(config.workers, 2);
	assert_int_equal(config.cores[1], 3);
	assert_int_equal(config.idle, CONFIG_IDLE_POLL);
	assert_int_equal(config.max_sessions, 500);
	assert_string_equal(config.capture.directory, "/var/lib/sluice");
	assert_int_equal(config.capture.file_mib, 8);
	assert_int_equal(config.capture.total_mib, 80);
	assert_int_equal(config.capture.time_s, 60);
	assert_int_equal(config.capture.allow, SLUICE_CAPTURE_DECRYPTED);
	assert_int_equal(config.interface[0].kind, PORT_AF_PACKET);
	assert_int_equal(config.interface[0].fallback, CONFIG_FALLBACK_AF_PACKET);
	assert_int_equal(config.interface[0].vlan, 4094);
	assert_int_equal(config.interface[0].vlan_priority, 6);
	assert_int_equal(config.interface[0].address_count, 2);
	assert_int_equal(config.interface[0].address[1].family, 6);
	assert_int_equal(config.interface[0].media_port_first, 20000);
	assert_int_equal(config.interface[0].media_port_last, 29999);
	free(errors);
}

#define PCI \
	"  - {name: voice, kind: pci, addresses: [192.0.2.1], media_ports: 20000-20099, device: "

static void a_nic_is_named_by_its_pci_address(void **state)
{
	struct config config;
	char *errors;

	(void)state;
	assert_int_equal(load("interfaces:\n" PCI "\"0000:3b:00.1\"}\n", &config, &errors), 0);
	assert_int_equal(config.interface[0].kind, PORT_PCI);
	assert_string_equal(config.interface[0].device, "0000:3b:00.1");
	assert_string_equal(config.interface[0].pci.kernel, "voice");
	free(errors);
	assert_int_equal(load("interfaces:\n" PCI
			      "net_null0, pci: {kernel: eth9, arguments: \"size=64\"}}\n",
			      &config, &errors),
			 0);
	assert_string_equal(config.interface[0].pci.kernel, "eth9");
	assert_string_equal(config.interface[0].pci.arguments, "size=64");
	free(errors);
}

static void what_is_not_said_has_its_default(void **state)
{
	struct config config;
	char *errors;

	(void)state;
	assert_int_equal(load(INTERFACE, &config, &errors), 0);
	assert_string_equal(config.media_socket, "/run/sluice/media.sock");
	assert_int_equal(config.group, (gid_t)-1);
	assert_int_equal(config.workers, 1);
	assert_int_equal(config.core_count, 0);
	assert_int_equal(config.idle, CONFIG_IDLE_SLEEP);
	assert_string_equal(config.capture.directory, "");
	assert_int_equal(config.capture.allow, SLUICE_CAPTURE_WIRE);
	assert_int_equal(config.interface[0].vlan, 0);
	assert_int_equal(config.interface[0].vlan_priority, CONFIG_VLAN_PRIORITY_DEFAULT);
	assert_int_equal(config.interface[0].kind, PORT_AF_XDP);
	assert_int_equal(config.interface[0].fallback, CONFIG_FALLBACK_REFUSE);
	free(errors);
}

/* A faulty text, and what the error must say: line, value, what is allowed. */
static const struct {
	const char *text;
	const char *says[3];
} faults[] = {
    {"", {"is empty"}},
    {"a: [", {":2: not YAML"}},
    {"- x\n", {":1: ", "must be a mapping"}},
    {"max_sessions: 10\n", {"'interfaces' is missing", "a list of 1 to 16"}},
    {"colour: red\n" INTERFACE, {":1: ", "unknown key 'colour'", "max_sessions"}},
    {"engine: ipsec_mb\nengine: ipsec_mb\n" INTERFACE, {":2: ", "'engine' is there twice"}},
    {"engine: rot13\n" INTERFACE, {":1: engine: 'rot13'", "allowed: ipsec_mb"}},
    {"max_sessions: 0\n" INTERFACE, {":1: max_sessions: '0'", "1 to 1000000"}},
    {"max_sessions: -1\n" INTERFACE, {":1: max_sessions: '-1'"}},
    {"max_sessions: 99999999999999999999\n" INTERFACE, {":1: max_sessions"}},
    {"max_sessions: [1]\n" INTERFACE, {":1: max_sessions: wrong kind of value"}},
    {"media_socket: run/x\n" INTERFACE, {":1: media_socket: 'run/x'", "absolute"}},
    {"group: no-such-group\n" INTERFACE, {":1: group: 'no-such-group'"}},
    {"workers: {count: 17}\n" INTERFACE, {":1: count: '17'", "auto, or 1 to 16"}},
    {"workers: {count: 2, cores: [1]}\n" INTERFACE, {":1: cores: 1 given for 2"}},
    {"workers: {cores: [x]}\n" INTERFACE, {":1: cores: 'x'"}},
    {"workers: {idle: maybe}\n" INTERFACE, {":1: idle: 'maybe'", "sleep, poll, back-off"}},
    {"capture: {directory: x}\n" INTERFACE, {":1: directory: 'x'", "absolute path"}},
    {"capture: {file_mib: 1}\n" INTERFACE, {":1: ", "'directory' is missing"}},
    {"capture: {directory: /x, file_mib: 0}\n" INTERFACE, {":1: file_mib: '0'", "1 to 1048576"}},
    {"capture: {directory: /x, time_s: 86401}\n" INTERFACE, {":1: time_s", "1 to 86400"}},
    {"capture: {directory: /x, allow: all}\n" INTERFACE, {":1: allow: 'all'", "wire, decrypted"}},
    {"capture: {directory: /x, file_mib: 9, total_mib: 8}\n" INTERFACE,
     {":1: file_mib: 9 is more than total_mib, 8"}},
    {"interfaces:\n" PCI "eth1}\n", {":2: device: 'eth1' is no PCI address"}},
    {"interfaces:\n" PCI "\"0000:3b:00.8\"}\n", {":2: device: '0000:3b:00.8' is no PCI address"}},
    {"interfaces:\n" PCI "\"0000:3b:00.0\", pci: {arguments: a}}\n",
     {":2: arguments: the device is '0000:3b:00.0'"}},
    {"interfaces:\n" PCI "net_null0, pci: {kernel: a/b}}\n", {":2: kernel: 'a/b'"}},
    {"interfaces:\n" PCI "net_null0, pci: {kernel: tap%d}}\n", {":2: kernel: 'tap%d'"}},
    {"interfaces:\n" PCI "net_null0, pci: {kernel: \"a:b\"}}\n", {":2: kernel: 'a:b'"}},
    {"interfaces:\n" PCI "net_null0, pci: {kernel: ..}}\n", {":2: kernel: '..'"}},
    {"interfaces:\n  - {name: a/b, kind: pci, device: net_null0, addresses: [192.0.2.1], "
     "media_ports: 2000-2001}\n",
     {":2: name: 'a/b' is no name for the kernel's interface"}},
    {"interfaces:\n" PCI "net_null0, pci: {kernel: x}}\n"
     "  - {name: b, kind: pci, device: net_null1, addresses: [192.0.2.2], media_ports: 2000-2001, "
     "pci: {kernel: x}}\n",
     {":3: pci: kernel 'x' is interface 'voice' already"}},
    {"interfaces:\n  - {name: a, device: d, addresses: [192.0.2.1], media_ports: 2000-2001, pci: "
     "{kernel: x}}\n",
     {":2: pci: the kind is af_xdp"}},
    {"interfaces: []\n", {":1: interfaces"}},
    {"interfaces:\n  - {name: a b, device: d, addresses: [192.0.2.1], media_ports: 2000-2001}\n",
     {":2: name: 'a b'"}},
    {"interfaces:\n  - {name: sixteen-letters!, device: d, addresses: [192.0.2.1], media_ports: "
     "2000-2001}\n",
     {":2: name: 'sixteen-letters!'", "1 to 15"}},
    {"interfaces:\n  - {name: a, device: d, kind: magic, addresses: [192.0.2.1], media_ports: "
     "2000-2001}\n",
     {":2: kind: 'magic'", "af_xdp, af_packet, memif, pci, ring"}},
    {"interfaces:\n  - {name: a, device: d, kind: memif, addresses: [192.0.2.1], media_ports: "
     "20000-29999}\n",
     {":2: memif: missing"}},
    {"interfaces:\n  - {name: a, device: d, kind: memif, addresses: [192.0.2.1], media_ports: "
     "20000-29999, memif: {socket: rel, role: boss, neighbour: 'ff:ff:ff:ff:ff:ff'}}\n",
     {":2: socket: 'rel'", ":2: role: 'boss'", ":2: neighbour: 'ff:ff:ff:ff:ff:ff'"}},
    {"interfaces:\n  - {name: a, device: d, addresses: [192.0.2.1], media_ports: 20000-29999, "
     "memif: {socket: /run/x.sock}}\n",
     {":2: memif: the kind is af_xdp"}},
    {"interfaces:\n  - {name: a, device: d, vlan: 4095, vlan_priority: 8, addresses: [192.0.2.1], "
     "media_ports: 2000-2001}\n",
     {":2: vlan: '4095'", "1 to 4094", ":2: vlan_priority: '8'"}},
    {"interfaces:\n  - {name: a, device: d, vlan: 0, addresses: [192.0.2.1], media_ports: "
     "2000-2001}\n",
     {":2: vlan: '0'"}},
    {"interfaces:\n  - name: a\n    device: d\n    addresses:\n      - 192.0.2.1\n      - "
     "224.0.0.1\n    media_ports: 2000-2001\n",
     {":6: addresses: '224.0.0.1'", "unicast"}},
    {"interfaces:\n  - {name: a, device: d, addresses: [192.0.2.1, 192.0.2.2, 192.0.2.1], "
     "media_ports: 2000-2001}\n",
     {":2: addresses: '192.0.2.1' is given twice"}},
    {"interfaces:\n  - {name: a, device: d, addresses: [" SIXTEEN ", 192.0.2.17], media_ports: "
     "2000-2001}\n",
     {":2: addresses", "1 to 16"}},
    {"interfaces:\n  - {name: a, device: d, addresses: [\"::\"], media_ports: 2000-2001}\n",
     {":2: addresses: '::'"}},
    {"interfaces:\n  - {name: a, device: d, addresses: [192.0.2.1], media_ports: 2001-3001}\n",
     {":2: media_ports: '2001-3001'", "EVEN-ODD"}},
    {"interfaces:\n  - {name: a, device: d, addresses: [192.0.2.1], media_ports: 500-3001}\n",
     {":2: media_ports: '500-3001'"}},
    {"interfaces:\n  - {name: a, device: d, addresses: [192.0.2.1], media_ports: 2000-3001x}\n",
     {":2: media_ports"}},
    {"interfaces:\n"
     "  - {name: a, device: d, addresses: [192.0.2.1], media_ports: 2000-2001}\n"
     "  - {name: a, device: d, addresses: [192.0.2.1], media_ports: 2000-2001}\n",
     {":3: name: 'a' is used twice", ":3: device: 'd' is interface 'a'", ":3: addresses"}},
};

static void an_interface_has_up_to_sixteen_addresses(void **state)
{
	struct config config;
	char *errors;

	(void)state;
	assert_int_equal(load("interfaces:\n  - {name: a, device: d, addresses: [" SIXTEEN
			      "], media_ports: 2000-2001}\n",
			      &config, &errors),
			 0);
	assert_int_equal(config.interface[0].address_count, 16);
	assert_int_equal(config.interface[0].address[15].ip[3], 16);
	free(errors);
}

static void an_error_names_line_value_and_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct config config;
		char *errors;

		if (load(faults[i].text, &config, &errors) != -EINVAL)
			fail_msg("accepted: %s", faults[i].text);
		for (unsigned s = 0; s < 3 && faults[i].says[s]; s++)
			if (!strstr(errors, faults[i].says[s]))
				fail_msg("'%s' is not in: %s", faults[i].says[s], errors);
		free(errors);
	}
}

static void all_errors_are_said_at_once(void **state)
{
	struct config config;
	unsigned lines = 0;
	char *errors;

	(void)state;
	assert_int_equal(
	    load("max_sessions: 0\nengine: x\ngroup: no-such-group\nworkers: {count: 0}\n", &config,
		 &errors),
	    -EINVAL);
	for (const char *c = errors; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 5);
	free(errors);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
	struct config config;
	char *errors;
	size_t size;
	FILE *file = open_memstream(&errors, &size);

	(void)state;
	assert_int_equal(config_load(&config, "/nowhere/x.yaml", file), -ENOENT);
	fclose(file);
	assert_non_null(strstr(errors, "/nowhere/x.yaml: cannot be read"));
	free(errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_whole_configuration_is_read),
	    cmocka_unit_test(a_nic_is_named_by_its_pci_address),
	    cmocka_unit_test(what_is_not_said_has_its_default),
	    cmocka_unit_test(an_interface_has_up_to_sixteen_addresses),
	    cmocka_unit_test(an_error_names_line_value_and_rule),
	    cmocka_unit_test(all_errors_are_said_at_once),
	    cmocka_unit_test(a_file_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
