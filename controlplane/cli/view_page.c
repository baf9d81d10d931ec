/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/view.h"

void view_page_begin(struct view_paging *paging, const struct view_list *list)
{
	paging->list = list;
	paging->count = 0;
	table_begin(&paging->table, list->titles);
}

void view_page(struct view_paging *paging, FILE *out, const json_t *items)
{
	size_t count = json_array_size(items);

	for (size_t i = 0; i < count; i++)
		paging->list->row(&paging->table, json_array_get(items, i));
	if (count > 0)
		table_flush(&paging->table, out);
	paging->count += count;
}

void view_page_end(struct view_paging *paging, FILE *out)
{
	const struct view_list *list = paging->list;

	table_end(&paging->table, out);
	if (paging->count == 0)
		fprintf(out, "no %s\n", list->many);
	else
		fprintf(out, "%zu %s\n", paging->count,
			paging->count == 1 ? list->one : list->many);
}
