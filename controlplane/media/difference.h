/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two descriptions of a leg of a session, compared. Pure; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sluice_media.h"

/* How far a key has been used makes it no other key. */
bool media_key_same(const struct sluice_key *a, const struct sluice_key *b);

/* The bits of what differs, whatever the masks of the two say. */
uint32_t media_difference(const struct sluice_set *a, const struct sluice_set *b);
