/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meaning of registrations: each has a contact of its own at its peer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "sip/message.h"

/* "peer/contact user": two at one peer would be one binding. NULL: not known, or no memory. */
static char *binding_key(struct load *load, const struct config_registration *registration)
{
	struct str user = str_of(registration->contact_user);
	struct sip_uri aor;
	char *key;

	if (!registration->peer || !registration->peer->name || !registration->aor ||
	    sip_uri_parse(&aor, str_of(registration->aor)) < 0)
		return NULL;
	if (!user.ptr)
		user = aor.user;
	if (asprintf(&key, "%s/%.*s", registration->peer->name, STR_FMT(user)) < 0) {
		load->out_of_memory = true;
		return NULL;
	}
	return key;
}

static void check_network(struct load *load, const struct config_registration *registration)
{
	if (registration->peer && registration->peer->network)
		load_error_at(
		    load, &registration->peer,
		    "%speer: %s is a network, which cannot be called; must be a peer with "
		    "an address or name",
		    load_label(load, &schema_registration, registration).text,
		    load_show(registration->peer->name).text);
}

void check_registrations(struct load *load)
{
	const struct config *config = load->config;
	struct unique_row *rows = calloc(config->registration_count + 1U, sizeof(*rows));
	char **keys = calloc(config->registration_count + 1U, sizeof(*keys));

	if (!rows || !keys) {
		load->out_of_memory = true;
		goto out;
	}
	for (unsigned i = 0; i < config->registration_count; i++) {
		const struct config_registration *registration = &config->registrations[i];

		check_network(load, registration);
		keys[i] = binding_key(load, registration);
		rows[i] = (struct unique_row){keys[i], &registration->aor, registration, 0};
	}
	check_unique(load, &schema_registration, rows, config->registration_count, "contact",
		     "each needs a contact_user of its own at its peer");
	for (unsigned i = 0; i < config->registration_count; i++)
		free(keys[i]);
out:
	free(keys);
	free(rows);
}
