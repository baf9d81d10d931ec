/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kind af_xdp: media goes to the AF_XDP socket of its queue, all else to the kernel. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* Direct reads of the packet: an IPv4 header with all options ends before LOAD_MAX. */
#define LOAD_MAX 128
static __always_inline int load(struct xdp_md *ctx, __u32 offset, void *to, __u32 length)
{
	const unsigned char *data = (const unsigned char *)(long)ctx->data;
	const unsigned char *end = (const unsigned char *)(long)ctx->data_end;

	if (offset > LOAD_MAX || data + offset + length > end)
		return -1;
	__builtin_memcpy(to, data + offset, length);
	return 0;
}

#define MATCH_CONTEXT xdp_md
#include "media_match.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MEDIA_QUEUES_MAX);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

/* A queue without a socket (its process died) leaves its media to the kernel. */
SEC("xdp")
int sluice_xdp(struct xdp_md *ctx)
{
	if (!is_media(ctx))
		return XDP_PASS;
	return (int)bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
}

const char program_license[] SEC("license") = "GPL";
