/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/early.h"

#include <stdlib.h>

#include "b2bua/call.h"

struct early *early_find(const struct leg *leg, struct str tag)
{
	struct early *early;

	TAILQ_FOREACH (early, &leg->early, link)
		if (str_eq(tag, str_of(early->dialog.remote_tag)))
			return early;
	return NULL;
}

static struct early *make(struct leg *leg, const struct sip_message *response)
{
	struct early *early = leg->early_count < EARLY_MAX ? calloc(1, sizeof(*early)) : NULL;

	if (!early)
		return NULL;
	if (dialog_fork(&early->dialog, &leg->dialog, response) < 0) {
		dialog_free(&early->dialog);
		free(early);
		return NULL;
	}
	early->dialog.confirmed = false;
	TAILQ_INSERT_TAIL(&leg->early, early, link);
	leg->early_count++;
	return early;
}

struct early *early_heard(struct leg *leg, const struct sip_message *response)
{
	struct early *early;

	if (leg->dialog.confirmed || !response->to.tag.len)
		return NULL;
	early = early_find(leg, response->to.tag);
	if (early)
		dialog_refresh(&early->dialog, response);
	else
		early = make(leg, response);
	return early;
}

void early_forget(struct leg *leg, struct early *early)
{
	if (leg->early_now == early)
		leg->early_now = NULL;
	if (leg->early_asked == early)
		leg->early_asked = NULL;
	TAILQ_REMOVE(&leg->early, early, link);
	leg->early_count--;
	secret_wipe(&early->answer);
	dialog_free(&early->dialog);
	free(early);
}

void early_forget_all(struct leg *leg)
{
	struct early *early;

	while ((early = TAILQ_FIRST(&leg->early)))
		early_forget(leg, early);
}
