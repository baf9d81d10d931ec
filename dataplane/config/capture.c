/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>

#include "config/parts.h"

static const char *const allow_words[] = {"wire", "decrypted", NULL};
static_assert((int)SLUICE_CAPTURE_DECRYPTED == (int)SLUICE_CAPTURE_WIRE + 1, "in that order");

static const struct config_key capture_keys[] = {
    {"directory", CONFIG_REQUIRED, "an absolute path of at most 255 characters",
     CONFIG_FIELD(config_read_path, config_capture, directory)},
    {"file_mib", CONFIG_OPTIONAL, "1 to 1048576",
     CONFIG_FIELD(config_read_number, config_capture, file_mib), .least = 1,
     .most = CONFIG_CAPTURE_MIB_MAX},
    {"total_mib", CONFIG_OPTIONAL, "1 to 1048576",
     CONFIG_FIELD(config_read_number, config_capture, total_mib), .least = 1,
     .most = CONFIG_CAPTURE_MIB_MAX},
    {"time_s", CONFIG_OPTIONAL, "1 to 86400",
     CONFIG_FIELD(config_read_number, config_capture, time_s), .least = 1,
     .most = CONFIG_CAPTURE_S_MAX},
    {"allow", CONFIG_OPTIONAL, "wire, decrypted",
     CONFIG_FIELD(config_read_word, config_capture, allow), .least = SLUICE_CAPTURE_WIRE,
     .words = allow_words},
    {0},
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
