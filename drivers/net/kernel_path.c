/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/kernel_path.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <net/if_arp.h>

#include <rte_ethdev.h>
#include <rte_ring.h>

#include "net/port_private.h"

#define RING_SIZE 1024U
#define BURST 32U
/* How long a packet for the kernel may lie: workers do not wake anybody, which would be a system
 * call. */
#define TURN_MS 1
#define FRAME_MIN (RTE_ETHER_MIN_LEN - RTE_ETHER_CRC_LEN) /* not every NIC pads */

struct kernel_path {
	struct kernel_path_config config;
	int tap;
	unsigned ifindex;
	struct rte_ring *ring;
	pthread_t thread;
	bool running; /* main thread only */
	bool stop;    /* main: wo, thread: ro; relaxed atomic */
	struct kernel_path_counters counters;
};

static void count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* ---- the thread ---- */

static void ring_run(struct kernel_path *path)
{
	struct rte_mbuf *packets[BURST];
	unsigned n = rte_ring_sc_dequeue_burst(path->ring, (void **)packets, BURST, NULL);

	for (unsigned i = 0; i < n; i++) {
		const struct rte_mbuf *packet = packets[i];
		ssize_t written =
		    write(path->tap, rte_pktmbuf_mtod(packet, void *), packet->data_len);

		count(written == packet->data_len ? &path->counters.to_kernel
						  : &path->counters.lost,
		      1);
	}
	if (n)
		rte_pktmbuf_free_bulk(packets, n);
}

/* The next frame of the kernel; NULL: there is none. */
static struct rte_mbuf *tap_take(struct kernel_path *path)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(path->config.pool);
	uint8_t lost[64];
	ssize_t length;

	if (!packet) { /* the rest of the frame goes with it */
		if (read(path->tap, lost, sizeof(lost)) > 0)
			count(&path->counters.lost, 1);
		return NULL;
	}
	length = read(path->tap, rte_pktmbuf_mtod(packet, void *), rte_pktmbuf_tailroom(packet));
	if (length <= 0) {
		rte_pktmbuf_free(packet);
		return NULL;
	}
	if (length < (ssize_t)FRAME_MIN) {
		memset(rte_pktmbuf_mtod_offset(packet, uint8_t *, length), 0,
		       FRAME_MIN - (size_t)length);
		length = FRAME_MIN;
	}
	packet->data_len = (uint16_t)length;
	packet->pkt_len = (uint32_t)length;
	return packet;
}

static void tap_run(struct kernel_path *path)
{
	const struct kernel_path_config *config = &path->config;
	struct rte_mbuf *packets[BURST];
	unsigned n = 0, sent;

	while (n < BURST && (packets[n] = tap_take(path)))
		n++;
	if (!n)
		return;
	if (config->lock)
		rte_spinlock_lock(config->lock);
	sent = rte_eth_tx_burst(config->dpdk_port, config->dpdk_queue, packets, (uint16_t)n);
	if (config->lock)
		rte_spinlock_unlock(config->lock);
	count(&path->counters.from_kernel, sent);
	count(&path->counters.lost, n - sent);
	rte_pktmbuf_free_bulk(packets + sent, n - sent);
}

static void *thread_main(void *argument)
{
	struct kernel_path *path = argument;
	struct pollfd tap = {.fd = path->tap, .events = POLLIN};

	while (!__atomic_load_n(&path->stop, __ATOMIC_RELAXED)) {
		/* while the TAP is down poll() would answer at once, for ever */
		if (poll(&tap, 1, TURN_MS) > 0 && !(tap.revents & POLLIN))
			usleep(1000 * TURN_MS);
		ring_run(path);
		tap_run(path);
	}
	return NULL;
}

static int thread_start(struct kernel_path *path)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all); /* signals are the main thread's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&path->thread, NULL, thread_main, path);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	path->running = rc == 0;
	if (!rc)
		pthread_setname_np(path->thread, "sluice-kernel");
	return -rc;
}

/* ---- the TAP ---- */

static int request(int fd, const char *name, unsigned long what, struct ifreq *ifr)
{
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	return ioctl(fd, what, ifr) ? -errno : 0;
}

static int tap_attach(struct kernel_path *path)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	path->tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return path->tap < 0 ? -errno : request(path->tap, path->config.name, TUNSETIFF, &ifr);
}

/* As the NIC is: its address, its MTU, and up. */
static int tap_describe(struct kernel_path *path)
{
	const char *name = path->config.name;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {0};
	int rc;

	if (fd < 0)
		return -errno;
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, &path->config.mac, sizeof(path->config.mac));
	rc = request(fd, name, SIOCSIFHWADDR, &ifr);
	ifr = (struct ifreq){.ifr_mtu = path->config.mtu};
	rc = rc ? rc : request(fd, name, SIOCSIFMTU, &ifr);
	rc = rc ? rc : request(fd, name, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags = (short)(ifr.ifr_flags | IFF_UP);
	rc = rc ? rc : request(fd, name, SIOCSIFFLAGS, &ifr);
	close(fd);
	path->ifindex = if_nametoindex(name);
	return rc ? rc : path->ifindex ? 0 : -ENODEV;
}

static int tap_open(struct kernel_path *path, char *error, size_t size)
{
	int rc = tap_attach(path);

	if (rc == -EBUSY)
		return port_fail(error, size, rc,
				 "kernel interface %s is in use by another process: choose another "
				 "name (pci: {kernel: NAME})",
				 path->config.name);
	if (rc == -EINVAL)
		return port_fail(error, size, rc,
				 "kernel interface %s is there and is no TAP: choose another name "
				 "(pci: {kernel: NAME})",
				 path->config.name);
	rc = rc ? rc : tap_describe(path);
	if (rc)
		return port_fail(
		    error, size, rc,
		    "cannot make the kernel interface %s (a TAP): %s; /dev/net/tun and "
		    "CAP_NET_ADMIN are needed",
		    path->config.name, strerror(-rc));
	return 0;
}

/* ---- for the port ---- */

int kernel_path_open(struct kernel_path **out, const struct kernel_path_config *config, char *error,
		     size_t size)
{
	struct kernel_path *path = calloc(1, sizeof(*path));
	char ring[RTE_RING_NAMESIZE];
	int rc;

	*out = NULL;
	if (!path)
		return port_fail(error, size, -ENOMEM, "no memory for %s", config->name);
	path->config = *config;
	path->tap = -1;
	snprintf(ring, sizeof(ring), "kernel-%s", config->name);
	path->ring = rte_ring_create(ring, RING_SIZE, SOCKET_ID_ANY, RING_F_SC_DEQ);
	rc = path->ring ? tap_open(path, error, size)
			: port_fail(error, size, -ENOMEM, "no memory for ring %s", ring);
	if (!rc) {
		rc = thread_start(path);
		if (rc)
			port_fail(error, size, rc, "no thread for %s: %s", config->name,
				  strerror(-rc));
	}
	if (rc) {
		kernel_path_close(path);
		return rc;
	}
	*out = path;
	return 0;
}

void kernel_path_close(struct kernel_path *path)
{
	void *packet;

	if (!path)
		return;
	__atomic_store_n(&path->stop, true, __ATOMIC_RELAXED);
	if (path->running)
		pthread_join(path->thread, NULL);
	while (path->ring && rte_ring_sc_dequeue(path->ring, &packet) == 0)
		rte_pktmbuf_free(packet);
	rte_ring_free(path->ring);
	if (path->tap >= 0)
		close(path->tap);
	free(path);
}

unsigned kernel_path_give(struct kernel_path *path, struct rte_mbuf **packets, unsigned n)
{
	return rte_ring_mp_enqueue_burst(path->ring, (void *const *)packets, n, NULL);
}

void kernel_path_carrier(struct kernel_path *path, bool up)
{
	int carrier = up;

	(void)ioctl(path->tap, TUNSETCARRIER, &carrier);
}

unsigned kernel_path_ifindex(const struct kernel_path *path)
{
	return path->ifindex;
}

void kernel_path_counters(const struct kernel_path *path, struct kernel_path_counters *counters)
{
	const struct kernel_path_counters *from = &path->counters;

	counters->to_kernel = __atomic_load_n(&from->to_kernel, __ATOMIC_RELAXED);
	counters->from_kernel = __atomic_load_n(&from->from_kernel, __ATOMIC_RELAXED);
	counters->lost = __atomic_load_n(&from->lost, __ATOMIC_RELAXED);
}
