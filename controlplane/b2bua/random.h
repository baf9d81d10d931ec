/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unpredictable numbers: keys, tags, Call-IDs, branches. From the kernel, never a fall-back. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* 0, or -errno: then nothing may be made with them. */
int random_bytes(void *data, size_t length);
/* Aborts when the kernel gives none: nothing that identifies a dialog may be predictable. */
uint64_t random_number(void);
/* digits hexadecimal digits (at most 32) and NUL. Aborts likewise. */
void random_text(char *text, unsigned digits);
