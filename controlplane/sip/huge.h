/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for what is looked into at random places: on huge pages where the system has them, so that
 * finding the page does not cost more than finding the line. Without them it is ordinary memory.
 */
#pragma once

#include <stddef.h>

#define HUGE_PAGE ((size_t)2 << 20)

/* size bytes of zeros, taken from the system as they are touched. NULL: there is no memory. */
void *huge_map(size_t size);
void huge_unmap(void *memory, size_t size); /* NULL is fine */
