/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one entry of the array map "sluice_media": what is media on this device. Shared by the BPF
 * programs, which read it, and media_program.c, which writes it before a program is attached.
 */
#pragma once

#include <linux/types.h>

#define MEDIA_ADDRESSES_MAX 16
#define MEDIA_QUEUES_MAX 64 /* entries of xsks_map: queue numbers of the device */

struct media_address {
	__u32 family;  /* 4 or 6 */
	__u32 word[4]; /* network order; IPv4 in the first */
};

struct media_config {
	__u32 owner_pid;   /* the process that attached the program, */
	__u32 count;       /* addresses */
	__u64 owner_start; /* and its start time as in /proc/PID/stat: who may clean up */
	__u16 port_first;  /* host order */
	__u16 port_last;
	__u32 frame_max; /* bytes with the Ethernet header: longer was put together by the kernel */
	struct media_address address[MEDIA_ADDRESSES_MAX];
};
