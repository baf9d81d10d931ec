/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory that captures are written into: the only place, chosen by the configuration. Names
 * of files are made here, never taken from a request.
 *
 * Thread: the main thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CAPTURE_FILE_NAME_MAX 64U

struct capture_directory {
	int fd; /* -1: none */
};

/*
 * Opens the directory at path, which must be ours and writable by nobody else: what is in it may be
 * a conversation. Returns 0, or -errno with text (size bytes) that says what is wrong and what to
 * do.
 */
int capture_directory_open(struct capture_directory *directory, const char *path, char *text,
			   size_t size);
void capture_directory_close(struct capture_directory *directory);

/* Bytes of all files in it. Returns 0, -E2BIG (more than 10,000 of them), -errno. */
int capture_directory_used(const struct capture_directory *directory, uint64_t *bytes);

/*
 * Makes a new file, mode 0600, called CALL-YYYYMMDDThhmmssZ-KIND.pcapng, with -2, -3… when there
 * is such a one. call and kind: letters and digits. Returns its descriptor and name, or -errno.
 */
int capture_directory_create(const struct capture_directory *directory, const char *call,
			     const char *kind, time_t now, char name[CAPTURE_FILE_NAME_MAX]);
