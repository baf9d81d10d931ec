/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record list, record rotate */
#include <string.h>

#include "main/daemon.h"

#define LIST_DEFAULT 20
#define LIST_MAX 1000

static struct records *records_of(struct daemon *daemon, struct api_request *request)
{
	if (!daemon->records)
		api_refuse(request, "no call records are kept: see record_file in "
				    "sluice-controlplane.yaml(5)");
	return daemon->records;
}

void operator_record_list(void *user, struct api_request *request, const json_t *args)
{
	const json_t *count = json_object_get(args, "count");
	json_int_t wanted = count ? json_integer_value(count) : LIST_DEFAULT;
	const struct records *records = records_of(user, request);
	json_t *list;

	if (!records)
		return;
	if (wanted < 1 || wanted > LIST_MAX) {
		api_refuse(request, "count must be a whole number from 1 to %d", LIST_MAX);
		return;
	}
	list = records_last(records, (unsigned)wanted);
	if (list)
		api_answer(request, list);
	else
		api_refuse(request, "the file of call records cannot be read");
}

void operator_record_rotate(void *user, struct api_request *request, const json_t *args)
{
	struct records *records = records_of(user, request);
	int rc = records ? records_rotate(records) : 0;

	(void)args;
	if (!records)
		return;
	if (rc == 0)
		api_answer(request, NULL);
	else
		api_refuse(request, "the file of call records cannot be rotated: %s",
			   strerror(-rc));
}
