/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/srv_order.h"

#include <errno.h>
#include <stdlib.h>

#include "route/pick.h"

int srv_order(struct srv_target *targets, unsigned count, uint32_t (*random)(void *user),
	      void *user)
{
	struct pick *picks = calloc(count + 1U, sizeof(*picks));
	struct srv_target *sorted = calloc(count + 1U, sizeof(*sorted));
	int result = picks && sorted ? 0 : -ENOMEM;

	for (unsigned i = 0; result == 0 && i < count; i++)
		picks[i] = (struct pick){
		    .priority = targets[i].priority, .weight = targets[i].weight, .id = i};
	if (result == 0)
		pick_order(picks, count, PICK_WEIGHT, random, user);
	for (unsigned i = 0; result == 0 && i < count; i++)
		sorted[i] = targets[picks[i].id];
	for (unsigned i = 0; result == 0 && i < count; i++)
		targets[i] = sorted[i];
	free(picks);
	free(sorted);
	return result;
}
