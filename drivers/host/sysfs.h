/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files of the kernel. Thread: any. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The file's beginning as text, without the newline at its end. 0 or -errno. */
int sysfs_read(const char *path, char *text, size_t size);
/* A file that holds one decimal number. 0, -EINVAL, -ERANGE, -errno. */
int sysfs_read_number(const char *path, uint64_t *number);
