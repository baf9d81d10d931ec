/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <sched.h>
#include <string.h>

#include "config/parts.h"

READ(read_count)
{
	struct config *config = into;
	static const char *const words[] = {"auto", NULL};
	unsigned long count;

	if (config_word(node, words) == 0)
		config->workers = 0;
	else if (!config_number(node, 1, CONFIG_WORKERS_MAX, &count))
		config_refuse(reader, key, node);
	else
		config->workers = (unsigned)count;
}

READ(read_cores)
{
	struct config *config = into;
	const char *text = config_scalar(node);

	if (text && !strcmp(text, "auto"))
		return;
	if (node->type != YAML_SEQUENCE_NODE || !config_count(node) ||
	    config_count(node) > CONFIG_WORKERS_MAX) {
		config_refuse(reader, key, node);
		return;
	}
	for (size_t i = 0; i < config_count(node); i++) {
		const yaml_node_t *item = config_item(reader, node, i);
		unsigned long core;

		if (config_number(item, 0, CPU_SETSIZE - 1, &core))
			config->cores[config->core_count++] = (unsigned)core;
		else
			config_refuse(reader, key, item);
	}
}

static const char *const idle_words[] = {"sleep", "poll", "back-off", NULL};
static_assert(CONFIG_IDLE_SLEEP == 0 && CONFIG_IDLE_POLL == 1 && CONFIG_IDLE_BACK_OFF == 2,
	      "in that order");

static const struct config_key worker_keys[] = {
    {"count", CONFIG_OPTIONAL, "auto, or 1 to 16", .read = read_count},
    {"cores", CONFIG_OPTIONAL, "auto, or a list of CPU numbers, one a worker", .read = read_cores},
    {"idle", CONFIG_OPTIONAL, "sleep, poll, back-off", CONFIG_FIELD(config_read_word, config, idle),
     .words = idle_words},
    {0},
};

READER(config_read_workers)
{
	static const char *const words[] = {"auto", NULL};
	struct config *config = into;

	if (node->type == YAML_SCALAR_NODE && config_word(node, words) == 0) {
		config->workers = 0;
		return;
	}
	config_mapping(reader, node, key->name, worker_keys, into);
	if (config->core_count && !config->workers)
		config->workers = config->core_count;
	if (config->core_count && config->core_count != config->workers)
		config_error(reader, node, "cores: %u given for %u workers; allowed: one a worker",
			     config->core_count, config->workers);
}
