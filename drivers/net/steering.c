/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/steering.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define HASH_FUNCTION_TOEPLITZ 1U /* the kernel's ETH_RSS_HASH_TOP */

uint32_t toeplitz_hash(const uint8_t *key, const uint8_t *bytes, size_t length)
{
	uint32_t window =
	    (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 | (uint32_t)key[2] << 8 | key[3];
	uint32_t hash = 0;

	for (size_t i = 0; i < length; i++)
		for (unsigned bit = 8; bit-- > 0;) {
			if (bytes[i] >> bit & 1)
				hash ^= window;
			window = window << 1 | (key[i + 4] >> bit & 1U);
		}
	return hash;
}

unsigned steering_queue(const struct steering *steering, uint16_t port)
{
	const uint8_t bytes[2] = {(uint8_t)(port >> 8), (uint8_t)port};

	if (steering->key_size == 0)
		return steering->table[port / 2U % steering->table_size];
	return steering
	    ->table[toeplitz_hash(steering->key, bytes, sizeof(bytes)) % steering->table_size];
}

static int ask(int fd, const char *device, void *question)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	request.ifr_data = question;
	return ioctl(fd, SIOCETHTOOL, &request) ? -errno : 0;
}

/* The hash must be over the destination port and nothing else. */
static int fields_check(int fd, const char *device, uint8_t family)
{
	struct ethtool_rxnfc fields = {
	    .cmd = ETHTOOL_GRXFH,
	    .flow_type = family == 4 ? UDP_V4_FLOW : UDP_V6_FLOW,
	};
	int rc = ask(fd, device, &fields);

	if (rc)
		return rc;
	return fields.data == RXH_L4_B_2_3 ? 0 : -ENOTSUP;
}

static int table_read(int fd, const char *device, struct steering *steering)
{
	struct ethtool_rxfh *rxfh, sizes = {.cmd = ETHTOOL_GRSSH};
	int rc = ask(fd, device, &sizes);

	if (rc)
		return rc;
	if (sizes.key_size < 6 || sizes.key_size > STEERING_KEY_MAX || !sizes.indir_size ||
	    sizes.indir_size > STEERING_TABLE_MAX)
		return -ENOTSUP;
	rxfh = calloc(1, sizeof(*rxfh) + sizes.indir_size * sizeof(uint32_t) + sizes.key_size);
	if (!rxfh)
		return -ENOMEM;
	*rxfh = (struct ethtool_rxfh){
	    .cmd = ETHTOOL_GRSSH, .indir_size = sizes.indir_size, .key_size = sizes.key_size};
	rc = ask(fd, device, rxfh);
	if (!rc && rxfh->hfunc && !(rxfh->hfunc & HASH_FUNCTION_TOEPLITZ))
		rc = -ENOTSUP;
	if (!rc) {
		steering->table_size = sizes.indir_size;
		steering->key_size = sizes.key_size;
		memcpy(steering->table, rxfh->rss_config, sizes.indir_size * sizeof(uint32_t));
		memcpy(steering->key, rxfh->rss_config + sizes.indir_size, sizes.key_size);
	}
	free(rxfh);
	return rc;
}

int steering_read(struct steering *steering, const char *device, uint8_t family)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc;

	*steering = (struct steering){0};
	if (fd < 0)
		return -errno;
	rc = fields_check(fd, device, family);
	rc = rc ? rc : table_read(fd, device, steering);
	close(fd);
	return rc == -EOPNOTSUPP ? -ENOTSUP : rc;
}
