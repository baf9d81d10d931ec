/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this frame media? The same answer for the XDP program, the tc filter and the socket filter.
 * Only how bytes are read differs: the includer defines
 *
 *   static __always_inline int load(struct CONTEXT *ctx, __u32 offset, void *to, __u32 length)
 *
 * (0, or negative when the frame is too short) and MATCH_CONTEXT as that struct, before it includes
 * this file.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "media_config.h"

#define IPV4_FRAGMENT 0x3fff /* more fragments, or an offset (RFC 791 3.1) */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct media_config);
} sluice_media SEC(".maps");

/* Bytes before the IP header, the Ethernet type behind at most one VLAN tag. */
static __always_inline int ethernet(struct MATCH_CONTEXT *ctx, __be16 *type, __u32 *offset)
{
	*offset = ETH_HLEN;
	if (load(ctx, ETH_HLEN - 2, type, sizeof(*type)) < 0)
		return -1;
	if (*type != bpf_htons(ETH_P_8021Q) && *type != bpf_htons(ETH_P_8021AD))
		return 0;
	*offset = ETH_HLEN + 4;
	return load(ctx, ETH_HLEN + 2, type, sizeof(*type));
}

static __always_inline int ipv4(struct MATCH_CONTEXT *ctx, __u32 *offset, struct media_address *to)
{
	struct iphdr ip;

	if (load(ctx, *offset, &ip, sizeof(ip)) < 0)
		return -1;
	if (ip.version != 4 || ip.ihl < 5 || ip.protocol != IPPROTO_UDP ||
	    (ip.frag_off & bpf_htons(IPV4_FRAGMENT)))
		return -1;
	to->family = 4;
	to->word[0] = ip.daddr;
	*offset += ip.ihl * 4U;
	return 0;
}

/* Extension headers, among them Fragment, are the kernel's. */
static __always_inline int ipv6(struct MATCH_CONTEXT *ctx, __u32 *offset, struct media_address *to)
{
	struct ipv6hdr ip;

	if (load(ctx, *offset, &ip, sizeof(ip)) < 0)
		return -1;
	if (ip.version != 6 || ip.nexthdr != IPPROTO_UDP)
		return -1;
	to->family = 6;
	__builtin_memcpy(to->word, &ip.daddr, sizeof(to->word));
	*offset += sizeof(ip);
	return 0;
}

static __always_inline int is_media_address(const struct media_config *config,
					    const struct media_address *to)
{
#pragma unroll
	for (int i = 0; i < MEDIA_ADDRESSES_MAX; i++) {
		const struct media_address *a = &config->address[i];

		if ((__u32)i < config->count && a->family == to->family &&
		    a->word[0] == to->word[0] && a->word[1] == to->word[1] &&
		    a->word[2] == to->word[2] && a->word[3] == to->word[3])
			return 1;
	}
	return 0;
}

static __always_inline int is_media(struct MATCH_CONTEXT *ctx)
{
	struct media_address to = {0};
	const struct media_config *config;
	struct udphdr udp;
	__u32 key = 0, offset;
	__be16 type;
	__u16 port;

	config = bpf_map_lookup_elem(&sluice_media, &key);
	if (!config || ethernet(ctx, &type, &offset) < 0)
		return 0;
	if (type == bpf_htons(ETH_P_IP)
		? ipv4(ctx, &offset, &to) < 0
		: type != bpf_htons(ETH_P_IPV6) || ipv6(ctx, &offset, &to) < 0)
		return 0;
	if (load(ctx, offset, &udp, sizeof(udp)) < 0)
		return 0;
	port = bpf_ntohs(udp.dest);
	return port >= config->port_first && port <= config->port_last &&
	       is_media_address(config, &to);
}
