/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data plane without calls, for tests/integration/ports.sh: opens a port, prints what it
 * receives, and does what standard input says.
 *
 *   ports_probe open KIND DEVICE QUEUES FIRST LAST ADDRESS...   (environment: PROBE_HUGE=1,
 * PROBE_MTU) ports_probe clean DEVICE ports_probe nexthop ports_probe host
 *
 * Input lines: "send DESTINATION PORT SOURCE PORT TEXT", "lookup DESTINATION [SOURCE]", "link",
 * "buffers", "reopen" (close, and open again at once), "quit".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "host/cpu.h"
#include "host/hugepages.h"
#include "net/nexthop.h"
#include "net/port.h"

#define BURST 32U

struct probe {
	struct port *port;
	struct port_config config;
	struct nexthop_table *nexthops;
};

static uint8_t parse_address(const char *text, uint8_t ip[16])
{
	memset(ip, 0, 16);
	if (inet_pton(AF_INET, text, ip) == 1)
		return 4;
	return inet_pton(AF_INET6, text, ip) == 1 ? 6 : 0;
}

static const char *format_address(uint8_t family, const void *ip, char *text, socklen_t size)
{
	return inet_ntop(family == 4 ? AF_INET : AF_INET6, ip, text, size);
}

/* ---- receiving ---- */

static void print_udp(uint16_t queue, uint8_t family, const void *source, const void *destination,
		      const struct rte_udp_hdr *udp, uint32_t length)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];
	const char *text = (const char *)(udp + 1);
	uint32_t bytes = length < 40 ? length : 40;

	printf("rx q%u %s.%u > %s.%u %u %.*s\n", queue,
	       format_address(family, source, from, sizeof(from)), rte_be_to_cpu_16(udp->src_port),
	       format_address(family, destination, to, sizeof(to)), rte_be_to_cpu_16(udp->dst_port),
	       length, (int)bytes, text);
}

/* The tag is in the packet (af_xdp) or beside it (af_packet); -1: none. */
static int take_vlan(struct rte_mbuf *m)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);

	if (eth->ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN) && rte_vlan_strip(m) != 0)
		return -1;
	return m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED ? m->vlan_tci : -1;
}

static void print_packet(uint16_t queue, struct rte_mbuf *m)
{
	int vlan = take_vlan(m);
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	const void *ip = eth + 1;
	const struct rte_ipv4_hdr *ip4 = ip;
	const struct rte_ipv6_hdr *ip6 = ip;
	uint32_t length = m->data_len;
	uint16_t type = rte_be_to_cpu_16(eth->ether_type);

	if (m->nb_segs != 1 || rte_pktmbuf_headroom(m) < PORT_HEADROOM ||
	    rte_pktmbuf_tailroom(m) < PORT_TAILROOM || rte_pktmbuf_tailroom(m) > UINT16_MAX / 2)
		printf("bad-mbuf segments %u headroom %u tailroom %u\n", m->nb_segs,
		       rte_pktmbuf_headroom(m), rte_pktmbuf_tailroom(m));
	if (vlan >= 0)
		printf("vlan %d ", vlan);
	if (type == RTE_ETHER_TYPE_IPV4 && length >= 42 && ip4->next_proto_id == IPPROTO_UDP)
		print_udp(queue, 4, &ip4->src_addr, &ip4->dst_addr, (const void *)(ip4 + 1),
			  length - 42);
	else if (type == RTE_ETHER_TYPE_IPV6 && length >= 62 && ip6->proto == IPPROTO_UDP)
		print_udp(queue, 6, ip6->src_addr, ip6->dst_addr, (const void *)(ip6 + 1),
			  length - 62);
	else
		printf("other q%u type %04x length %u\n", queue, type, length);
}

static void receive(struct probe *probe)
{
	struct rte_mbuf *packets[BURST];

	for (uint16_t q = 0; q < probe->port->queues; q++) {
		uint16_t n = port_rx_burst(probe->port, q, packets, BURST);

		for (uint16_t i = 0; i < n; i++)
			print_packet(q, packets[i]);
		rte_pktmbuf_free_bulk(packets, n);
	}
}

/* ---- sending ---- */

static void fill_ipv4(struct rte_ipv4_hdr *ip, const uint8_t *source, const uint8_t *destination,
		      struct rte_udp_hdr *udp)
{
	*ip = (struct rte_ipv4_hdr){
	    .version_ihl = RTE_IPV4_VHL_DEF,
	    .total_length =
		rte_cpu_to_be_16((uint16_t)(sizeof(*ip) + rte_be_to_cpu_16(udp->dgram_len))),
	    .time_to_live = 64,
	    .next_proto_id = IPPROTO_UDP,
	};
	memcpy(&ip->src_addr, source, 4);
	memcpy(&ip->dst_addr, destination, 4);
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	udp->dgram_cksum = rte_ipv4_udptcp_cksum(ip, udp);
}

static void fill_ipv6(struct rte_ipv6_hdr *ip, const uint8_t *source, const uint8_t *destination,
		      struct rte_udp_hdr *udp)
{
	*ip = (struct rte_ipv6_hdr){
	    .vtc_flow = rte_cpu_to_be_32(6U << 28),
	    .payload_len = udp->dgram_len,
	    .proto = IPPROTO_UDP,
	    .hop_limits = 64,
	};
	memcpy(ip->src_addr, source, 16);
	memcpy(ip->dst_addr, destination, 16);
	udp->dgram_cksum = rte_ipv6_udptcp_cksum(ip, udp);
}

static void build(struct rte_mbuf *m, const struct probe *probe, const struct nexthop *hop,
		  uint8_t family, const uint8_t *source, const uint8_t *destination,
		  struct rte_udp_hdr ports, const char *text)
{
	uint16_t header = family == 4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct rte_ipv6_hdr);
	uint16_t payload = (uint16_t)strlen(text);
	struct rte_ether_hdr *eth = (void *)rte_pktmbuf_append(
	    m, (uint16_t)(sizeof(*eth) + header + sizeof(ports) + payload));
	struct rte_udp_hdr *udp = (void *)((char *)(eth + 1) + header);

	eth->dst_addr = hop->mac;
	eth->src_addr = probe->port->mac;
	eth->ether_type = rte_cpu_to_be_16(family == 4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6);
	ports.dgram_len = rte_cpu_to_be_16((uint16_t)(sizeof(ports) + payload));
	*udp = ports;
	memcpy(udp + 1, text, payload);
	if (family == 4)
		fill_ipv4((void *)(eth + 1), source, destination, udp);
	else
		fill_ipv6((void *)(eth + 1), source, destination, udp);
}

static void print_hop(const char *destination, uint8_t family, int err, const struct nexthop *hop)
{
	char mac[RTE_ETHER_ADDR_FMT_SIZE], gateway[INET6_ADDRSTRLEN];

	if (err) {
		printf("lookup %s %s\n", destination, strerrorname_np(-err));
		return;
	}
	rte_ether_format_addr(mac, sizeof(mac), &hop->mac);
	printf("lookup %s ok %s via %s if %u\n", destination, mac,
	       format_address(family, hop->gateway, gateway, sizeof(gateway)), hop->ifindex);
}

/* Every queue sends one. */
static void do_send(struct probe *probe, char *to, unsigned to_port, char *from, unsigned from_port,
		    const char *text)
{
	uint8_t destination[16], source[16];
	uint8_t family = parse_address(to, destination);
	struct rte_udp_hdr ports = {.src_port = rte_cpu_to_be_16((uint16_t)from_port),
				    .dst_port = rte_cpu_to_be_16((uint16_t)to_port)};
	struct nexthop hop;
	int err;

	parse_address(from, source);
	err = nexthop_lookup(probe->nexthops, family, destination, source, &hop);
	print_hop(to, family, err, &hop);
	for (uint16_t q = 0; !err && q < probe->port->queues; q++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(probe->config.pool);

		if (!m) {
			printf("no buffer\n");
			return;
		}
		build(m, probe, &hop, family, source, destination, ports, text);
		if (port_tx_burst(probe->port, q, &m, 1) != 1) {
			printf("tx full\n");
			rte_pktmbuf_free(m);
		}
	}
}

static void do_lookup(struct probe *probe, const char *to, const char *from)
{
	uint8_t destination[16], source[16];
	uint8_t family = parse_address(to, destination);
	struct nexthop hop = {0};

	if (from)
		parse_address(from, source);
	print_hop(to, family,
		  nexthop_lookup(probe->nexthops, family, destination, from ? source : NULL, &hop),
		  &hop);
}

/* ---- commands ---- */

static int open_port(struct probe *probe)
{
	char error[256] = "", mac[RTE_ETHER_ADDR_FMT_SIZE];
	int err = port_open(&probe->port, &probe->config, error, sizeof(error));

	if (err) {
		printf("error %s: %s\n", strerrorname_np(-err), error);
		return err;
	}
	rte_ether_format_addr(mac, sizeof(mac), &probe->port->mac);
	printf("ready %s queues %u mtu %u mac %s link %s degraded %s\n",
	       port_kind_name(probe->port->kind), probe->port->queues, probe->port->mtu, mac,
	       port_link_up(probe->port) ? "up" : "down",
	       probe->port->degraded ? probe->port->reason : "no");
	return 0;
}

/* Returns false to end. */
static bool command(struct probe *probe, char *line)
{
	char a[64], b[64], text[256];
	unsigned to_port, from_port;
	int n;

	if (sscanf(line, "send %63s %u %63s %u %255[^\n]", a, &to_port, b, &from_port, text) == 5)
		do_send(probe, a, to_port, b, from_port, text);
	else if ((n = sscanf(line, "lookup %63s %63s", a, b)) >= 1)
		do_lookup(probe, a, n == 2 ? b : NULL);
	else if (strncmp(line, "link", 4) == 0)
		printf("link %s\n", port_link_up(probe->port) ? "up" : "down");
	else if (strncmp(line, "reopen", 6) == 0) {
		port_close(probe->port);
		return open_port(probe) == 0;
	} else if (strncmp(line, "buffers", 7) == 0)
		printf("buffers %u\n", rte_mempool_in_use_count(probe->config.pool));
	else if (strncmp(line, "quit", 4) == 0)
		return false;
	else
		printf("what? %s", line);
	return true;
}

static void on_change(void *user)
{
	(void)user;
	printf("change\n");
}

static void run(struct probe *probe)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
			       {.fd = nexthop_fd(probe->nexthops), .events = POLLIN}};
	char line[512];
	bool on = true;

	while (on) {
		poll(fds, 2, probe->port ? 1 : 1000);
		if (fds[1].revents)
			nexthop_process(probe->nexthops);
		if (fds[0].revents)
			on = fgets(line, sizeof(line), stdin) && command(probe, line);
		if (on && probe->port)
			receive(probe);
	}
}

static int start_eal(void)
{
	/* --no-huge goes with neither --in-memory nor files that another process could find */
	char *huge[] = {"probe",         "--no-pci", "--no-telemetry",
			"--log-level=5", "-l0",      "--in-memory"};
	char *plain[] = {"probe", "--no-pci",    "--no-telemetry", "--log-level=5",
			 "-l0",   "--no-shconf", "--no-huge",      "-m256"};
	const char *want = getenv("PROBE_HUGE");
	int err = want && *want == '1' ? rte_eal_init(RTE_DIM(huge), huge)
				       : rte_eal_init(RTE_DIM(plain), plain);

	if (err < 0)
		printf("error EAL: %s\n", strerror(rte_errno));
	return err < 0 ? -rte_errno : 0;
}

static int main_open(int argc, char **argv)
{
	struct probe probe = {0};
	struct port_config *config = &probe.config;
	const char *mtu = getenv("PROBE_MTU");
	char error[256];
	int err;

	config->kind = strcmp(argv[0], "af_packet") == 0 ? PORT_AF_PACKET : PORT_AF_XDP;
	snprintf(config->device, sizeof(config->device), "%s", argv[1]);
	config->queues = (uint16_t)atoi(argv[2]);
	config->media_port_first = (uint16_t)atoi(argv[3]);
	config->media_port_last = (uint16_t)atoi(argv[4]);
	for (int i = 5; i < argc && config->address_count < PORT_ADDRESSES_MAX; i++) {
		struct port_address *address = &config->address[config->address_count++];

		address->family = parse_address(argv[i], address->ip);
	}
	err = start_eal();
	if (err)
		return 1;
	config->pool = port_pool_create("probe", port_pool_need(config->queues), 256,
					(uint16_t)(mtu ? atoi(mtu) : 1500), SOCKET_ID_ANY, error,
					sizeof(error));
	if (!config->pool) {
		printf("error %s\n", error);
		return 1;
	}
	err = nexthop_open(&probe.nexthops, on_change, &probe);
	if (!err)
		err = open_port(&probe);
	if (!err)
		run(&probe);
	port_close(probe.port);
	nexthop_close(probe.nexthops);
	printf("closed, %u buffers in use\n", rte_mempool_in_use_count(config->pool));
	rte_mempool_free(config->pool);
	rte_eal_cleanup();
	return err ? 1 : 0;
}

static int main_nexthop(void)
{
	struct probe probe = {0};
	int err = nexthop_open(&probe.nexthops, on_change, &probe);

	if (err) {
		printf("error %s\n", strerror(-err));
		return 1;
	}
	printf("ready\n");
	run(&probe);
	nexthop_close(probe.nexthops);
	return 0;
}

static int main_host(void)
{
	struct host_hugepages sizes[HOST_HUGEPAGE_SIZES_MAX];
	struct host_cpu cpus[64];
	uint64_t memlock = 0;
	int count = host_cpus_read(cpus, RTE_DIM(cpus));

	for (int i = 0; i < count; i++)
		printf("cpu %u node %d core %u isolated %d\n", cpus[i].number, cpus[i].numa_node,
		       cpus[i].core, cpus[i].isolated);
	count = host_hugepages_read(sizes, RTE_DIM(sizes));
	for (int i = 0; i < count; i++)
		printf("hugepages %zu KiB: %" PRIu64 " free of %" PRIu64 "\n",
		       sizes[i].page_bytes >> 10, sizes[i].free, sizes[i].total);
	host_memlock_limit(&memlock);
	printf("memlock %" PRIu64 "\n", memlock);
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0); /* poll() must see what is left */
	if (argc == 3 && strcmp(argv[1], "clean") == 0) {
		int err = port_clean_stale(argv[2]);

		printf("clean %s\n", err ? strerrorname_np(-err) : "ok");
		return err ? 1 : 0;
	}
	if (argc == 2 && strcmp(argv[1], "nexthop") == 0)
		return main_nexthop();
	if (argc == 2 && strcmp(argv[1], "host") == 0)
		return main_host();
	if (argc >= 8 && strcmp(argv[1], "open") == 0)
		return main_open(argc - 2, argv + 2);
	fprintf(stderr, "usage: see the head of probe.c\n");
	return 2;
}
