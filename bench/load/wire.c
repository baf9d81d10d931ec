/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"

#include <endian.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* The receive ring: a tenth of a second at 160,000 packets a second, 32 MiB. */
#define SLOT_BYTES 2048U
#define SLOTS 16384U
#define BLOCK_BYTES (SLOT_BYTES * 64U)

struct wire {
	int tx;
	int rx;
	uint8_t *ring;
	uint32_t next; /* slot */
	uint8_t mac[6];
	struct mmsghdr messages[SENDER_BURST];
	struct iovec vectors[SENDER_BURST];
};

static int fail(char *error, size_t size, const char *what)
{
	int err = errno;

	snprintf(error, size, "%s: %s", what, strerror(err));
	return -err;
}

/* protocol 0 receives nothing */
static int device_bind(int fd, uint16_t protocol, int index)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = index};

	address.sll_protocol = htobe16(protocol);
	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

static int tx_open(struct wire *wire, int index)
{
	int on = 1;

	wire->tx = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (wire->tx < 0 || device_bind(wire->tx, 0, index) < 0)
		return -1;
	return setsockopt(wire->tx, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
}

static int rx_open(struct wire *wire, int index)
{
	int version = TPACKET_V2;
	int on = 1;
	struct tpacket_req ring = {
	    .tp_block_size = BLOCK_BYTES,
	    .tp_block_nr = SLOTS / (BLOCK_BYTES / SLOT_BYTES),
	    .tp_frame_size = SLOT_BYTES,
	    .tp_frame_nr = SLOTS,
	};

	wire->rx = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (wire->rx < 0 ||
	    setsockopt(wire->rx, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(wire->rx, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    setsockopt(wire->rx, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) < 0)
		return -1;
	wire->ring = mmap(NULL, (size_t)SLOTS * SLOT_BYTES, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_POPULATE, wire->rx, 0);
	if (wire->ring == MAP_FAILED) {
		wire->ring = NULL;
		return -1;
	}
	/* all: heard before tc, where the lab drops what the kernel would answer */
	return device_bind(wire->rx, ETH_P_ALL, index);
}

static int mac_read(struct wire *wire, const char *device)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (ioctl(wire->tx, SIOCGIFHWADDR, &request) < 0)
		return -1;
	memcpy(wire->mac, request.ifr_hwaddr.sa_data, sizeof(wire->mac));
	return 0;
}

static int device_open(struct wire *wire, const char *device, char *error, size_t size)
{
	int index = (int)if_nametoindex(device);

	if (index == 0)
		return fail(error, size, "no such network device");
	if (tx_open(wire, index) < 0 || mac_read(wire, device) < 0)
		return fail(error, size, "cannot send to the device");
	if (rx_open(wire, index) < 0)
		return fail(error, size, "cannot receive from the device");
	return 0;
}

int wire_open(struct wire **wire, const char *device, char *error, size_t size)
{
	struct wire *made = calloc(1, sizeof(*made));
	int result;

	if (!made) {
		snprintf(error, size, "no memory");
		return -ENOMEM;
	}
	made->tx = made->rx = -1;
	for (unsigned i = 0; i < SENDER_BURST; i++)
		made->messages[i].msg_hdr =
		    (struct msghdr){.msg_iov = &made->vectors[i], .msg_iovlen = 1};
	result = device_open(made, device, error, size);
	if (result < 0) {
		wire_close(made);
		return result;
	}
	*wire = made;
	return 0;
}

void wire_close(struct wire *wire)
{
	if (!wire)
		return;
	if (wire->ring)
		munmap(wire->ring, (size_t)SLOTS * SLOT_BYTES);
	if (wire->rx >= 0)
		close(wire->rx);
	if (wire->tx >= 0)
		close(wire->tx);
	free(wire);
}

const uint8_t *wire_mac(const struct wire *wire)
{
	return wire->mac;
}

uint32_t wire_send(struct wire *wire, struct sender_frame *frames, uint32_t n)
{
	uint32_t at = 0;
	uint32_t lost = 0;

	for (uint32_t i = 0; i < n; i++)
		wire->vectors[i] =
		    (struct iovec){.iov_base = frames[i].data, .iov_len = frames[i].length};
	while (at < n) {
		int sent = sendmmsg(wire->tx, &wire->messages[at], n - at, 0);

		if (sent > 0) {
			at += (uint32_t)sent;
			continue;
		}
		if (sent < 0 && errno == EINTR)
			continue;
		at++; /* the device was full: that frame is lost, as a NIC's would be */
		lost++;
	}
	return n - lost;
}

uint32_t wire_receive(struct wire *wire, struct receiver_frame *frames, uint32_t n)
{
	uint32_t count = 0;

	while (count < n) {
		struct tpacket2_hdr *slot =
		    (struct tpacket2_hdr *)(void *)(wire->ring + (size_t)wire->next * SLOT_BYTES);
		uint32_t length;

		if (!(__atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
			break;
		length = slot->tp_snaplen < FRAME_MAX ? slot->tp_snaplen : FRAME_MAX;
		memcpy(frames[count].data, (uint8_t *)slot + slot->tp_mac, length);
		frames[count++].length = length;
		__atomic_store_n(&slot->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		wire->next = (wire->next + 1) % SLOTS;
	}
	return count;
}

uint64_t wire_missed(struct wire *wire)
{
	struct tpacket_stats stats = {0};
	socklen_t size = sizeof(stats);

	getsockopt(wire->rx, SOL_PACKET, PACKET_STATISTICS, &stats, &size);
	return stats.tp_drops;
}
