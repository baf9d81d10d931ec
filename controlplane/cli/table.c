/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2

/* A program for one answer has nothing better to do without memory. */
static void *or_die(void *memory)
{
	if (!memory) {
		fputs("sluicectl: out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

void table_begin(struct table *table, const char *const titles[])
{
	memset(table, 0, sizeof(*table));
	table->titles = titles;
	while (titles[table->columns])
		table->columns++;
}

void table_cell(struct table *table, const char *text)
{
	if (table->count == table->room) {
		table->room = table->room ? table->room * 2 : 64;
		table->cells =
		    or_die(reallocarray(table->cells, table->room, sizeof(*table->cells)));
	}
	table->cells[table->count++] = or_die(strdup(text));
}

static bool is_right(const char *title)
{
	return title[0] == '>';
}

static const char *bare(const char *title)
{
	return is_right(title) ? title + 1 : title;
}

static void measure(struct table *table)
{
	size_t *widths = table->widths;

	for (unsigned i = 0; i < table->count; i++) {
		size_t *width = &widths[i % table->columns];
		size_t length = strlen(table->cells[i]);

		*width = length > *width ? length : *width;
	}
	for (unsigned i = 0; i < table->columns; i++) {
		size_t length = strlen(bare(table->titles[i]));

		if (widths[i] > 0 && length > widths[i])
			widths[i] = length;
	}
}

/* Nothing is printed after the last text of a line. */
static void print_row(const struct table *table, const size_t widths[], const char *const *row,
		      FILE *out)
{
	size_t owed = 0;

	for (unsigned i = 0; i < table->columns; i++) {
		const char *text = row ? row[i] : bare(table->titles[i]);
		size_t length = strlen(text);

		if (widths[i] == 0)
			continue;
		if (length > 0) {
			size_t before = is_right(table->titles[i]) ? widths[i] - length : 0;

			fprintf(out, "%*s%s", (int)(owed + before), "", text);
			owed = widths[i] - length - before;
		} else {
			owed += widths[i];
		}
		owed += GAP;
	}
	fputc('\n', out);
}

/* Whether there is any title to print for columns that it was not printed for yet. */
static bool wants_titles(struct table *table)
{
	unsigned columns = 0;
	bool titled = false;

	for (unsigned i = 0; i < table->columns; i++) {
		columns |= table->widths[i] > 0 ? 1U << i : 0;
		titled = titled || *bare(table->titles[i]) != '\0';
	}
	if (!titled || table->shown == columns)
		return false;
	table->shown = columns;
	return true;
}

void table_flush(struct table *table, FILE *out)
{
	measure(table);
	if (wants_titles(table))
		print_row(table, table->widths, NULL, out);
	for (unsigned i = 0; i + table->columns <= table->count; i += table->columns)
		print_row(table, table->widths, (const char *const *)&table->cells[i], out);
	for (unsigned i = 0; i < table->count; i++)
		free(table->cells[i]);
	table->count = 0;
}

void table_end(struct table *table, FILE *out)
{
	table_flush(table, out);
	free(table->cells);
	memset(table, 0, sizeof(*table));
}
