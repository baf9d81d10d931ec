/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who attached a program: process number and start time together are used once only, so that a
 * number that was given to another process since is not taken for the owner.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

void media_owner_self(uint32_t *pid, uint64_t *start);
/* As far as /proc shows: a process of another PID namespace does not count as alive. */
bool media_owner_alive(uint32_t pid, uint64_t start);
