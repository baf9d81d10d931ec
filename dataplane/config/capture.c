/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/parts.h"

READ(read_directory)
{
	struct config_capture *capture = into;

	if (!config_text(node, capture->directory, sizeof(capture->directory)) ||
	    capture->directory[0] != '/')
		config_refuse(reader, key, node);
}

/* A number of 1 to most into field. */
static void read_limit(struct config_reader *reader, const struct config_key *key,
		       const yaml_node_t *node, unsigned long most, uint32_t *field)
{
	unsigned long value;

	if (config_number(node, 1, most, &value))
		*field = (uint32_t)value;
	else
		config_refuse(reader, key, node);
}

READ(read_file_mib)
{
	struct config_capture *capture = into;

	read_limit(reader, key, node, CONFIG_CAPTURE_MIB_MAX, &capture->file_mib);
}

READ(read_total_mib)
{
	struct config_capture *capture = into;

	read_limit(reader, key, node, CONFIG_CAPTURE_MIB_MAX, &capture->total_mib);
}

READ(read_time)
{
	struct config_capture *capture = into;

	read_limit(reader, key, node, CONFIG_CAPTURE_S_MAX, &capture->time_s);
}

READ(read_allow)
{
	static const char *const words[] = {"wire", "decrypted", NULL};
	struct config_capture *capture = into;
	int word = config_word(node, words);

	if (word < 0)
		config_refuse(reader, key, node);
	else
		capture->allow = word ? SLUICE_CAPTURE_DECRYPTED : SLUICE_CAPTURE_WIRE;
}

static const struct config_key capture_keys[] = {
    {"directory", CONFIG_REQUIRED, "an absolute path of at most 255 characters", read_directory},
    {"file_mib", CONFIG_OPTIONAL, "1 to 1048576", read_file_mib},
    {"total_mib", CONFIG_OPTIONAL, "1 to 1048576", read_total_mib},
    {"time_s", CONFIG_OPTIONAL, "1 to 86400", read_time},
    {"allow", CONFIG_OPTIONAL, "wire, decrypted", read_allow},
    {NULL, CONFIG_OPTIONAL, NULL, NULL},
};

READER(config_read_capture)
{
	struct config *config = into;
	struct config_capture *capture = &config->capture;

	config_mapping(reader, node, key->name, capture_keys, capture);
	if (capture->file_mib > capture->total_mib)
		config_error(reader, node,
			     "file_mib: %u is more than total_mib, %u; allowed: at most as much",
			     capture->file_mib, capture->total_mib);
}
