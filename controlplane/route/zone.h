/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A time zone as the system's files describe it (TZif, RFC 8536): what clocks there show at a given
 * moment, with the rules of the end of the file for all times to come. Each zone by itself: the
 * process's own TZ is not touched, as localtime(3) would have to.
 *
 * Thread: read by one; any may ask.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define ZONE_NAME_MAX 63U
#define ZONE_FILE_MAX (64U << 10) /* bytes; the largest of 2024 has 4 KiB */

struct zone;

/* NULL when name may be a zone ("Europe/Berlin"), else what it must be. Looks at no file. */
const char *zone_name_check(const char *name);

/* The file of that zone. 0; -ENOENT: there is none; -EINVAL: it is no TZif of version 2 or later,
 * or is damaged; or another -errno. */
int zone_load(struct zone **zone, const char *name);
/* The same from memory, which is copied. 0, -EINVAL or -ENOMEM. */
int zone_parse(struct zone **zone, const void *data, size_t length);
void zone_free(struct zone *zone); /* NULL is fine */

/* Seconds east of UTC at that moment, at most 26 hours either way. zone NULL: UTC. */
int32_t zone_offset_s(const struct zone *zone, int64_t unix_s);
