/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/media_program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <rte_common.h>

#include "net/bpf/media_config.h"
#include "net/media_owner.h"
#include "net/media_program_private.h"

#include "media_bpf.h" /* made by embed.py */

static_assert(MEDIA_ADDRESSES_MAX == PORT_ADDRESSES_MAX, "addresses of a port and of its program");

static char kernel_text[160];

/* libbpf tells the kernel's words only to its log. Keep the last line instead of printing it. */
__attribute__((format(printf, 2, 0))) static int keep_message(enum libbpf_print_level level,
							      const char *format, va_list ap)
{
	static const char kernel[] = "Kernel error message: ";
	char line[sizeof(kernel_text)];
	const char *text = line;

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(line, sizeof(line), format, ap);
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(text, "libbpf: ", 8) == 0)
		text += 8;
	if (strncmp(text, kernel, sizeof(kernel) - 1) == 0)
		text += sizeof(kernel) - 1;
	snprintf(kernel_text, sizeof(kernel_text), "%s", text);
	return 0;
}

void media_program_listen(void)
{
	kernel_text[0] = '\0';
	libbpf_set_print(keep_message);
}

const char *media_program_kernel_text(void)
{
	return kernel_text;
}

static void fill_config(struct media_config *media, const struct port_config *config, uint16_t mtu)
{
	uint64_t owner_start;

	memset(media, 0, sizeof(*media));
	media_owner_self(&media->owner_pid, &owner_start);
	media->owner_start = owner_start;
	media->frame_max = (uint32_t)mtu + ETH_HLEN;
	media->port_first = config->media_port_first;
	media->port_last = config->media_port_last;
	media->count = config->address_count;
	for (unsigned i = 0; i < config->address_count; i++) {
		media->address[i].family = config->address[i].family;
		memcpy(media->address[i].word, config->address[i].ip,
		       config->address[i].family == 4 ? 4 : 16);
	}
}

static int set_config(struct bpf_object *object, const struct port_config *config, uint16_t mtu)
{
	int fd = bpf_object__find_map_fd_by_name(object, MEDIA_MAP_NAME);
	struct media_config media;
	uint32_t key = 0;

	fill_config(&media, config, mtu);
	return fd < 0 ? fd : bpf_map_update_elem(fd, &key, &media, BPF_ANY);
}

static struct bpf_object *open_object(enum media_program_kind kind)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "sluice");

	if (kind == MEDIA_PROGRAM_XDP)
		return bpf_object__open_mem(media_xdp_object, sizeof(media_xdp_object), &opts);
	return bpf_object__open_mem(media_skb_object, sizeof(media_skb_object), &opts);
}

int media_program_load(struct media_program **out, enum media_program_kind kind,
		       const struct port_config *config, uint16_t mtu)
{
	struct media_program *program = calloc(1, sizeof(*program));
	int err;

	*out = NULL;
	if (!program)
		return -ENOMEM;
	media_program_listen();
	program->object = open_object(kind);
	err = program->object ? bpf_object__load(program->object) : -errno;
	if (!err)
		err = set_config(program->object, config, mtu);
	if (err) {
		media_program_free(program);
		return err;
	}
	*out = program;
	return 0;
}

void media_program_free(struct media_program *program)
{
	if (!program)
		return;
	bpf_object__close(program->object);
	free(program);
}

int media_program_fd(const struct media_program *program, const char *name)
{
	struct bpf_program *found = bpf_object__find_program_by_name(program->object, name);

	return found ? bpf_program__fd(found) : -ENOENT;
}

int media_program_add_socket(struct media_program *program, uint32_t queue, int fd)
{
	int map = bpf_object__find_map_fd_by_name(program->object, "xsks_map");

	return map < 0 ? map : bpf_map_update_elem(map, &queue, &fd, BPF_ANY);
}

int media_program_filter_socket(struct media_program *program, int fd)
{
	int filter = media_program_fd(program, MEDIA_SOCKET_NAME);

	if (filter < 0)
		return filter;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &filter, sizeof(filter)) < 0 ? -errno : 0;
}

int media_program_stub_open(char *path, size_t size, int *stub_fd)
{
	int fd = memfd_create("sluice-xdp-stub", MFD_CLOEXEC);
	ssize_t written;

	if (fd < 0)
		return -errno;
	written = write(fd, stub_object, sizeof(stub_object));
	if (written != (ssize_t)sizeof(stub_object)) {
		close(fd);
		return -ENOSPC;
	}
	snprintf(path, size, "/proc/self/fd/%d", fd);
	*stub_fd = fd;
	return 0;
}
