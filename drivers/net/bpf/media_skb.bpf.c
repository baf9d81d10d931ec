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

/* Returns how many bytes the socket may have. What this host sends is not received. */
SEC("socket")
int sluice_socket(struct __sk_buff *skb)
{
	return skb->pkt_type != PACKET_OUTGOING && is_media(skb) ? (int)skb->len : 0;
}

const char program_license[] SEC("license") = "GPL";
