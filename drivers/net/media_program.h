/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our BPF programs: loading them from the objects inside this binary, and putting them on a device.
 * All main thread. Errors are -errno; media_program_kernel_text() then has the kernel's own words.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "net/port.h"

struct media_program;

enum media_program_kind {
	MEDIA_PROGRAM_XDP, /* sluice_xdp */
	MEDIA_PROGRAM_SKB, /* sluice_tc and sluice_socket */
};

/* Loads and fills in what is media; nothing is attached yet. */
int media_program_load(struct media_program **program, enum media_program_kind kind,
		       const struct port_config *config, uint16_t mtu);
/* Frees; what is attached stays so. NULL is allowed. */
void media_program_free(struct media_program *program);

/*
 * The last message that libbpf or the kernel gave since the last call of a function here; "" if
 * none. It stays until the next call.
 */
const char *media_program_kernel_text(void);

/* ---- XDP ---- */
#define MEDIA_PROGRAM_NAME_MAX 32U
/* Is a program on the device? -EBUSY and its name ("?" without one); 0: none; -errno. */
int media_program_check_xdp(unsigned ifindex, char name[MEDIA_PROGRAM_NAME_MAX]);
/* Puts the program on the device, in place of whatever is there. *native: the driver runs it. */
int media_program_attach_xdp(struct media_program *program, unsigned ifindex, bool *native);
int media_program_detach_xdp(unsigned ifindex);
/* Media of that queue goes to this AF_XDP socket. */
int media_program_add_socket(struct media_program *program, uint32_t queue, int fd);

/* A file name under which the PMD finds its stub: valid until stub_fd is closed. -errno or 0. */
int media_program_stub_open(char *path, size_t size, int *stub_fd);

/* ---- tc and sockets ---- */
/* *made_clsact: the device had no clsact qdisc before. */
int media_program_attach_tc(struct media_program *program, unsigned ifindex, bool *made_clsact);
int media_program_detach_tc(unsigned ifindex, bool remove_clsact);
int media_program_filter_socket(struct media_program *program, int fd);

/* ---- what killed processes left ---- */
/* Removes our programs from the device, unless the process that attached them lives: -EBUSY. */
int media_program_clean(unsigned ifindex);
