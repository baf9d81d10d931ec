/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file of lines that is rotated: by size, by age, when asked to, and by others (logrotate), who
 * rename it and say so. Each line is written whole or not at all.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINES_MODE 0640

struct lines_limits {
	uint64_t bytes; /* rotated before it has more */
	unsigned age_s; /* rotated when its first line is so old; 0: never */
	unsigned keep;  /* rotated files that are kept; 0: all */
};

struct lines;

/* Opens path for appending, mode 0640, never through a symbolic link. 0, or -errno with error. */
int lines_open(struct lines **lines, const char *path, const struct lines_limits *limits,
	       char *error, size_t size);
void lines_close(struct lines *lines); /* NULL is fine */

/* text without newline. Returns 0 or -errno: then nothing of it is in the file. */
int lines_write(struct lines *lines, const char *text, size_t length);

/* Renames the file to PATH-YYYYMMDDThhmmssZ and begins another; removes those above limits.keep.
 * Returns 0 or -errno: then the old one goes on. */
int lines_rotate(struct lines *lines);
/* After SIGHUP: when somebody renamed the file, begins another, else rotates. */
int lines_reopen(struct lines *lines);

/*
 * The last count lines of the file, oldest first, each without newline, as far as they are within
 * its last LINES_TAIL_BYTES.
 */
#define LINES_TAIL_BYTES (1U << 20)
int lines_tail(const struct lines *lines, unsigned count,
	       void (*each)(void *user, const char *line, size_t length), void *user);
