/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call records: one line of JSON a call (docs/records.md), written when it has ended. While it
 * lives it stands in a journal beside the file, so that a call which an unclean end of this process
 * cut off is recorded at the next start.
 *
 * Thread: the loop's.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "record/text.h"

#define RECORDS_SCHEMA 1 /* "schema" of each line; grows when a field changes its meaning */

struct records;

struct records_config {
	const char *path;
	uint64_t bytes; /* of a file */
	unsigned age_s; /* of a file; 0: as old as it gets */
	unsigned keep;  /* rotated files; 0: all */
	unsigned calls; /* that may live at once */
};

/* Opens file and journal, and records the calls that the process before left alive. Returns 0, or
 * -errno with error (size bytes). */
int records_open(struct records **records, const struct records_config *config, char *error,
		 size_t size);
void records_close(struct records *records); /* NULL is fine */
/* Room in the journal for that many calls at once. 0, or -errno: it is as it was. */
int records_grow(struct records *records, unsigned calls);

/*
 * A call begins: call holds the fields of its record that are known. Returns a number for the two
 * functions below; 0: it is not in the journal (counted as unguarded). Takes call.
 */
unsigned records_begin(struct records *records, json_t *call);
/* unix_ms: since the epoch. */
void records_answered(struct records *records, unsigned number, int64_t unix_ms);
/* It has ended: the whole record. Takes record. */
void records_end(struct records *records, unsigned number, json_t *record);

/* The same with the text of the object, which stays the caller's. */
unsigned records_begin_text(struct records *records, const struct text *call);
void records_end_text(struct records *records, unsigned number, const struct text *record);

/* Begins another file. 0 or -errno. */
int records_rotate(struct records *records);
void records_reopen(struct records *records); /* SIGHUP */

/* The last count records as an array, oldest first; NULL: they cannot be read. */
json_t *records_last(const struct records *records, unsigned count);
/* {"written": n, "lost": n, "unclean": n, "unguarded": n} */
json_t *records_counters(const struct records *records);

/* "2026-05-01T10:11:12.345Z" (RFC 3339, UTC) */
json_t *records_time(int64_t unix_ms);
