/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An aligned table. Columns are as wide as their widest cell; a column without text in any cell is
 * left out. A title that begins with '>' aligns its column to the right.
 */
#pragma once

#include <stdio.h>

#define TABLE_COLUMNS_MAX 24U

struct table {
	const char *const *titles; /* ends with NULL; all empty: no line of titles */
	unsigned columns;
	unsigned count, room; /* cells */
	char **cells;
	size_t widths[TABLE_COLUMNS_MAX]; /* of what was printed: they only grow */
	unsigned shown;                   /* bit per column that the titles were printed for */
};

/* titles must live as long as the table. */
void table_begin(struct table *table, const char *const titles[]);
void table_cell(struct table *table, const char *text); /* copied; the next cell of the row */
/* Prints the rows so far; titles only once, or again when another column gets its first text. */
void table_flush(struct table *table, FILE *out);
void table_end(struct table *table, FILE *out); /* prints and frees */
