/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kind af_packet: the kernel hands a copy of each packet to the packet socket and goes on with its
 * own. The socket filter lets only media into the socket; the tc filter drops the kernel's copy of
 * media, behind the packet sockets on its way up.
 */
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

static __always_inline int load(struct __sk_buff *ctx, __u32 offset, void *to, __u32 length)
{
	return (int)bpf_skb_load_bytes(ctx, offset, to, length);
}

#define MATCH_CONTEXT __sk_buff
#include "media_match.h"

SEC("tc")
int sluice_tc(struct __sk_buff *skb)
{
	return is_media(skb) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

/*
 * The PMD's fanout group puts fragments together before they come here. What is longer than a frame
 * can be was fragmented, and would be cut off at the end of the ring's frame.
 */
static __always_inline int fits(struct __sk_buff *skb)
{
	const struct media_config *config;
	__u32 key = 0;

	config = bpf_map_lookup_elem(&sluice_media, &key);
	return config && skb->len <= config->frame_max;
}

/* Returns how many bytes the socket may have. What this host sends is not received. */
SEC("socket")
int sluice_socket(struct __sk_buff *skb)
{
	if (skb->pkt_type == PACKET_OUTGOING || !fits(skb) || !is_media(skb))
		return 0;
	return (int)skb->len;
}

const char program_license[] SEC("license") = "GPL";
