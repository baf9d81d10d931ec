/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop of the main thread: epoll, and one function a file descriptor.
 *
 * Thread: the main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct loop_source {
	void (*ready)(struct loop_source *source, uint32_t events);
	void *user;
};

struct loop {
	int epoll;
	bool stop;
};

/* 0 or -errno. */
int loop_open(struct loop *loop);
void loop_close(struct loop *loop);

/* source must live until its fd is closed or removed, and until the turn of the loop ends. */
int loop_add(struct loop *loop, int fd, uint32_t events, struct loop_source *source);
int loop_change(struct loop *loop, int fd, uint32_t events, struct loop_source *source);

/* Until loop->stop is set by a source. 0 or -errno. */
int loop_run(struct loop *loop);
