/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint8_t content[4U << 20];

static uint32_t u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, 4);
	return value;
}

static uint64_t halves(const uint8_t *at)
{
	return (uint64_t)u32(at) << 32 | u32(at + 4);
}

/* The value of an option; NULL: it is not there. */
static const uint8_t *option(const uint8_t *at, const uint8_t *end, unsigned wanted,
			     unsigned *length)
{
	while (at + 4 <= end) {
		unsigned code = at[0] | (unsigned)at[1] << 8;

		*length = at[2] | (unsigned)at[3] << 8;
		assert_true(at + 4 + *length <= end);
		if (code == wanted)
			return at + 4;
		if (code == 0) {
			assert_ptr_equal(at + 4, end);
			return NULL;
		}
		at += 4 + (*length + 3) / 4 * 4;
	}
	fail_msg("options without an end");
	return NULL;
}

static void text(char *into, size_t size, const uint8_t *at, const uint8_t *end, unsigned code)
{
	unsigned length;
	const uint8_t *value = option(at, end, code, &length);

	into[0] = '\0';
	if (!value)
		return;
	assert_true(length < size);
	memcpy(into, value, length);
	into[length] = '\0';
}

static void packet_read(const uint8_t *at, const uint8_t *end, struct capture_file *file)
{
	struct captured *packet = &file->packet[file->packets];
	const uint8_t *options = at + 20 + (u32(at + 12) + 3) / 4 * 4;
	const uint8_t *flags;
	unsigned length;

	assert_true(options <= end);
	if (file->packets++ >= PACKETS_KEPT)
		return;
	packet->interface = u32(at);
	packet->time_ns = halves(at + 4);
	packet->captured = packet->frame.length = u32(at + 12);
	packet->length = u32(at + 16);
	assert_true(packet->captured <= packet->length && packet->captured <= FRAME_MAX);
	assert_true(packet->interface < file->interfaces);
	memcpy(packet->frame.bytes, at + 20, packet->captured);
	text(packet->comment, sizeof(packet->comment), options, end, 1);
	flags = option(options, end, 2, &length);
	assert_non_null(flags);
	packet->flags = u32(flags);
}

static void interface_read(const uint8_t *at, const uint8_t *end, struct capture_file *file)
{
	unsigned length, i = file->interfaces++;
	const uint8_t *resolution = option(at + 8, end, 9, &length);

	assert_true(i < 2);
	assert_int_equal(u32(at), 1); /* Ethernet */
	assert_non_null(resolution);
	assert_int_equal(resolution[0], 9);
	text(file->interface_name[i], sizeof(file->interface_name[i]), at + 8, end, 2);
	text(file->interface_description[i], sizeof(file->interface_description[i]), at + 8, end,
	     3);
}

static void statistics_read(const uint8_t *at, const uint8_t *end, struct capture_file *file)
{
	unsigned length;
	const uint8_t *lost = option(at + 12, end, 7, &length);
	uint64_t value;

	assert_non_null(lost);
	assert_int_equal(length, 8);
	memcpy(&value, lost, 8);
	file->lost += value;
	file->statistics++;
}

static void section_read(const uint8_t *at, const uint8_t *end, struct capture_file *file)
{
	assert_int_equal(u32(at), 0x1a2b3c4d);
	assert_int_equal(u32(at + 4), 1); /* version 1.0 */
	text(file->section_comment, sizeof(file->section_comment), at + 16, end, 1);
	file->sections++;
}

static void block_read(uint32_t type, const uint8_t *at, const uint8_t *end,
		       struct capture_file *file)
{
	switch (type) {
	case 0x0a0d0d0a:
		section_read(at, end, file);
		break;
	case 1:
		interface_read(at, end, file);
		break;
	case 5:
		statistics_read(at, end, file);
		break;
	case 6:
		packet_read(at, end, file);
		break;
	default:
		fail_msg("block of type %u", type);
	}
}

void capture_file_read(const struct fixture *fixture, const char *name, struct capture_file *file)
{
	int fd = openat(fixture->directory.fd, name, O_RDONLY);
	struct stat status;
	ssize_t bytes;

	memset(file, 0, sizeof(*file));
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	bytes = read(fd, content, sizeof(content));
	close(fd);
	assert_true(bytes > 0 && bytes == status.st_size);
	file->bytes = (uint64_t)bytes;
	for (size_t at = 0; at < (size_t)bytes;) {
		uint32_t length = u32(content + at + 4);

		assert_true(length >= 12 && length % 4 == 0 && at + length <= (size_t)bytes);
		assert_int_equal(u32(content + at + length - 4), length);
		block_read(u32(content + at), content + at + 8, content + at + length - 4, file);
		at += length;
	}
	assert_int_equal(file->sections, 1);
	assert_int_equal(file->interfaces, 2);
}
