/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table of numbers, ten to a line of the cache: what is not there costs one line of memory,
 * and what is there that line and the object itself. Open addressing: what does not fit its line
 * goes on to the next that has room, and each line counts what went past it, so that a search ends
 * where nothing did and removing leaves no trace.
 *
 * Hashes are of a keyed hash, so nobody outside can fill a line. Sized for all that may come: no
 * insertion moves anything else. Thread: one table belongs to one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define LINE_ENTRIES 10U
#define LINE_NONE UINT32_MAX

struct line {
	uint32_t passed; /* entries of lines before that lie behind this one */
	uint32_t number[LINE_ENTRIES];
	uint16_t tag[LINE_ENTRIES]; /* of the hash; 0: free */
};

struct line_table {
	struct line *line;
	size_t mask;
	size_t count, most;
};

/* Where a search stands; all zero: at its start. */
struct line_search {
	size_t step;
	unsigned at;
};

/* Room for expected numbers, and for a quarter of that above it. 0 or -ENOMEM. */
int line_table_init(struct line_table *table, size_t expected);
/*
 * The same for a table in use. hash_of: the hash that a number was inserted with. 0, or -ENOMEM: it
 * is as it was. This is the one place where all is moved: when a configuration is loaded.
 */
int line_table_grow(struct line_table *table, size_t expected,
		    uint64_t (*hash_of)(void *user, uint32_t number), void *user);
void line_table_free(struct line_table *table);
/* The same number may stand under one hash only once. 0 or -ENOSPC. */
int line_table_insert(struct line_table *table, uint64_t hash, uint32_t number);
/* As it was inserted; harmless when it was not. */
void line_table_remove(struct line_table *table, uint64_t hash, uint32_t number);
/* Asks for the line where a search for that hash begins, and waits for nothing. */
static inline void line_table_prefetch(const struct line_table *table, uint64_t hash)
{
	__builtin_prefetch(&table->line[hash & table->mask]);
}

/* The next number that may have that hash: the caller compares the key. LINE_NONE: no more. */
uint32_t line_table_next(const struct line_table *table, uint64_t hash, struct line_search *search);
