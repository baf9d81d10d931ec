/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between media_program.c (loading) and media_attach.c (devices). */
#pragma once

#include <bpf/libbpf.h>

#include "net/media_program.h"

/* Names of at most 15 characters, by which a later process knows them for ours. */
#define MEDIA_MAP_NAME "sluice_media"
#define MEDIA_XDP_NAME "sluice_xdp"
#define MEDIA_STUB_NAME "sluice_stub"
#define MEDIA_TC_NAME "sluice_tc"
#define MEDIA_SOCKET_NAME "sluice_socket"

struct media_program {
	struct bpf_object *object;
};

/* Empties kernel_text and makes libbpf write there. */
void media_program_listen(void);
/* Borrowed; -ENOENT. */
int media_program_fd(const struct media_program *program, const char *name);
