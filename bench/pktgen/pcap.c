/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcap.h"

#include <assert.h>
#include <errno.h>

#define MAGIC 0xa1b2c3d4U      /* in the byte order of the host that wrote it */
#define MAGIC_NANO 0xa1b23c4dU /* the same with nanoseconds */
#define ETHERNET 1U
#define SNAP_LENGTH 65535U

struct pcap_head {
	uint32_t magic;
	uint16_t major;
	uint16_t minor;
	uint32_t zone;
	uint32_t accuracy;
	uint32_t snap_length;
	uint32_t link_type;
};
static_assert(sizeof(struct pcap_head) == 24, "pcap layout");

struct pcap_packet {
	uint32_t seconds;
	uint32_t fraction;
	uint32_t stored;
	uint32_t length; /* on the wire */
};
static_assert(sizeof(struct pcap_packet) == 16, "pcap layout");

int pcap_begin(FILE *file)
{
	const struct pcap_head head = {.magic = MAGIC,
				       .major = 2,
				       .minor = 4,
				       .snap_length = SNAP_LENGTH,
				       .link_type = ETHERNET};

	return fwrite(&head, sizeof(head), 1, file) == 1 ? 0 : -EIO;
}

int pcap_add(FILE *file, const uint8_t *data, uint32_t length, uint64_t time_us)
{
	const struct pcap_packet packet = {.seconds = (uint32_t)(time_us / 1000000),
					   .fraction = (uint32_t)(time_us % 1000000),
					   .stored = length,
					   .length = length};

	if (fwrite(&packet, sizeof(packet), 1, file) != 1 || fwrite(data, length, 1, file) != 1)
		return -EIO;
	return 0;
}

int pcap_check(FILE *file)
{
	struct pcap_head head;

	if (fread(&head, sizeof(head), 1, file) != 1)
		return -EPROTO;
	if ((head.magic != MAGIC && head.magic != MAGIC_NANO) || head.link_type != ETHERNET)
		return -EPROTO;
	return 0;
}

int pcap_next(FILE *file, uint8_t *data, uint32_t size, uint32_t *length)
{
	struct pcap_packet packet;
	size_t got = fread(&packet, 1, sizeof(packet), file);

	if (got == 0 && feof(file))
		return 0;
	if (got != sizeof(packet) || packet.stored > SNAP_LENGTH * 4)
		return -EPROTO;
	*length = packet.stored < size ? packet.stored : size;
	if (fread(data, 1, *length, file) != *length)
		return -EPROTO;
	if (packet.stored > *length && fseek(file, (long)(packet.stored - *length), SEEK_CUR) < 0)
		return -EPROTO;
	return 1;
}
