/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the AF_XDP PMD is given to load: it insists on attaching a program with an xsks_map itself.
 * It passes everything and is replaced by ours at once; see af_xdp.c.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "media_config.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, MEDIA_QUEUES_MAX);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

SEC("xdp")
int sluice_stub(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

const char program_license[] SEC("license") = "GPL";
