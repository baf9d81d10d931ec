/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our programs on devices: attaching, detaching, and removing what a killed process left. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <rte_common.h>

#include "net/bpf/media_config.h"
#include "net/media_owner.h"
#include "net/media_program.h"
#include "net/media_program_private.h"
#include "net/port.h"

/* Ours among the filters of a device; the lowest preference, so that it comes first. */
#define TC_PRIORITY 1U
#define TC_HANDLE 0x51U

static int xdp_program_id(unsigned ifindex, uint32_t *id, bool *native)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int err = bpf_xdp_query((int)ifindex, 0, &query);

	*id = query.prog_id;
	*native = query.attach_mode == XDP_ATTACHED_DRV || query.attach_mode == XDP_ATTACHED_HW;
	return err;
}

int media_program_check_xdp(unsigned ifindex, char name[MEDIA_PROGRAM_NAME_MAX])
{
	struct bpf_prog_info info = {0};
	uint32_t id, length = sizeof(info);
	bool native;
	int err, fd;

	media_program_listen();
	err = xdp_program_id(ifindex, &id, &native);
	if (err || !id)
		return err;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd >= 0) {
		(void)bpf_obj_get_info_by_fd(fd, &info, &length);
		close(fd);
	}
	snprintf(name, MEDIA_PROGRAM_NAME_MAX, "%s", info.name[0] ? info.name : "?");
	return -EBUSY;
}

int media_program_attach_xdp(struct media_program *program, unsigned ifindex, bool *native)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	int fd = media_program_fd(program, MEDIA_XDP_NAME);
	uint32_t flags = XDP_FLAGS_UPDATE_IF_NOEXIST;
	uint32_t id;
	int err;

	media_program_listen();
	err = xdp_program_id(ifindex, &id, native);
	if (err)
		return err;
	if (id) {
		opts.old_prog_fd = bpf_prog_get_fd_by_id(id);
		if (opts.old_prog_fd < 0)
			return -errno;
		/* the same mode as the program that is there: the other one would be refused */
		flags = XDP_FLAGS_REPLACE | (*native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
	}
	err = bpf_xdp_attach((int)ifindex, fd, flags, id ? &opts : NULL);
	if (id)
		close(opts.old_prog_fd);
	return err ? err : xdp_program_id(ifindex, &id, native);
}

int media_program_detach_xdp(unsigned ifindex)
{
	media_program_listen();
	return bpf_xdp_detach((int)ifindex, 0, NULL);
}

int media_program_attach_tc(struct media_program *program, unsigned ifindex, bool *made_clsact)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = TC_HANDLE, .priority = TC_PRIORITY,
		    .prog_fd = media_program_fd(program, MEDIA_TC_NAME));
	int err;

	media_program_listen();
	err = bpf_tc_hook_create(&hook);
	if (err && err != -EEXIST)
		return err;
	*made_clsact = err == 0;
	err = bpf_tc_attach(&hook, &opts);
	if (err && *made_clsact) {
		hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		(void)bpf_tc_hook_destroy(&hook);
	}
	return err;
}

int media_program_detach_tc(unsigned ifindex, bool remove_clsact)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = TC_HANDLE, .priority = TC_PRIORITY);
	int err;

	media_program_listen();
	err = bpf_tc_detach(&hook, &opts);
	if (err || !remove_clsact)
		return err;
	/* both directions named: the qdisc itself goes */
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	return bpf_tc_hook_destroy(&hook);
}

/* The configuration that a program of ours carries; -ENOENT when it has none. */
static int program_config(const struct bpf_prog_info *info, const uint32_t *maps,
			  struct media_config *config)
{
	for (uint32_t i = 0; i < info->nr_map_ids; i++) {
		int fd = bpf_map_get_fd_by_id(maps[i]);
		struct bpf_map_info map = {0};
		uint32_t length = sizeof(map), key = 0;
		int err = -ENOENT;

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &map, &length) &&
		    strcmp(map.name, MEDIA_MAP_NAME) == 0 && map.value_size == sizeof(*config))
			err = bpf_map_lookup_elem(fd, &key, config);
		close(fd);
		if (!err)
			return 0;
	}
	return -ENOENT;
}

/* 1: the program is ours and its process gone; 0: not ours; -EBUSY: ours, and its process lives. */
static int is_stale(uint32_t id, const char *const *names, unsigned name_count)
{
	uint32_t maps[4] = {0};
	struct bpf_prog_info info = {.map_ids = (uint64_t)(uintptr_t)maps, .nr_map_ids = 4};
	struct media_config config;
	uint32_t length = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);
	int err, stale = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	err = bpf_obj_get_info_by_fd(fd, &info, &length);
	close(fd);
	if (err)
		return err;
	for (unsigned i = 0; i < name_count; i++)
		stale |= strcmp(info.name, names[i]) == 0;
	info.nr_map_ids = RTE_MIN(info.nr_map_ids, (uint32_t)RTE_DIM(maps));
	if (stale && program_config(&info, maps, &config) == 0 &&
	    media_owner_alive(config.owner_pid, config.owner_start))
		return -EBUSY;
	return stale;
}

static int clean_xdp(unsigned ifindex)
{
	static const char *const names[] = {MEDIA_XDP_NAME, MEDIA_STUB_NAME};
	uint32_t id;
	bool native;
	int err = xdp_program_id(ifindex, &id, &native);

	if (err || !id)
		return err;
	err = is_stale(id, names, RTE_DIM(names));
	return err <= 0 ? err : bpf_xdp_detach((int)ifindex, 0, NULL);
}

/* The clsact qdisc stays: who made it is not known any more, and empty it does nothing. */
static int clean_tc(unsigned ifindex)
{
	static const char *const names[] = {MEDIA_TC_NAME};
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = TC_HANDLE, .priority = TC_PRIORITY);
	int err = bpf_tc_query(&hook, &opts);

	if (err) /* no qdisc, or no filter of that number */
		return err == -ENOENT || err == -EINVAL ? 0 : err;
	err = is_stale(opts.prog_id, names, RTE_DIM(names));
	return err <= 0 ? err : media_program_detach_tc(ifindex, false);
}

int media_program_clean(unsigned ifindex)
{
	int err;

	media_program_listen();
	err = clean_xdp(ifindex);
	return err ? err : clean_tc(ifindex);
}
