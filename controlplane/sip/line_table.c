/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/line_table.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>

#include "sip/huge.h"

#define PLANNED 8U /* entries of a line when the table holds what was expected */

static_assert(sizeof(struct line) == 64, "a line of the cache");

static size_t bytes(const struct line_table *table)
{
	return (table->mask + 1) * sizeof(struct line);
}

static struct line *line_at(const struct line_table *table, uint64_t hash, size_t step)
{
	return &table->line[(hash + step) & table->mask];
}

/* Of other bits than those that choose the line; 0 is no tag. */
static uint16_t tag_of(uint64_t hash)
{
	uint16_t tag = (uint16_t)(hash >> 48);

	return tag ? tag : 1;
}

int line_table_init(struct line_table *table, size_t expected)
{
	size_t lines = 2;

	while (lines * PLANNED < expected)
		lines *= 2;
	*table = (struct line_table){.mask = lines - 1, .most = lines * LINE_ENTRIES};
	table->line = huge_map(bytes(table));
	return table->line ? 0 : -ENOMEM;
}

void line_table_free(struct line_table *table)
{
	huge_unmap(table->line, bytes(table));
	*table = (struct line_table){0};
}

/* Where the line has it: tag and number; LINE_ENTRIES: it has not. */
static unsigned place_of(const struct line *line, uint16_t tag, uint32_t number)
{
	unsigned at = 0;

	while (at < LINE_ENTRIES && (line->tag[at] != tag || line->number[at] != number))
		at++;
	return at;
}

static unsigned free_place(const struct line *line)
{
	unsigned at = 0;

	while (at < LINE_ENTRIES && line->tag[at])
		at++;
	return at;
}

int line_table_insert(struct line_table *table, uint64_t hash, uint32_t number)
{
	struct line *line = line_at(table, hash, 0);
	unsigned at = free_place(line);

	if (table->count == table->most)
		return -ENOSPC;
	for (size_t step = 1; at == LINE_ENTRIES; step++) {
		line->passed++;
		line = line_at(table, hash, step);
		at = free_place(line);
	}
	line->tag[at] = tag_of(hash);
	line->number[at] = number;
	table->count++;
	return 0;
}

/* How many lines past its own; SIZE_MAX: it is not there. */
static size_t distance(const struct line_table *table, uint64_t hash, uint32_t number)
{
	for (size_t step = 0; step <= table->mask; step++) {
		const struct line *line = line_at(table, hash, step);

		if (place_of(line, tag_of(hash), number) < LINE_ENTRIES)
			return step;
		if (!line->passed)
			break;
	}
	return SIZE_MAX;
}

void line_table_remove(struct line_table *table, uint64_t hash, uint32_t number)
{
	size_t steps = distance(table, hash, number);
	struct line *line;

	if (steps == SIZE_MAX)
		return;
	for (size_t step = 0; step < steps; step++)
		line_at(table, hash, step)->passed--;
	line = line_at(table, hash, steps);
	line->tag[place_of(line, tag_of(hash), number)] = 0;
	table->count--;
}

uint32_t line_table_next(const struct line_table *table, uint64_t hash, struct line_search *search)
{
	uint16_t tag = tag_of(hash);

	for (; search->step <= table->mask; search->step++, search->at = 0) {
		const struct line *line = line_at(table, hash, search->step);

		while (search->at < LINE_ENTRIES) {
			unsigned at = search->at++;

			if (line->tag[at] == tag)
				return line->number[at];
		}
		if (!line->passed)
			break;
	}
	return LINE_NONE;
}

int line_table_grow(struct line_table *table, size_t expected,
		    uint64_t (*hash_of)(void *user, uint32_t number), void *user)
{
	struct line_table grown;

	if (expected <= (table->mask + 1) * PLANNED)
		return 0;
	if (line_table_init(&grown, expected) < 0)
		return -ENOMEM;
	for (size_t i = 0; i <= table->mask; i++)
		for (unsigned at = 0; at < LINE_ENTRIES; at++) {
			uint32_t number = table->line[i].number[at];
			int rc = table->line[i].tag[at]
				     ? line_table_insert(&grown, hash_of(user, number), number)
				     : 0;

			assert(rc == 0);
			(void)rc;
		}
	line_table_free(table);
	*table = grown;
	return 0;
}
