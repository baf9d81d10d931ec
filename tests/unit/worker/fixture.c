/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "../engine_under_test.h"
#include "fixture.h"
#include "net/port.h"

#define BUFFERS 2047U
#define SLOW_MOTION 100U

const char *const inside_peer = "192.0.2.10", *const outside_peer = "198.51.100.10";

static struct rte_mempool *pool;
static unsigned slower = SLOW_MOTION; /* than the machine, time goes for the workers */

/* Stands in for DPDK's. */
uint64_t rte_get_tsc_hz(void)
{
	static uint64_t (*ask)(void);

	if (!ask)
		ask = (uint64_t(*)(void))dlsym(RTLD_NEXT, "rte_get_tsc_hz");
	return ask() * slower;
}

int group_setup(void **state)
{
	static char arguments[][24] = {
	    "test",           "--no-huge",   "-m",       "64",  "--no-pci",
	    "--no-telemetry", "--no-shconf", "--lcores", "0@0", "--log-level=3",
	    "--iova-mode=va"};
	char *argv[sizeof(arguments) / sizeof(arguments[0]) + 1] = {NULL};
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
		argv[i] = arguments[i];
	if (rte_eal_init((int)(sizeof(arguments) / sizeof(arguments[0])), argv) < 0)
		return -1;
	pool = port_pool_create("test", BUFFERS, 0, 1500, -1, error, sizeof(error));
	return pool ? 0 : -1;
}

static void event_keep(void *user, const struct sluice_event *event)
{
	struct fixture *fixture = user;

	if (fixture->event_count < EVENTS_KEPT)
		fixture->event[fixture->event_count++] = *event;
}

static void interface_make(struct fixture *fixture, unsigned i)
{
	static const char *const names[2] = {"inside", "outside"};
	struct port_address address[2] = {{.family = 4}, {.family = 6}};
	struct interface_config described = {.name = names[i],
					     .address = address,
					     .address_count = i ? 1 : 2,
					     .media_port_first = 20000,
					     .media_port_last = 20019,
					     .dscp = i ? OUTSIDE_DSCP : INSIDE_DSCP};
	struct port_config config = {
	    .kind = PORT_RING, .queues = (uint16_t)fixture->worker_count, .pool = pool};
	char error[256];

	if (i && fixture->vlan) {
		described.vlan = fixture->vlan;
		described.vlan_tci = (uint16_t)(5U << 13 | fixture->vlan);
	}
	inet_pton(AF_INET, i ? "198.51.100.1" : "192.0.2.1", address[0].ip);
	inet_pton(AF_INET6, "2001:db8::1", address[1].ip);
	fixture->in[i] = rte_ring_create(i ? "in1" : "in0", RING_SLOTS, -1, 0);
	fixture->out[i] = rte_ring_create(i ? "out1" : "out0", RING_SLOTS, -1, 0);
	assert_non_null(fixture->in[i]);
	assert_non_null(fixture->out[i]);
	snprintf(config.device, sizeof(config.device), "%s", names[i]);
	config.rx_ring = fixture->in[i];
	config.tx_ring = fixture->out[i];
	assert_int_equal(port_open(&fixture->port[i], &config, error, sizeof(error)), 0);
	described.port = fixture->port[i];
	assert_int_equal(interfaces_add(&fixture->interfaces, &described), 0);
}

static void captures_make(struct fixture *fixture)
{
	struct captures_config config = {.file_bytes = CAPTURE_FILE_BYTES,
					 .total_bytes = 4 * CAPTURE_FILE_BYTES,
					 .time_s = 1,
					 .most = SLUICE_CAPTURE_DECRYPTED,
					 .tsc_hz = rte_get_tsc_hz()};
	char error[512];

	strcpy(fixture->capture_path, "/tmp/sluice-capture-XXXXXX");
	assert_non_null(mkdtemp(fixture->capture_path));
	assert_int_equal(capture_directory_open(&fixture->directory, fixture->capture_path, error,
						sizeof(error)),
			 0);
	config.directory = fixture->directory;
	assert_int_equal(captures_new_without_writer(&fixture->captures, &config), 0);
}

static void captures_end_all(struct fixture *fixture)
{
	DIR *files = opendir(fixture->capture_path);
	const struct dirent *entry;

	captures_free(fixture->captures);
	while (files && (entry = readdir(files)))
		unlinkat(fixture->directory.fd, entry->d_name, 0);
	closedir(files);
	capture_directory_close(&fixture->directory);
	rmdir(fixture->capture_path);
}

static int setup(void **state, unsigned worker_count, uint16_t vlan)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct sessions_config config = {.max_sessions = 8,
					 .worker_count = worker_count,
					 .interfaces = &fixture->interfaces,
					 .engine = engine_under_test(),
					 .on_event = event_keep,
					 .user = fixture};
	static struct worker_config worker;

	assert_non_null(fixture);
	fixture->vlan = vlan;
	fixture->worker_count = fixture->interfaces.worker_count = worker_count;
	interface_make(fixture, 0);
	interface_make(fixture, 1);
	for (unsigned i = 0; i < worker_count; i++) {
		worker = (struct worker_config){
		    .number = i, .engine = engine_under_test(), .srtp_spares = 8};
		interfaces_describe(&fixture->interfaces, &worker);
		assert_int_equal(worker_new(&fixture->worker[i], &worker), 0);
	}
	assert_int_equal(workers_connect(fixture->worker, worker_count), 0);
	config.workers = fixture->worker;
	captures_make(fixture);
	config.captures = fixture->captures;
	assert_int_equal(sessions_new(&fixture->sessions, &config), 0);
	*state = fixture;
	return 0;
}

int one_worker(void **state)
{
	slower = SLOW_MOTION;
	return setup(state, 1, 0);
}

int one_worker_in_real_time(void **state)
{
	slower = 1;
	return setup(state, 1, 0);
}

int two_workers(void **state)
{
	slower = SLOW_MOTION;
	return setup(state, 2, 0);
}

int one_worker_vlan(void **state)
{
	slower = SLOW_MOTION;
	return setup(state, 1, 7);
}

/* Every buffer must be back in the pool: a packet is sent, handed on or freed, never lost. */
int teardown(void **state)
{
	struct fixture *fixture = *state;
	struct frame frame;

	while (sent(fixture, 0, &frame) || sent(fixture, 1, &frame))
		;
	sessions_free(fixture->sessions);
	captures_end_all(fixture);
	for (unsigned i = 0; i < fixture->worker_count; i++)
		worker_free(fixture->worker[i]);
	interfaces_free(&fixture->interfaces);
	for (unsigned i = 0; i < 2; i++) {
		port_close(fixture->port[i]);
		rte_ring_free(fixture->in[i]);
		rte_ring_free(fixture->out[i]);
	}
	free(fixture);
	return rte_mempool_avail_count(pool) == BUFFERS ? 0 : -1;
}

struct sluice_addr addr4(const char *ip, uint16_t port)
{
	struct sluice_addr addr = {.family = 4, .port = port};

	assert_int_equal(inet_pton(AF_INET, ip, addr.ip), 1);
	return addr;
}

struct sluice_addr addr6(const char *ip, uint16_t port)
{
	struct sluice_addr addr = {.family = 6, .port = port};

	assert_int_equal(inet_pton(AF_INET6, ip, addr.ip), 1);
	return addr;
}

struct sluice_open_reply opened(struct fixture *fixture, uint64_t id, uint8_t family)
{
	struct sluice_open request = {.session = id,
				      .leg = {{.interface = "inside", .family = family},
					      {.interface = "outside", .family = 4}}};
	struct sluice_open_reply reply;

	assert_int_equal(sessions_open(fixture->sessions, &request, &reply), 0);
	return reply;
}

struct sluice_set plain_leg(uint64_t id, uint8_t leg, const struct sluice_addr *remote)
{
	return (struct sluice_set){.session = id,
				   .leg = leg,
				   .direction = SLUICE_DIR_RX | SLUICE_DIR_TX,
				   .mask = SLUICE_SET_REMOTE | SLUICE_SET_RX_KEY |
					   SLUICE_SET_TX_KEY | SLUICE_SET_DIRECTION,
				   .rtcp_mux = 1,
				   .remote_rtp = *remote};
}

void set(struct fixture *fixture, const struct sluice_set *request)
{
	assert_int_equal(sessions_set(fixture->sessions, request), 0);
	turn(fixture);
}

struct sluice_open_reply plain_session(struct fixture *fixture, uint64_t id)
{
	struct sluice_open_reply reply = opened(fixture, id, 4);
	struct sluice_addr inside = addr4(inside_peer, 4000), outside = addr4(outside_peer, 5000);
	struct sluice_set request = plain_leg(id, 0, &inside);

	set(fixture, &request);
	request = plain_leg(id, 1, &outside);
	set(fixture, &request);
	return reply;
}

/* ---- frames ---- */

static uint32_t ip_write(uint8_t *at, const struct sluice_addr *from, const struct sluice_addr *to,
			 uint32_t udp_length)
{
	struct rte_ipv4_hdr *v4 = (struct rte_ipv4_hdr *)at;
	struct rte_ipv6_hdr *v6 = (struct rte_ipv6_hdr *)at;

	if (from->family == 4) {
		*v4 = (struct rte_ipv4_hdr){.version_ihl = 0x45,
					    .total_length = htons((uint16_t)(20 + udp_length)),
					    .time_to_live = 9,
					    .next_proto_id = IPPROTO_UDP};
		memcpy(&v4->src_addr, from->ip, 4);
		memcpy(&v4->dst_addr, to->ip, 4);
		v4->hdr_checksum = rte_ipv4_cksum(v4);
		return sizeof(*v4);
	}
	*v6 = (struct rte_ipv6_hdr){.vtc_flow = htonl(0x60000000),
				    .payload_len = htons((uint16_t)udp_length),
				    .proto = IPPROTO_UDP,
				    .hop_limits = 9};
	memcpy(v6->src_addr, from->ip, 16);
	memcpy(v6->dst_addr, to->ip, 16);
	return sizeof(*v6);
}

struct frame udp_frame(const struct fixture *fixture, unsigned interface,
		       const struct sluice_addr *from, const struct sluice_addr *to,
		       const uint8_t *payload, uint32_t length)
{
	struct frame frame = {.length = 14};
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)frame.bytes;
	struct rte_udp_hdr udp = {.src_port = htons(from->port),
				  .dst_port = htons(to->port),
				  .dgram_len = htons((uint16_t)(8 + length))};

	ether->dst_addr = fixture->port[interface]->mac;
	ether->src_addr = (struct rte_ether_addr){{0x02, 0, 0, 0, 0, 0x77}};
	ether->ether_type = htons(from->family == 4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6);
	frame.length += ip_write(frame.bytes + 14, from, to, 8 + length);
	memcpy(frame.bytes + frame.length, &udp, sizeof(udp));
	frame.length += (uint32_t)sizeof(udp);
	assert_true(frame.length + length <= FRAME_MAX);
	if (payload)
		memcpy(frame.bytes + frame.length, payload, length);
	frame.length += length;
	return frame;
}

void turn(struct fixture *fixture)
{
	for (unsigned again = 1; again;) {
		again = 0;
		for (unsigned i = 0; i < fixture->worker_count; i++)
			again |= worker_step(fixture->worker[i]);
	}
}

struct rte_mbuf *packet_buffer(void)
{
	return rte_pktmbuf_alloc(pool);
}

struct rte_mbuf *frame_buffer(const struct frame *frame)
{
	struct rte_mbuf *mbuf = packet_buffer();
	char *at;

	assert_non_null(mbuf);
	at = rte_pktmbuf_append(mbuf, (uint16_t)frame->length);
	assert_non_null(at);
	memcpy(at, frame->bytes, frame->length);
	return mbuf;
}

void put(struct fixture *fixture, unsigned interface, const struct frame *frame)
{
	assert_int_equal(rte_ring_enqueue(fixture->in[interface], frame_buffer(frame)), 0);
}

void feed(struct fixture *fixture, unsigned interface, const struct frame *frames, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		put(fixture, interface, &frames[i]);
	turn(fixture);
}

bool sent(struct fixture *fixture, unsigned interface, struct frame *frame)
{
	struct rte_mbuf *mbuf;

	if (rte_ring_dequeue(fixture->out[interface], (void **)&mbuf))
		return false;
	frame->length = mbuf->pkt_len;
	memcpy(frame->bytes, rte_pktmbuf_mtod(mbuf, void *), frame->length);
	rte_pktmbuf_free(mbuf);
	return true;
}

/* Written without DPDK's checksum functions, which the code under test uses (RFC 1071). */
static uint32_t sum16(const uint8_t *bytes, uint32_t length, uint32_t sum)
{
	for (uint32_t i = 0; i < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void assert_frame_right(const struct frame *frame)
{
	const uint8_t *ip = frame->bytes + 14;
	bool v4 = ip[0] >> 4 == 4;
	const uint8_t *udp = ip + (v4 ? 20 : 40);
	uint32_t udp_length = frame->length - (uint32_t)(udp - frame->bytes);

	if (v4) {
		assert_int_equal(frame->bytes[12] << 8 | frame->bytes[13], 0x0800);
		assert_int_equal(ip[2] << 8 | ip[3], frame->length - 14);
		assert_int_equal(sum16(ip, 20, 0), 0xffff);
		assert_int_equal(ip[8], 64);   /* TTL */
		assert_int_equal(ip[6], 0x40); /* DF */
	} else {
		assert_int_equal(frame->bytes[12] << 8 | frame->bytes[13], 0x86dd);
		assert_int_equal(ip[4] << 8 | ip[5], udp_length);
		assert_int_equal(ip[7], 64);
	}
	assert_int_equal(udp[4] << 8 | udp[5], udp_length);
	assert_int_not_equal(udp[6] << 8 | udp[7], 0); /* 0 says: no checksum */
	assert_int_equal(
	    sum16(udp, udp_length, sum16(v4 ? ip + 12 : ip + 8, v4 ? 8 : 32, 17 + udp_length)),
	    0xffff);
}

const uint8_t *payload_of(const struct frame *frame, uint32_t *length)
{
	uint32_t offset = frame->bytes[14] >> 4 == 4 ? 14 + 20 + 8 : 14 + 40 + 8;

	*length = frame->length - offset;
	return frame->bytes + offset;
}

void rtp_make(uint8_t *packet, uint32_t length, uint16_t sequence, uint32_t ssrc)
{
	uint8_t header[12] = {0x80,
			      0,
			      (uint8_t)(sequence >> 8),
			      (uint8_t)sequence,
			      0,
			      0,
			      0,
			      0,
			      (uint8_t)(ssrc >> 24),
			      (uint8_t)(ssrc >> 16),
			      (uint8_t)(ssrc >> 8),
			      (uint8_t)ssrc};

	memcpy(packet, header, sizeof(header));
	for (uint32_t i = 12; i < length; i++)
		packet[i] = (uint8_t)i;
}

uint64_t dropped(const struct fixture *fixture, enum sluice_drop drop)
{
	struct sluice_stats stats = {0};

	sessions_stats(fixture->sessions, &stats);
	return stats.drops[drop];
}

uint64_t leg_dropped(struct fixture *fixture, uint64_t id, unsigned leg, enum sluice_drop drop)
{
	struct sluice_session_info info;

	assert_int_equal(sessions_get(fixture->sessions, id, &info), 0);
	return info.leg[leg].counters.drops[drop];
}
