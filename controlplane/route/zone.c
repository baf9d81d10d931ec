/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route/zone.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "route/zone_rule.h"

#define HEADER_BYTES 44U
#define OFFSET_MAX_S (26 * 3600)
#define TIMES_MAX 4096U
#define TYPES_MAX 255U

struct zone {
	unsigned time_count, type_count;
	int64_t *time;       /* transitions, ascending */
	uint8_t *type;       /* that begins there */
	int32_t *utc_offset; /* of each type */
	bool has_rule;       /* of the times after the last transition */
	struct zone_rule rule;
};

const char *zone_name_check(const char *name)
{
	bool good = isalpha((unsigned char)name[0]) && strlen(name) <= ZONE_NAME_MAX &&
		    !strstr(name, "..") && !strstr(name, "//");

	for (const char *c = name; *c; c++)
		good = good && (isalnum((unsigned char)*c) || strchr("/_+-", *c));
	return good ? NULL : "must be the name of a time zone, such as Europe/Berlin or UTC";
}

/* ---- reading (RFC 8536 3) ---- */

struct bytes {
	const uint8_t *at;
	size_t left;
};

/* NULL: there are not so many. */
static const uint8_t *take(struct bytes *bytes, size_t length)
{
	const uint8_t *at = bytes->at;

	if (length > bytes->left)
		return NULL;
	bytes->at += length;
	bytes->left -= length;
	return at;
}

static uint32_t number32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t number64(const uint8_t *at)
{
	return (int64_t)((uint64_t)number32(at) << 32 | number32(at + 4));
}

struct header {
	uint8_t version; /* '2' and up */
	uint32_t isut, isstd, leap, time, type, character;
};

static bool read_header(struct bytes *bytes, struct header *header)
{
	const uint8_t *at = take(bytes, HEADER_BYTES);

	if (!at || memcmp(at, "TZif", 4) != 0)
		return false;
	*header = (struct header){
	    .version = at[4],
	    .isut = number32(at + 20),
	    .isstd = number32(at + 24),
	    .leap = number32(at + 28),
	    .time = number32(at + 32),
	    .type = number32(at + 36),
	    .character = number32(at + 40),
	};
	return header->time <= TIMES_MAX && header->type > 0 && header->type <= TYPES_MAX &&
	       header->leap == 0 && header->character <= ZONE_FILE_MAX &&
	       header->isut <= TYPES_MAX && header->isstd <= TYPES_MAX;
}

static bool skip_block(struct bytes *bytes, const struct header *header, size_t time_bytes)
{
	return take(bytes, header->time * (time_bytes + 1) + header->type * 6UL +
			       header->character + header->isstd + header->isut);
}

static bool read_times(struct zone *zone, const uint8_t *times, const uint8_t *types)
{
	for (unsigned i = 0; i < zone->time_count; i++) {
		zone->time[i] = number64(times + i * 8UL);
		zone->type[i] = types[i];
		if (types[i] >= zone->type_count || (i && zone->time[i] <= zone->time[i - 1]))
			return false;
	}
	return true;
}

static bool read_types(struct zone *zone, const uint8_t *types)
{
	for (unsigned i = 0; i < zone->type_count; i++) {
		zone->utc_offset[i] = (int32_t)number32(types + i * 6UL);
		if (abs(zone->utc_offset[i]) > OFFSET_MAX_S)
			return false;
	}
	return true;
}

/* "\n" TZ "\n" */
static bool read_footer(struct zone *zone, const struct bytes *bytes)
{
	const uint8_t *end = bytes->left > 1 ? memchr(bytes->at + 1, '\n', bytes->left - 1) : NULL;
	char text[ZONE_RULE_MAX];
	size_t length;

	if (!end || bytes->at[0] != '\n')
		return false;
	length = (size_t)(end - bytes->at) - 1;
	if (length == 0)
		return true;
	if (length >= sizeof(text) || memchr(bytes->at + 1, '\0', length))
		return false;
	memcpy(text, bytes->at + 1, length);
	text[length] = '\0';
	zone->has_rule = zone_rule_parse(&zone->rule, text) == 0;
	return zone->has_rule;
}

static bool read_block(struct zone *zone, struct bytes *bytes, const struct header *header)
{
	const uint8_t *times = take(bytes, header->time * 8UL);
	const uint8_t *time_types = take(bytes, header->time);
	const uint8_t *types = take(bytes, header->type * 6UL);

	if (!times || !time_types || !types ||
	    !take(bytes, header->character + header->isstd + header->isut))
		return false;
	return read_types(zone, types) && read_times(zone, times, time_types) &&
	       read_footer(zone, bytes);
}

int zone_parse(struct zone **result, const void *data, size_t length)
{
	struct bytes bytes = {data, length};
	struct header header;
	struct zone *zone;

	*result = NULL;
	if (length > ZONE_FILE_MAX || !read_header(&bytes, &header) || header.version < '2' ||
	    !skip_block(&bytes, &header, 4) || !read_header(&bytes, &header))
		return -EINVAL;
	zone = calloc(1, sizeof(*zone));
	if (!zone)
		return -ENOMEM;
	zone->time_count = header.time;
	zone->type_count = header.type;
	zone->time = calloc(header.time + 1UL, sizeof(*zone->time));
	zone->type = calloc(header.time + 1UL, sizeof(*zone->type));
	zone->utc_offset = calloc(header.type, sizeof(*zone->utc_offset));
	if (!zone->time || !zone->type || !zone->utc_offset) {
		zone_free(zone);
		return -ENOMEM;
	}
	if (!read_block(zone, &bytes, &header)) {
		zone_free(zone);
		return -EINVAL;
	}
	*result = zone;
	return 0;
}

int zone_load(struct zone **zone, const char *name)
{
	char path[sizeof(ZONE_FOLDER) + ZONE_NAME_MAX + 2];
	uint8_t *data = malloc(ZONE_FILE_MAX + 1);
	struct stat status;
	ssize_t length = 0;
	int fd, rc = 0;

	*zone = NULL;
	if (!data)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/%s", ZONE_FOLDER, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) < 0)
		rc = -errno;
	else if (!S_ISREG(status.st_mode))
		rc = -ENOENT;
	else if ((length = read(fd, data, ZONE_FILE_MAX + 1)) < 0)
		rc = -errno;
	if (rc == 0)
		rc = zone_parse(zone, data, (size_t)length);
	if (fd >= 0)
		close(fd);
	free(data);
	return rc;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->time);
	free(zone->type);
	free(zone->utc_offset);
	free(zone);
}

/* ---- asking ---- */

int32_t zone_offset_s(const struct zone *zone, int64_t unix_s)
{
	unsigned low = 0, high = zone ? zone->time_count : 0;

	if (!zone)
		return 0;
	while (low < high) { /* how many transitions are not after that moment */
		unsigned middle = (low + high) / 2;

		if (zone->time[middle] <= unix_s)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->time_count && zone->has_rule)
		return zone_rule_offset_s(&zone->rule, unix_s);
	return zone->utc_offset[low ? zone->type[low - 1] : 0];
}
