/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/config.h"

#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/routing.h"

void config_free(struct config *config)
{
	if (!config)
		return;
	config_secrets_wipe(config);
	for (unsigned i = 0; i < config->warning_count; i++)
		free(config->warnings[i]);
	free(config->warnings);
	for (unsigned i = 0; i < config->header_rule_count; i++)
		header_rule_clear(&config->header_rules[i].rule);
	free(config->header_rule_index);
	routing_free(config);
	for (unsigned i = 0; config->schedules && i < config->schedule_count; i++)
		schedule_free(config->schedules[i].compiled);
	schema_clear(&schema_config, config);
	free(config->path);
	free(config);
}

static struct config *config_new(const char *path)
{
	struct config *config = calloc(1, sizeof(*config));

	if (config)
		config->path = strdup(path);
	if (config && config->path)
		return config;
	config_free(config);
	return NULL;
}

struct config *config_load(const char *path, void (*report)(void *user, const char *text),
			   void *user)
{
	struct load load = {.path = path, .config = config_new(path)};

	if (!load.config) {
		load.out_of_memory = true;
	} else if (read_file(&load) == 0) {
		resolve_references(&load);
		check_config(&load);
		check_files(&load);
		check_peers(&load);
		check_registrations(&load);
		check_codecs(&load);
		check_header_rules(&load);
		check_routes(&load);
		check_limits(&load);
	}
	if (load.error_count > 0 || load.out_of_memory) {
		load_report(&load, report, user);
		config_free(load.config);
		load.config = NULL;
	}
	load_free(&load);
	if (load.config) {
		config_number(load.config);
	}
	return load.config;
}
